"""Payment: charges at a provider, and the points that customers earn."""
