"""DynamoDB in memory, as far as Powertools and the examples use it."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Item = dict[str, dict[str, str]]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    ">=": lambda one, other: one >= other,
    "<>": lambda one, other: one != other,
}


class RefusedError(ClientError):
    """A write whose condition did not hold."""


class Exceptions:
    ConditionalCheckFailedException = TransactionCanceledException = RefusedError


class InMemoryDynamoDb:
    """A client of tables by name, whose items have the key ``id`` or ``sku``.

    Operations of several threads follow one another, as those on an item do.

    ``before`` is called with the name of each operation and may raise: what comes of a write that
    fails, or of a crash between two of them.
    """

    exceptions = Exceptions

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Item]] = {}
        self.before: Callable[[str], None] = lambda _: None
        self._lock = threading.Lock()

    def items(self, table: str) -> dict[str, Item]:
        """The items of a table by their key."""
        return self.tables.setdefault(table, {})

    def put(self, table: str, item: Item) -> None:
        """Put an item whatever is there."""
        self.items(table)[_key(item)] = item

    def put_item(self, **request: Any) -> None:
        self.before("put_item")
        with self._lock:
            self._check(request, request["Item"])
            self.put(request["TableName"], request["Item"])

    def update_item(self, **request: Any) -> None:
        self.before("update_item")
        with self._lock:
            self._check(request, request["Key"])
            self._update(request)

    def delete_item(self, **request: Any) -> None:
        self.before("delete_item")
        self.items(request["TableName"]).pop(_key(request["Key"]), None)

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.before("get_item")
        item = self.items(request["TableName"]).get(_key(request["Key"]))
        return {"Item": item} if item else {}

    def scan(self, **request: Any) -> dict[str, Any]:
        """A page, in the order of the keys."""
        self.before("scan")
        items = self.items(request["TableName"])
        start = request.get("ExclusiveStartKey")
        keys = [key for key in sorted(items) if start is None or key > _key(start)]
        page = keys[: request["Limit"]]
        found: dict[str, Any] = {"Items": [items[key] for key in page]}
        if len(keys) > len(page):
            name = "id" if "id" in items[page[-1]] else "sku"
            found["LastEvaluatedKey"] = {name: {"S": page[-1]}}
        return found

    def transact_write_items(self, **request: Any) -> None:
        self.before("transact_write_items")
        puts = [each["Put"] for each in request["TransactItems"] if "Put" in each]
        updates = [each["Update"] for each in request["TransactItems"] if "Update" in each]
        with self._lock:
            held = [self._holds(put, put["Item"]) for put in puts]
            held += [self._holds(update, update["Key"]) for update in updates]
            if not all(held):
                reasons = [{"Code": "None" if one else "ConditionalCheckFailed"} for one in held]
                error: Any = {"Error": {"Code": "TransactionCanceledException"}}
                raise RefusedError(error | {"CancellationReasons": reasons}, "TransactWriteItems")
            for put in puts:
                self.put(put["TableName"], put["Item"])
            for update in updates:
                self._update(update)

    def _check(self, request: Mapping[str, Any], key: Item) -> None:
        if not self._holds(request, key):
            old = self.items(request["TableName"]).get(_key(key))
            error: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": old}
            raise RefusedError(error, "PutItem")

    def _holds(self, request: Mapping[str, Any], key: Item) -> bool:
        item = self.items(request["TableName"]).get(_key(key), {})
        names = request.get("ExpressionAttributeNames", {})
        values = request.get("ExpressionAttributeValues", {})

        def exists(match: re.Match[str]) -> str:
            return str((names.get(match[2], match[2]) in item) == (match[1] == "exists"))

        def compared(match: re.Match[str]) -> str:
            one = item.get(names.get(match[1], match[1]))
            if one is None:
                return "False"
            return str(_COMPARE[match[2]](_plain(one), _plain(values[match[3]])))

        condition = request.get("ConditionExpression", "True")
        condition = re.sub(r"attribute_(exists|not_exists)\((#?\w+)\)", exists, condition)
        condition = re.sub(r"(#?\w+) (=|<>|<|>=) (:\w+)", compared, condition)
        condition = condition.replace("AND", "and").replace("OR", "or")
        assert re.fullmatch(r"(?:True|False|and|or|[ ()])+", condition), condition
        return bool(eval(condition))

    def _update(self, request: Mapping[str, Any]) -> None:
        names = request.get("ExpressionAttributeNames", {})
        values = request["ExpressionAttributeValues"]
        item = dict(self.items(request["TableName"]).get(_key(request["Key"]), request["Key"]))
        for verb, changes in re.findall(
            r"(SET|ADD) (.+?)(?= SET | ADD |$)", request["UpdateExpression"]
        ):
            for change in changes.split(", "):
                name, value = change.split(" = " if verb == "SET" else " ")
                name = names.get(name, name)
                added = _plain(item.get(name, {"N": "0"})) if verb == "ADD" else None
                item[name] = (
                    values[value] if added is None else {"N": str(added + _plain(values[value]))}
                )
        self.put(request["TableName"], item)


def _key(item: Mapping[str, Mapping[str, str]]) -> str:
    return item["id" if "id" in item else "sku"]["S"]


def _plain(value: Mapping[str, str]) -> Any:
    return int(value["N"]) if "N" in value else value["S"]
