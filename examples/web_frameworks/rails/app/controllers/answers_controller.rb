class AnswersController < ApplicationController
  # The cookies that came, and two more.
  def cookies_that_came
    came = request.cookies.sort.to_h
    cookies[:theme] = "dark"
    cookies[:visited] = { value: "yes", httponly: true }
    render json: came
  end

  # A redirect.
  def moved
    redirect_to "/hello/again"
  end

  # An answer that takes its time.
  def slow
    sleep params[:milliseconds].to_i / 1000.0
    render plain: "Done."
  end

  # A defect.
  def broken
    raise "This is the defect."
  end
end
