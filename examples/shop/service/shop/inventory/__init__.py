"""Inventory: goods that come, are kept for orders, and go."""
