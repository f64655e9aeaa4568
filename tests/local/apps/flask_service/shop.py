"""An ordinary Flask application."""

import logging
from typing import Any

import flask

app = flask.Flask("shop")
logging.basicConfig(level=logging.INFO, force=True)


@app.get("/books/<int:book_id>")
def get_book(book_id: int) -> dict[str, Any]:
    """Get a book."""
    logging.getLogger("shop").info("somebody asked for book %d", book_id)
    return {"id": book_id, "agent": flask.request.headers.get("user-agent")}
