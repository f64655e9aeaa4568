"""What triggers are made of: asynchronous invocation and what leads to it."""
