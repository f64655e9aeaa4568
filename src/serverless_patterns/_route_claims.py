"""What an application answers, and the routes that API Gateway can have for it."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from serverless_patterns._route_paths import (
    METHODS,
    InexpressibleError,
    gateway_form,
    parts_of,
    pattern_of,
    position,
    segments_of,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from serverless_patterns._route_paths import Part


@dataclass(eq=False)
class Found:
    """What an application answers, in its framework's terms.

    Attributes:
        path: The path as the application writes it.
        method: The method, or ``ANY``; empty if path and method are not what leads there.
        parts: The parts of the path.
        module: The module that defines the endpoint; ``None`` if that is the framework's own.
        is_async: Whether the endpoint is asynchronous.
        endpoint: What tells endpoints apart.
        why: Why API Gateway can't express it, where path and method don't tell.
    """

    path: str
    method: str = ""
    parts: Sequence[Part] = ()
    module: str | None = None
    is_async: bool = False
    endpoint: int = 0
    why: str = ""

    def __post_init__(self) -> None:
        self.methods = METHODS if self.method == "ANY" else {self.method} - {""}
        paths = {_filled(self.parts), _filled(self.parts, slash="/")} - {None}
        self.requests = [*product(sorted(self.methods), sorted(map(str, paths)))]
        try:
            self._match = re.compile(pattern_of(self.parts)).fullmatch
        except re.error:  # of a converter that only the application knows
            self._match = re.compile("(?!)").fullmatch

    def answers(self, method: str, path: str) -> bool:
        """Whether its framework takes it for a request that nothing before it answers."""
        return self.method in (method, "ANY") and self._match(path) is not None

    def gateway_path(self) -> str:
        """Its path in API Gateway's form.

        Raises:
            InexpressibleError: If API Gateway has no such route.
        """
        if self.why or self.module is None:
            raise InexpressibleError(self.why)
        if self.method not in METHODS:
            raise InexpressibleError(f"API Gateway has no method {self.method}")
        return gateway_form(self.parts)


@dataclass(eq=False)
class Claim:
    """A route of API Gateway, and what the application answers there.

    Attributes:
        method: The method.
        path: The path in API Gateway's form.
        found: What the application answers.
        answers_head: Whether ``HEAD`` is answered by the endpoint of this ``GET``.
    """

    method: str
    path: str
    found: list[Found]
    answers_head: bool = False

    @property
    def endpoints(self) -> set[int]:
        """The endpoints that answer."""
        return {each.endpoint for each in self.found}

    @property
    def methods(self) -> AbstractSet[str]:
        """The methods of requests that API Gateway sends there."""
        return METHODS if self.method == "ANY" else {self.method, *["HEAD"] * self.answers_head}


def tell_apart(found: Sequence[Found]) -> tuple[list[Claim], list[tuple[str, str]]]:
    """The routes that API Gateway can have, and each path that it can't, with the reason.

    Args:
        found: What an application answers, in the order in which its framework tries it.
    """
    answered = _answered(found, (each for one in found for each in one.requests))
    visible = {*answered.values()}
    claims: dict[tuple[str, str], Claim] = {}
    left = []
    for each in found:
        if (each.requests and each not in visible) or (each.module is None and not each.why):
            continue  # it is hidden by what comes before, or the framework's own
        try:
            claim = Claim(each.method, each.gateway_path(), [])
        except InexpressibleError as error:
            left.append((each.path, str(error)))
        else:
            claims.setdefault((claim.method, claim.path), claim).found.append(each)
    for head in [claim for claim in claims.values() if claim.method == "HEAD"]:
        get = claims.get(("GET", head.path))
        if get and head.endpoints <= get.endpoints:
            get.answers_head = True
            del claims["HEAD", head.path]
    answered |= _answered(found, _meetings(found, claims.values()))
    while confused := dict(_confused([*claims.values()], answered)):
        for claim, other in confused.items():
            del claims[claim.method, claim.path]
            for each in claim.found:
                than = claim.found[0] if each is other else other
                left.append((each.path, f"API Gateway can't tell it from {than.path}"))
    return [*claims.values()], [*dict.fromkeys(left)]


def _answered(
    found: Sequence[Found], requests: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Found]:
    """Requests, and what their framework answers them with: the first that matches."""
    return {
        request: each
        for request in dict.fromkeys(requests)
        if (each := next((one for one in found if one.answers(*request)), None))
    }


def _meetings(found: Sequence[Found], claims: Iterable[Claim]) -> Iterator[tuple[str, str]]:
    """Requests that one endpoint may answer and API Gateway may send to another."""
    asked = (each for each in found if each.module is not None)
    answering = _by_path((each.path, each.parts, each.methods) for each in asked)
    taking = _by_path((each.path, parts_of(each.path), each.methods) for each in claims)
    for (methods, segments), (others, theirs) in product(answering, taking):
        common = methods & others
        path = _meeting(segments, theirs) if common else None
        if path is not None:
            yield from product(sorted(common), [path])


def _by_path(
    each: Iterable[tuple[str, Sequence[Part], AbstractSet[str]]],
) -> list[tuple[set[str], list[_Segment]]]:
    methods: dict[str, set[str]] = defaultdict(set)
    segments: dict[str, list[_Segment]] = {}
    for path, parts, some in each:
        methods[path] |= some
        segments[path] = [*map(_Segment.of, segments_of(parts))]
    return [(methods[path], segments[path]) for path in segments]


def _confused(
    claims: Sequence[Claim], answered: Mapping[tuple[str, str], Found]
) -> Iterator[tuple[Claim, Found]]:
    """Claims to which API Gateway would send what another module or another route answers."""
    for claim in claims:
        yield from ((claim, each) for each in claim.found if each.module != claim.found[0].module)
    ranked = sorted(claims, key=lambda claim: (_rank(claim.path), claim.method == "ANY"))
    matches = [(claim, re.compile(pattern_of(parts_of(claim.path))).fullmatch) for claim in ranked]
    # What takes all that is left is the application's own catch-all, and served as that.
    fallbacks = [claim for claim in claims if position(claim.path) == "/{+}"]
    exempt = {each for claim in fallbacks for each in claim.found}
    for (method, path), found in answered.items():
        if found.module is not None and found not in exempt:
            there = (each for each, match in matches if method in each.methods and match(path))
            taking = next(there, None)
            if taking and taking not in fallbacks and found.endpoint not in taking.endpoints:
                yield taking, found


def _rank(path: str) -> tuple[bool, list[int]]:
    """Where API Gateway tries a path: whole matches come first, text before parameters."""
    kinds = [segment.startswith("{") + segment.endswith("+}") for segment in path.split("/")]
    return "+}" in path, kinds


def _filled(parts: Sequence[Part], slash: str = "") -> str | None:
    """A path, or a part of one, with values for its parameters."""
    values = [
        part if isinstance(part, str) else value_of(part[1], slash) or value_of(part[1])
        for part in parts
    ]
    return None if None in values else "".join(map(str, values))


class _Segment(NamedTuple):
    """What stands between two slashes: a pattern if there is a parameter in it, and a value."""

    pattern: str
    value: str | None

    @classmethod
    def of(cls, parts: Sequence[Part]) -> _Segment:
        is_text = all(isinstance(part, str) for part in parts)
        return cls("" if is_text else pattern_of(parts), _filled(parts))

    def takes(self, value: str | None) -> bool:
        """Whether a request may have this value here."""
        if value is None or not self.pattern:
            return value is not None and value == self.value
        with suppress(re.error):
            return re.fullmatch(self.pattern, value) is not None
        return False


def _meeting(one: Sequence[_Segment], other: Sequence[_Segment]) -> str | None:
    """A path that all these segments match, if one is easily found."""
    shorter, longer = sorted((one, other), key=len)
    last = longer[-1]
    if len(shorter) < len(longer):  # the last parameter would have to take slashes
        rest = [each.value for each in longer[len(shorter) - 1 :]]
        last = _Segment("", None if None in rest else "/".join(map(str, rest)))
    values = []
    for mine, others in zip(shorter, [*longer[: len(shorter) - 1], last], strict=True):
        if mine.takes(others.value):
            values.append(others.value)
        elif others.takes(mine.value):
            values.append(mine.value)
        else:
            return None
    return "/".join(map(str, values))
