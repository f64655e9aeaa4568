"""What AppConfig hosts: read, held to its schema, written as JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import yaml

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A configuration, or the file that holds it.
Source = Mapping[str, Any] | str | os.PathLike[str]

_SUFFIXES = (".json", ".yaml", ".yml")
# Deeper than anybody writes; what holds itself has no end.
_DEEPEST = 64
# Above it JavaScript's numbers have gaps.
_LARGEST = 2**53


def read(path: str, name: str, source: Source) -> Any:
    """What a configuration says, in the types that JSON has.

    Args:
        path: The construct path.
        name: The keyword that it was given as.
        source: A dict, or the path of a JSON or YAML file.

    Raises:
        PatternError: If there is no such file, or it holds what JSON has no form for.
    """
    if isinstance(source, Mapping):
        return _plain(path, name, source)
    if not isinstance(source, str | os.PathLike):
        raise PatternError(
            path,
            name,
            rule="be a dict, or the path of a file",
            got=type(source).__name__,
            remedy="put a list into a dict or a file",
        )
    file = Path(source)
    if file.suffix not in _SUFFIXES:
        raise PatternError(
            path,
            name,
            rule=f"be the path of a {', '.join(_SUFFIXES[:-1])} or {_SUFFIXES[-1]} file",
            got=repr(str(source)),
            remedy="rename the file, or give a dict",
        )
    return _plain(path, name, _parsed(path, name, file))


def written(scope: cdk.Stack, path: str, name: str, value: Any) -> str:
    """A configuration as JSON.

    Args:
        scope: The stack that it is deployed with, which knows its tokens.
        path: The construct path.
        name: The keyword that it was given as.
        value: What ``read`` returned.

    Raises:
        PatternError: If it doesn't fit into a template.
    """
    if has_token(value):
        _check_kept(path, name, value)
        return scope.to_json_string(value)
    text = json.dumps(value, ensure_ascii=False)
    size = len(text.encode())
    if size > _quotas.CLOUDFORMATION_TEMPLATE_BYTES:
        raise PatternError(
            path,
            name,
            rule=f"fit into a template of {_quotas.CLOUDFORMATION_TEMPLATE_BYTES} bytes",
            got=f"{size} bytes",
            remedy="keep data of that size in S3 or DynamoDB",
        )
    return text


def has_token(value: Any) -> bool:
    """Whether only the deployment knows some of ``value``."""
    if isinstance(value, dict):
        return any(has_token(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return any(map(has_token, value))
    return is_token(value)


def is_token(value: Any) -> bool:
    """Whether CDK is to fill in ``value``; CDK itself can't be asked about just anything."""
    if isinstance(value, str):
        return "{Token[" in value
    if isinstance(value, float):
        return math.isfinite(value) and cdk.Token.is_unresolved(value)
    if hasattr(value, "__jsii_ref__"):
        return cdk.Token.is_unresolved(value)
    return hasattr(value, "resolve") and hasattr(value, "creation_stack")


def shortened(message: str) -> str:
    """A message of somebody else's that may hold a whole configuration, at a readable length."""
    line = " ".join(message.split()).rstrip(".")
    return line if len(line) <= 200 else f"{line[:200]}..."  # noqa: PLR2004 - two lines of text


def _parsed(path: str, name: str, file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
        value = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PatternError(
            path,
            name,
            rule="be a file of JSON or YAML, as its name says",
            got=f"{str(file)!r}: {shortened(reason or '')}",
            remedy="correct the file, or its path",
        ) from error
    if value is None:
        raise PatternError(
            path,
            name,
            rule="say something",
            got=f"an empty {str(file)!r}",
            remedy="write {} if nothing is configured yet",
        )
    return value


def _plain(path: str, name: str, value: Any, at: str = "$", depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise PatternError(
            path,
            name,
            rule=f"be nested no deeper than {_DEEPEST}, nor hold itself",
            got=shortened(at),
            remedy="flatten it",
        )
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or not _is_text(key):
                raise _no_json(path, name, f"the key {key!r} at {at}")
        return {
            key: _plain(path, name, each, f"{at}.{key}", depth + 1) for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [
            _plain(path, name, each, f"{at}[{index}]", depth + 1)
            for index, each in enumerate(value)
        ]
    if value is None or _is_number(value) or _is_text(value) or is_token(value):
        return value
    if isinstance(value, int):
        raise _no_json(path, name, f"a number of over 308 digits at {at}")
    raise _no_json(path, name, f"{shortened(repr(value))} at {at}")


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and math.isfinite(value)
    except OverflowError:  # of a whole number that no reader of JSON keeps
        return False


def _is_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:  # half of a pair of surrogates
        return False


def _no_json(path: str, name: str, got: str) -> PatternError:
    return PatternError(
        path,
        name,
        rule="be made of what JSON has: text, numbers, true, false, null, lists and objects",
        got=got,
        remedy="write it as text",
    )


def _check_kept(path: str, name: str, value: Any) -> None:
    """Refuse what CDK, which then writes the JSON, would not keep as it is."""
    for each in _leaves(value):
        if each is None:
            raise PatternError(
                path,
                name,
                rule="hold no null beside what only the deployment knows",
                got="both",
                remedy="leave out what is null: CDK would drop it",
            )
        if isinstance(each, int) and abs(each) > _LARGEST:
            raise PatternError(
                path,
                name,
                rule=f"hold no whole number over {_LARGEST} beside what only the deployment knows",
                got=each,
                remedy="write it as text: CDK would round it",
            )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    else:
        yield value
