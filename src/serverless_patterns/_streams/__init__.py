"""What consumers of streams are made of, and how what they give up is replayed."""
