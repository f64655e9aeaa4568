"""The shop-keeper's page, an application of its own that knows the shop by its HTTP API."""
