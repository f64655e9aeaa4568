"""Books and the rules about them."""

from __future__ import annotations

from typing import Annotated, Protocol

from pydantic import BaseModel, Field

from bookstore.errors import Conflict, NotFound

Isbn = Annotated[str, Field(pattern=r"^\d{13}$", examples=["9780131103627"])]


class BookDetails(BaseModel):
    """What a person says of a book."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    author: Annotated[str, Field(min_length=1, max_length=200)]
    price_cents: Annotated[int, Field(gt=0)]
    stock: Annotated[int, Field(ge=0)] = 0


class NewBook(BookDetails):
    """A book to be added, under its ISBN."""

    isbn: Isbn


class ChangedBook(BookDetails):
    """A book's new details, and the version that they were made from."""

    version: Annotated[int, Field(ge=1)]


class Book(BookDetails):
    """A book on the shelves; every change raises its version."""

    id: Isbn
    version: int


class Page(BaseModel):
    """Some books, and where the next page starts, if there is one."""

    books: list[Book]
    next: Isbn | None = None


class BookStorage(Protocol):
    """Where books are kept."""

    def add(self, book: Book) -> bool:
        """Keep a new book; ``False`` if its id is taken."""

    def find(self, book_id: str) -> Book | None:
        """The book, if it is there."""

    def page(self, limit: int, after: str | None) -> Page:
        """At most ``limit`` books after the one named."""

    def replace(self, book: Book, version: int) -> bool:
        """Keep ``book`` in place of its ``version``; ``False`` if that isn't there any more."""


class Catalog:
    """The books of the store, at the prices of a sale while there is one."""

    def __init__(self, storage: BookStorage, percent_off: int = 0) -> None:
        self._storage = storage
        self._percent_off = percent_off

    def add(self, new: NewBook) -> Book:
        """Add a book that isn't there yet."""
        book = Book(id=new.isbn, version=1, **new.model_dump(exclude={"isbn"}))
        if not self._storage.add(book):
            raise Conflict(f"book {book.id} is there already")
        return book

    def get(self, book_id: str) -> Book:
        """The book of that id."""
        book = self._storage.find(book_id)
        if book is None:
            raise NotFound(f"there is no book {book_id}")
        return self._on_sale(book)

    def page(self, limit: int, after: str | None) -> Page:
        """At most ``limit`` books after the one named."""
        page = self._storage.page(limit, after)
        return Page(books=[self._on_sale(book) for book in page.books], next=page.next)

    def change(self, book_id: str, changed: ChangedBook) -> Book:
        """Replace a book's details, unless someone else did so first."""
        details = changed.model_dump(exclude={"version"})
        book = Book(id=book_id, version=changed.version + 1, **details)
        if not self._storage.replace(book, changed.version):
            there = self.get(book_id)
            raise Conflict(f"book {book_id} is at version {there.version}, not {changed.version}")
        return book

    def _on_sale(self, book: Book) -> Book:
        price = max(book.price_cents * (100 - self._percent_off) // 100, 1)
        return book.model_copy(update={"price_cents": price})
