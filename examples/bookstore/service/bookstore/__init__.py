"""A bookstore: an ordinary FastAPI application."""
