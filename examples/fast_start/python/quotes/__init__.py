"""Quotes for what a shop sells."""
