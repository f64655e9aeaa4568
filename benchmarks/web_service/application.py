"""The application, which its own server and Mangum both start."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from answers import BOOK

app = FastAPI()


@app.get("/books/{book_id}")
def book(book_id: str) -> dict[str, Any]:
    """The book of that id."""
    return BOOK | {"id": book_id}
