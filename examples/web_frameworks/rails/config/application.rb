require "rails"
require "action_controller/railtie"

module Greetings
  class Application < Rails::Application
    config.load_defaults 6.1

    # Nothing is signed or encrypted: there is no session.
    config.secret_key_base = ENV.fetch("SECRET_KEY_BASE") { SecureRandom.hex(64) }
    config.session_store :disabled
    config.public_file_server.enabled = true
    config.middleware.use Rack::Deflater
    config.middleware.delete Rack::ETag # it holds a stream back until its end
  end
end
