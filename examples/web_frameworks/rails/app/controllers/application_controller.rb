class ApplicationController < ActionController::Base
  # There is no session that a foreign page's form could use.
  skip_forgery_protection
end
