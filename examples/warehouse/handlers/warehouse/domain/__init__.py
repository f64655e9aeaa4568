"""What happens in a warehouse, without a word about AWS."""
