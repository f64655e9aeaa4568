"""Orders: what customers want, and what becomes of it."""
