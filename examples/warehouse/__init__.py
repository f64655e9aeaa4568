"""A warehouse: six event sources, each of which delivers more than once and loses nothing."""
