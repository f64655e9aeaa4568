"""DynamoDB tables, with plain values in and out, and writes that say what must hold."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FAILED = "ConditionalCheckFailed"
_ATTEMPTS = 6  # at a transaction that another one is in the way of
_PAUSE = 0.05
_serialize, _deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize


class ConditionError(Exception):
    """A transaction of which nothing was written.

    Attributes:
        failed: The places of the writes whose condition did not hold.
    """

    def __init__(self, failed: Sequence[int]) -> None:
        super().__init__(f"the conditions of the writes {[*failed]} did not hold")
        self.failed = failed


class BusyError(Exception):
    """A transaction that others were in the way of, each time: it may be tried again later."""


class Table:
    """A table by its name.

    Args:
        client: The client of DynamoDB.
        name: The name of the table.
        key: The attribute that is its key.
    """

    def __init__(self, client: Any, name: str, key: str = "id") -> None:
        self.client = client
        self.name = name
        self._key = key

    def get(self, value: str) -> dict[str, Any] | None:
        """The item of a key, as it is now."""
        found = self.client.get_item(
            TableName=self.name, Key=marshalled({self._key: value}), ConsistentRead=True
        )
        return plain(found["Item"]) if "Item" in found else None

    def page(self, limit: int, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """Some items, and the key after which there are more."""
        start = {"ExclusiveStartKey": marshalled({self._key: after})} if after else {}
        found = self.client.scan(TableName=self.name, Limit=limit, ConsistentRead=True, **start)
        last = found.get("LastEvaluatedKey")
        return [plain(item) for item in found["Items"]], plain(last)[self._key] if last else None

    def put_new(self, item: Mapping[str, Any]) -> bool:
        """Put an item; ``False`` if its key is taken."""
        put = self.new(item)["Put"]
        return self._holds(lambda: self.client.put_item(**put))

    def update(self, value: str, change: str, condition: str, **values: Any) -> bool:
        """Change an item; ``False`` if the condition doesn't hold."""
        update = self.changed(value, change, condition, **values)["Update"]
        return self._holds(lambda: self.client.update_item(**update))

    def new(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """A write for a transaction: an item whose key isn't taken."""
        return {
            "Put": {
                "TableName": self.name,
                "Item": marshalled(item),
                "ConditionExpression": f"attribute_not_exists({self._key})",
            }
        }

    def changed(
        self, value: str, change: str, condition: str | None, **values: Any
    ) -> dict[str, Any]:
        """A write for a transaction: a change of an item.

        Args:
            value: Its key.
            change: ``SET #state = :state ADD total :total``; ``#name`` stands for ``name``.
            condition: What must hold.
            **values: The values by their names, without the colon.
        """
        expressions = change if condition is None else f"{change} {condition}"
        names = {word.strip("(),") for word in expressions.split() if word.strip("(),")[:1] == "#"}
        return {
            "Update": {
                "TableName": self.name,
                "Key": marshalled({self._key: value}),
                "UpdateExpression": change,
                "ExpressionAttributeValues": marshalled(
                    {f":{name}": each for name, each in values.items()}
                ),
            }
            | ({"ConditionExpression": condition} if condition else {})
            | ({"ExpressionAttributeNames": {name: name[1:] for name in names}} if names else {})
        }

    def _holds(self, write: Any) -> bool:
        try:
            write()
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def transact(client: Any, *writes: Mapping[str, Any]) -> None:
    """Write all of it or nothing.

    Raises:
        ConditionError: If a condition doesn't hold.
        BusyError: If others write the same all the time.
    """
    for attempt in range(_ATTEMPTS):
        try:
            client.transact_write_items(TransactItems=[*writes])
        except client.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
            failed = [place for place, code in enumerate(codes) if code == _FAILED]
            if failed:
                raise ConditionError(failed) from error
            if "TransactionConflict" not in codes:
                raise
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionInProgressException":
                raise
        else:
            return
        time.sleep(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311 - it spreads attempts
    raise BusyError("others write the same items")


def marshalled(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as DynamoDB writes it."""
    return {name: _serialize(value) for name, value in item.items()}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of texts and whole numbers, from what DynamoDB writes."""
    values = {name: _deserialize(value) for name, value in item.items()}
    return {name: v if isinstance(v, str) else int(v) for name, v in values.items()}
