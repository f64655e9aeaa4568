"""A shop: inventory, payment and orders, each behind an interface, and what sales tell."""
