"""A warehouse's event handlers: one module for each source, and what they share."""
