"""Books: what the store has on its shelves."""

from bookstore.books.routes import router

__all__ = ["router"]
