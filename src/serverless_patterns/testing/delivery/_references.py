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
    return list(_merged(_parts(value, of_name, of_export)))


def text_of(parts: Iterable[Part]) -> str:
    """What parts say, with names instead of what isn't known."""
    return "".join(part if isinstance(part, str) else f"${{{part[0]}}}" for part in parts)


def _parts(value: Any, of_name: Find, of_export: Find) -> list[Part]:
    if isinstance(value, str):
        return [Unknown(value)] if _DYNAMIC in value else [value]
    if not is_intrinsic(value):
        return [Unknown(shown(value))]
    match value:
        case {"Ref": str(name)} if name in _PSEUDO:
            return [_PSEUDO[name]]
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return [_named(name, of_name)]
        case {"Fn::GetAtt": str(attribute)}:
            return [_named(attribute.split(".")[0], of_name)]
        case {"Fn::Sub": str(text)}:
            return _substituted(text, {}, of_name, of_export)
        case {"Fn::Sub": [str(text), Mapping() as own]}:
            return _substituted(text, own, of_name, of_export)
        case {"Fn::Join": [str(between), list(inner)]}:
            joined: list[Part] = []
            for position, each in enumerate(inner):
                joined += [between] if position else []
                joined += _parts(each, of_name, of_export)
            return joined
        case {"Fn::Select": [position, {"Fn::Split": [str(between), inner]}]}:
            found = list(_merged(_parts(inner, of_name, of_export)))
            return [_selected(str(position), between, found, value)]
        case {"Fn::ImportValue": str(export)} | {"Fn::GetStackOutput": {"OutputName": str(export)}}:
            name = of_export(export)
            return [Unknown(shown(value)) if name is None else Reference(name)]
    return [Unknown(shown(value))]


def _named(name: str, of_name: Find) -> Part:
    found = of_name(name)
    return Unknown(name) if found is None else Reference(found)


def _substituted(text: str, own: Mapping[str, Any], of_name: Find, of_export: Find) -> list[Part]:
    """The parts of a text with variables, of which it may define some itself."""
    found: list[Part] = []
    for position, each in enumerate(_VARIABLE.split(text)):
        name = each.strip()
        if position % 2 == 0:
            found.append(each)
        elif name.startswith("!"):
            found.append(f"${{{name[1:]}}}")
        elif name in own:
            found += _parts(own[name], of_name, of_export)
        elif name in _PSEUDO:
            found.append(_PSEUDO[name])
        else:
            found.append(_named(name.split(".")[0], of_name))
    return [Unknown(text)] if _DYNAMIC in text else found


def _selected(position: str, between: str, parts: list[Part], value: Any) -> Part:
    """A piece of what is split; of a resource's ARN its name, but for what comes before."""
    match parts:
        case [str(text)] if position.isdecimal() and int(position) < len(text.split(between)):
            return text.split(between)[int(position)]
        case [Reference() as only]:
            return _OF_ARN.get(position, only) if between == ":" else only
    return Unknown(shown(value))


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
