class NotesController < ApplicationController
  # A JSON body.
  def create
    render json: { id: 1, title: params.require(:title) }, status: :created
  end

  # An answer without a body.
  def destroy
    head :no_content
  end
end
