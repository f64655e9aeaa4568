"""Functions that start from snapshots, in Python and in Java."""
