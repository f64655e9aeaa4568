"""Where a template comes from, and what CloudFormation refuses of any."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serverless_patterns.testing.delivery._conditions import Conditions
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._values import is_intrinsic, shown

_NO_VALUE = {"Ref": "AWS::NoValue"}
_DEEPEST = 100
_WHAT = "pass a dictionary with Resources, an assertions.Template, a Stack or the path of a file"


def resources_of(template: Any, imported: Any) -> dict[str, Mapping[str, Any]]:
    """The resources of a template, and what the caller tells beside.

    Args:
        template: A dictionary, a ``Template``, a ``Stack`` or the path of a file.
        imported: Resources by ids of the caller's.

    Raises:
        DeliveryError: If there are none, or CloudFormation would refuse them.
    """
    read = _read(template)
    own = read.get("Resources")
    if not isinstance(own, Mapping):
        raise DeliveryError(
            f"template must have Resources by their logical ids, got {type(own).__name__}; {_WHAT}"
        )
    if "Transform" in read:
        raise DeliveryError(
            f"template must be what CloudFormation deploys, got a Transform, "
            f"{shown(read['Transform'])}; process it first"
        )
    told = {} if imported is None else imported
    if not isinstance(told, Mapping):
        raise DeliveryError(
            f"imported must hold resources by ids of your own, got {type(told).__name__}; "
            'for example {"Orders": {"Type": "AWS::SQS::Queue"}}'
        )
    for name in told:
        if name in own:
            raise DeliveryError(
                f"imported must hold what the template doesn't define, got {name!r}; "
                "choose another id"
            )
    conditions = Conditions(read.get("Conditions"))
    return {
        str(name): _resource(str(name), each, conditions)
        for name, each in {**own, **told}.items()
        if not _is_left_out(each, conditions)
    }


def _is_left_out(stated: Any, conditions: Conditions) -> bool:
    return isinstance(stated, Mapping) and conditions.holds(stated.get("Condition")) is False


def _resource(name: str, stated: Any, conditions: Conditions) -> Mapping[str, Any]:
    """A resource, without what has no value and without what a condition decides here."""
    if not isinstance(stated, Mapping) or not isinstance(stated.get("Type"), str):
        raise DeliveryError(
            f"{name}: a resource must be an object with a Type, got {shown(stated)}; "
            "correct the template"
        )
    properties = _plain(f"{name}: Properties", stated.get("Properties", {}), conditions, 0)
    if not isinstance(properties, dict) or is_intrinsic(properties):
        raise DeliveryError(
            f"{name}: Properties must be an object, got {shown(properties)}; correct the template"
        )
    resource = {**stated, "Properties": properties}
    if conditions.holds(stated.get("Condition")):
        del resource["Condition"]
    return resource


def _plain(at: str, value: Any, conditions: Conditions, depth: int) -> Any:
    """A value without what is ``AWS::NoValue`` in it, and with what conditions decide."""
    if value is None:
        raise DeliveryError(
            f"{at} must not be null, got null; omit it, as CloudFormation refuses null"
        )
    if depth > _DEEPEST:
        raise DeliveryError(
            f"{at[:100]} must be nested {_DEEPEST} times at most, got more; correct the template"
        )
    match value:
        case {"Fn::If": [condition, then, otherwise]} if len(value) == 1:
            decided = conditions.holds(condition)
            if decided is None:
                return value
            return _plain(at, then if decided else otherwise, conditions, depth + 1)
        case Mapping():
            inner = {
                str(key): _plain(f"{at}.{key}", each, conditions, depth + 1)
                for key, each in value.items()
            }
            return {key: each for key, each in inner.items() if each != _NO_VALUE}
        case list() | tuple():
            several = [
                _plain(f"{at}.{position}", each, conditions, depth + 1)
                for position, each in enumerate(value)
            ]
            return [each for each in several if each != _NO_VALUE]
    return value


def _read(template: Any) -> Mapping[str, Any]:
    if isinstance(template, str | Path):
        return _file(Path(template))
    if hasattr(template, "to_json"):
        return dict(template.to_json())
    if hasattr(template, "template_options"):  # a Stack, without importing CDK for a dictionary
        from aws_cdk import assertions  # noqa: PLC0415 - see above

        return dict(assertions.Template.from_stack(template).to_json())
    if isinstance(template, Mapping) and "Resources" in template:
        return template
    raise DeliveryError(
        f"template must be a synthesized template, got {type(template).__name__}; {_WHAT}"
    )


def _file(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DeliveryError(
            f"template must be the path of a file that can be read, got {str(path)!r} "
            f"({error.strerror}); synthesize it first, or pass the Stack"
        ) from None
    except (RecursionError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise DeliveryError(
            f"template must be a file of a JSON object, got {str(path)!r}; "
            "pass one that cdk synth wrote into cdk.out"
        )
    return found
