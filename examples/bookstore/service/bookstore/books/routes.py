"""Books over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from bookstore.books.model import Book, BookStorage, Catalog, ChangedBook, Isbn, NewBook, Page
from bookstore.books.sale import percent_off
from bookstore.books.storage import book_storage

router = APIRouter()


def catalog(
    storage: Annotated[BookStorage, Depends(book_storage)],
    percent_off: Annotated[int, Depends(percent_off)],
) -> Catalog:
    """The catalog of the store."""
    return Catalog(storage, percent_off)


@router.get("")
def list_books(
    catalog: Annotated[Catalog, Depends(catalog)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Isbn | None = None,
) -> Page:
    """List books, a page at a time."""
    return catalog.page(limit, after)


@router.post("", status_code=201)
def add_book(catalog: Annotated[Catalog, Depends(catalog)], book: NewBook) -> Book:
    """Add a book."""
    return catalog.add(book)


@router.get("/{book_id}")
def get_book(catalog: Annotated[Catalog, Depends(catalog)], book_id: Isbn) -> Book:
    """Get one book."""
    return catalog.get(book_id)


@router.put("/{book_id}")
def change_book(
    catalog: Annotated[Catalog, Depends(catalog)], book_id: Isbn, book: ChangedBook
) -> Book:
    """Change a book, starting from the version that was read."""
    return catalog.change(book_id, book)
