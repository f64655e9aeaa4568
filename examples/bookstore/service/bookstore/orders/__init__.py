"""Orders: what customers want of the store."""

from bookstore.orders.routes import router

__all__ = ["router"]
