"""What a poller of a queue is made of, and how its dead letters are moved back."""
