environment ENV.fetch("RAILS_ENV", "production")
port ENV.fetch("PORT", 8080)
threads 1, 5
