"""One small web application in seven frameworks, none of which knows about Lambda."""
