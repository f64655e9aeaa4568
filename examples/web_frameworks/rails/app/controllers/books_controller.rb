class BooksController < ApplicationController
  # An answer that is worth compressing.
  def index
    render json: (1..200).map { |id| { id: id, title: "Book #{id}" } }
  end
end
