Rails.application.routes.draw do
  root "greetings#index"

  get "/hello/:name", to: "greetings#hello", constraints: { name: %r{[^/]+} }
  post "/greetings", to: "greetings#greet"
  get "/search", to: "greetings#search"
  get "/books", to: "books#index"
  post "/notes", to: "notes#create"
  delete "/notes/:id", to: "notes#destroy"
  post "/uploads", to: "files#upload"
  get "/download", to: "files#download"
  get "/cookies", to: "answers#cookies_that_came"
  get "/moved", to: "answers#moved"
  get "/slow/:milliseconds", to: "answers#slow"
  get "/stream", to: "streams#show"
  get "/broken", to: "answers#broken"
end
