"""What SnapStart excludes, and who must not be given a function that it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LATEST = "$LATEST"

# Of functions that are defined in this process: who publishes them, and who was given them bare.
_ALIASES: WeakKeyDictionary[lambda_.Function, str] = WeakKeyDictionary()
_GIVEN_BARE: WeakKeyDictionary[lambda_.Function, list[tuple[str, str, str | None]]] = (
    WeakKeyDictionary()
)


def properties_of(function: lambda_.Function) -> Mapping[str, Any]:
    """The properties of a function's resource by CDK's names, as far as they are known by now."""
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    properties: Mapping[str, Any] = cdk.Stack.of(function).resolve(resource._cfn_properties)  # noqa: SLF001
    return properties


def starts_from_snapshot(function: lambda_.Function) -> bool:
    """Whether the function's published versions start from a snapshot."""
    applied = cast("lambda_.CfnFunction", function.node.default_child).snap_start
    kind = lambda_.CfnFunction.SnapStartProperty
    return isinstance(applied, kind) and applied.apply_on == "PublishedVersions"


def alias_of(function: lambda_.Function) -> str | None:
    """The path of the ``SnapStartAlias`` that publishes the function, if there is one by now."""
    return _ALIASES.get(function)


def claim(function: lambda_.Function, path: str) -> None:
    """Note which ``SnapStartAlias`` publishes the function."""
    _ALIASES[function] = path


def check_not_bare(
    path: str, name: str, handler: lambda_.IFunction, remedy: str | None = None
) -> None:
    """Refuse a function that starts from snapshots without the alias that leads to them.

    A function may be published after it was given to a pattern, so it is asked for at synthesis
    as well.

    Args:
        path: The construct path of what invokes it.
        name: The keyword.
        handler: What is invoked.
        remedy: What to do about it. Default - give it the alias.

    Raises:
        PatternError: If it leads to ``$LATEST``, of which there is no snapshot.
    """
    function = _behind_latest(handler)
    if function is None:
        return
    if starts_from_snapshot(function):
        raise _bare(path, name, function, remedy)
    if function not in _GIVEN_BARE:
        _GIVEN_BARE[function] = []
        check_at_synthesis(function, lambda: _bare_since(function, _GIVEN_BARE[function]))
    _GIVEN_BARE[function].append((path, name, remedy))


def check_snap_start(path: str, function: lambda_.Function) -> None:
    """Refuse a function that SnapStart can't start.

    Raises:
        PatternError: If it is one.
    """
    for broken in excluded(path, function):
        raise broken


def excluded(path: str, function: lambda_.Function) -> Iterator[PatternError]:
    """What SnapStart excludes and the function has by now.

    Args:
        path: The construct path of its ``SnapStartAlias``.
        function: The function.
    """
    properties = properties_of(function)
    is_image = properties.get("packageType") == "Image"
    runtime = _runtime(function, properties)
    if not is_image and not runtime.supports_snap_start:
        yield _combined(
            path,
            "run in Java 11, Python 3.12 or .NET 8 or newer, or in an image on AWS's base of one",
            runtime.name,
            "name such a runtime, or do without SnapStart",
        )
    size = properties.get("ephemeralStorage", {}).get("size")
    limit = _quotas.SNAPSTART_EPHEMERAL_STORAGE_MB
    if isinstance(size, int | float) and size > limit:
        yield _combined(
            path,
            f"have at most {limit} MB of ephemeral storage",
            f"{size:g} MB",
            "omit its ephemeral_storage_size",
        )
    for name, (rule, got, remedy) in _EXCLUDING.items():
        if properties.get(name):
            yield _combined(path, rule, got, remedy)


def _runtime(function: lambda_.Function, properties: Mapping[str, Any]) -> lambda_.Runtime:
    """What a function runs in, if it was changed on its resource too."""
    name = properties.get("runtime")
    return next(
        (each for each in lambda_.Runtime.ALL if each.name == name != function.runtime.name),
        function.runtime,
    )


def _behind_latest(handler: lambda_.IFunction) -> lambda_.Function | None:
    """The function whose ``$LATEST`` is invoked, if it is defined in this app."""
    if isinstance(handler, lambda_.Function):
        return handler
    version = handler.version if isinstance(handler, lambda_.Alias) else handler
    function = getattr(version, "lambda_", None) if version.node.id == _LATEST else None
    return function if isinstance(function, lambda_.Function) else None


def _bare_since(
    function: lambda_.Function, given: list[tuple[str, str, str | None]]
) -> Iterator[PatternError]:
    if starts_from_snapshot(function):
        yield from (_bare(path, name, function, remedy) for path, name, remedy in given)


def _bare(path: str, name: str, function: lambda_.Function, remedy: str | None) -> PatternError:
    alias = alias_of(function)
    published = (
        f"give it the alias of {alias}"
        if alias
        else "publish it by a SnapStartAlias and give it its alias"
    )
    return PatternError(
        path,
        name,
        rule="be the alias of a function that starts from snapshots: $LATEST has none",
        got=f"{function.node.path} itself",
        remedy=remedy or published,
    )


def _combined(path: str, rule: str, got: str, remedy: str) -> PatternError:
    return PatternError(path, "function", rule=rule, got=got, remedy=remedy)


_EXCLUDING = {
    "fileSystemConfigs": (
        "have no file system",
        "filesystem",
        "read the files from S3, or do without SnapStart",
    ),
    "durableConfig": (
        "be no durable function",
        "durable_config",
        "leave the steps to a durable function that does without SnapStart",
    ),
    "tenancyConfig": (
        "serve every tenant from one snapshot",
        "tenancy_config",
        "do without SnapStart, or keep tenants apart by functions of their own",
    ),
    "capacityProviderConfig": (
        "run on Lambda's own capacity",
        "a capacity provider",
        "its instances stay up: do without SnapStart",
    ),
}
