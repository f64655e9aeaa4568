class GreetingsController < ApplicationController
  # The page with the forms.
  def index; end

  # A route parameter.
  def hello
    render plain: "Hello, #{params[:name]}!"
  end

  # A form: remember the name in a cookie and go to its greeting.
  def greet
    name = params.require(:name)
    cookies[:name] = { value: name, httponly: true }
    redirect_to "/hello/#{ERB::Util.url_encode(name)}", status: :see_other
  end

  # A query, with a key that may come again.
  def search
    query = Rack::Utils.parse_query(request.query_string)
    render json: { q: query.fetch("q", ""), tags: Array(query["tag"]) }
  end
end
