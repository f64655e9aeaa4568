"""A bookstore: one FastAPI application, deployed as one monolithic function."""
