"""Books in DynamoDB."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.conditions import Attr

from bookstore.books.model import Book, BookStorage, Page


class DynamoDbBooks:
    """Books in a table whose partition key is ``id``."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._refused = table.meta.client.exceptions.ConditionalCheckFailedException

    def add(self, book: Book) -> bool:
        """Keep a new book; ``False`` if its id is taken."""
        return self._put(book, Attr("id").not_exists())

    def find(self, book_id: str) -> Book | None:
        """The book, if it is there."""
        item = self._table.get_item(Key={"id": book_id}, ConsistentRead=True).get("Item")
        return Book.model_validate(item) if item else None

    def page(self, limit: int, after: str | None) -> Page:
        """At most ``limit`` books after the one named, in no particular order."""
        start = {"ExclusiveStartKey": {"id": after}} if after else {}
        answer = self._table.scan(Limit=limit, **start)
        books = [Book.model_validate(item) for item in answer["Items"]]
        return Page(books=books, next=answer.get("LastEvaluatedKey", {}).get("id"))

    def replace(self, book: Book, version: int) -> bool:
        """Keep ``book`` in place of its ``version``; ``False`` if that isn't there any more."""
        return self._put(book, Attr("version").eq(version))

    def _put(self, book: Book, condition: Any) -> bool:
        try:
            self._table.put_item(Item=book.model_dump(), ConditionExpression=condition)
        except self._refused:
            return False
        return True


@cache
def book_storage() -> BookStorage:
    """The table that the environment names, connected to once for each execution environment."""
    return DynamoDbBooks(boto3.resource("dynamodb").Table(os.environ["BOOKS_TABLE"]))
