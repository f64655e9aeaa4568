class StreamsController < ApplicationController
  include ActionController::Live

  # Five lines, one after the other.
  def show
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    (1..5).each do |number|
      response.stream.write "line #{number}\n"
      sleep 0.1
    end
  ensure
    response.stream.close
  end
end
