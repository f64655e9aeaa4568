"""A shop: one application of three domains, cut into services in three steps."""
