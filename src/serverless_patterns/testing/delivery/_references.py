"""What a value of a template refers to, before it is deployed.

What CloudFormation tells of the account, and what a template names by itself, counts as text. A
parameter, an export of another stack, a condition and a dynamic reference are unknown.

See:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from serverless_patterns.testing.delivery._stamps import ACCOUNT, REGION
from serverless_patterns.testing.delivery._values import is_intrinsic, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC = "{{resolve:"
STACK = "${AWS.Stack"  # what the names of the stack begin with
_STACK = ("AWS::StackId", "AWS::StackName")  # the same wherever the template says it
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
    **{name: f"${{{name.replace('::', '.')}}}" for name in _STACK},
}
_OF_ARN = {"0": "arn", "1": "aws", "3": REGION, "4": ACCOUNT}  # where every ARN has the same


class Reference(NamedTuple):
    """A part of a value that a resource of the template decides."""

    logical_id: str


class Unknown(NamedTuple):
    """A part of a value that nothing tells before deployment."""

    text: str


Part: TypeAlias = str | Reference | Unknown
Find: TypeAlias = "Callable[[str], str | None]"


def parts_of(value: Any, of_name: Find, of_export: Find) -> list[Part]:
    """The parts that a value will be put together from.

    Args:
        value: The value.
        of_name: Tells the logical id of what is referred to by a name.
        of_export: Tells that of what another stack exports by a name.
    """
    return list(_merged(_Reader(of_name, of_export).read(value)))


def text_of(parts: Iterable[Part]) -> str:
    """What parts say, with names instead of what isn't known."""
    return "".join(part if isinstance(part, str) else f"${{{part[0]}}}" for part in parts)


class _Reader:
    """Reads a value by the function that it is."""

    def __init__(self, of_name: Find, of_export: Find) -> None:
        self._of_name = of_name
        self._of_export = of_export
        self._functions: Mapping[str, Callable[[Any], list[Part] | None]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::GetStackOutput": self._get_stack_output,
            "Fn::ImportValue": self._import_value,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Sub": self._sub,
        }

    def read(self, value: Any) -> list[Part]:
        """The parts of a value; one that isn't known where nothing tells."""
        if isinstance(value, str):
            return [Unknown(value)] if _DYNAMIC in value else [value]
        found = None
        if is_intrinsic(value):
            [(function, operand)] = value.items()
            found = self._functions.get(function, lambda _: None)(operand)
        return [Unknown(shown(value))] if found is None else found

    def _named(self, name: str) -> Part:
        found = self._of_name(name)
        return Unknown(name) if found is None else Reference(found)

    def _ref(self, operand: Any) -> list[Part] | None:
        if not isinstance(operand, str):
            return None
        return [_PSEUDO[operand] if operand in _PSEUDO else self._named(operand)]

    def _get_att(self, operand: Any) -> list[Part] | None:
        match operand:
            case str(name) | [str(name), *_]:
                return [self._named(name.split(".")[0])]
        return None

    def _import_value(self, operand: Any) -> list[Part] | None:
        found = self._of_export(operand) if isinstance(operand, str) else None
        return None if found is None else [Reference(found)]

    def _get_stack_output(self, operand: Any) -> list[Part] | None:
        return self._import_value(
            operand.get("OutputName") if isinstance(operand, Mapping) else None
        )

    def _join(self, operand: Any) -> list[Part] | None:
        match operand:
            case [str(between), list(inner)]:
                joined: list[Part] = []
                for position, each in enumerate(inner):
                    joined += [between] if position else []
                    joined += self.read(each)
                return joined
        return None

    def _select(self, operand: Any) -> list[Part] | None:
        match operand:
            case [int() | str() as position, {"Fn::Split": [str(between), inner]}] if between:
                found = list(_merged(self.read(inner)))
                selected = _selected(str(position), between, found)
                return None if selected is None else [selected]
        return None

    def _sub(self, operand: Any) -> list[Part] | None:
        """The parts of a text with variables, of which it may define some itself."""
        match operand:
            case str(text):
                own: Mapping[str, Any] = {}
            case [str(text), Mapping() as own]:
                pass
            case _:
                return None
        found: list[Part] = []
        for position, each in enumerate(_VARIABLE.split(text)):
            name = each.strip()
            if position % 2 == 0:
                found.append(each)
            elif name.startswith("!"):
                found.append(f"${{{name[1:]}}}")
            elif name in own:
                found += self.read(own[name])
            else:
                found += self._ref(name if name in _PSEUDO else name.split(".")[0]) or []
        return None if _DYNAMIC in text else found


def _selected(position: str, between: str, parts: list[Part]) -> Part | None:
    """A piece of what is split; of a resource's ARN its name, but for what comes before."""
    match parts:
        case [str(text)] if position.isdecimal() and int(position) < len(text.split(between)):
            return text.split(between)[int(position)]
        case [Reference() as only]:
            return _OF_ARN.get(position, only) if between == ":" else only
    return None


def _merged(parts: Iterable[Part]) -> Iterator[Part]:
    """Parts with texts that follow one another put together."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    if text:
        yield text


def text_with(value: Any, reference: str) -> str:
    """The text of a value, with something instead of what it refers to."""
    match value:
        case str(text):
            return text
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(text_with(part, reference) for part in parts)
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            return _VARIABLE.sub(reference, text)
    return reference
