"""Statements of policies: what they concern, and what follows of several.

- What isn't allowed is denied, and a denial wins: D,
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
- ``NotAction``, ``NotResource`` and ``NotPrincipal`` concern all but what they name: D,
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html

Of conditions only ``aws:SourceArn`` is looked at: others are taken to hold in an allowance, and
not to hold in a denial, with a warning there. That a service comes by TLS is known.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._references import text_with
from serverless_patterns.testing.delivery._template import listed
from serverless_patterns.testing.delivery._values import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from serverless_patterns.testing.delivery._template import Resources

    Statement = Mapping[str, Any]

_ALIAS = "AWS::Lambda::Alias"
_NAMES = ("BucketName", "FunctionName", "Name", "QueueName", "TableName", "TopicName")
_PREFIXES = {
    "AWS::DynamoDB::GlobalTable": "table/",
    "AWS::DynamoDB::Table": "table/",
    "AWS::Events::EventBus": "event-bus/",
    "AWS::Events::Rule": "rule/",
    "AWS::KMS::Key": "key/",
    "AWS::Kinesis::Stream": "stream/",
    "AWS::Lambda::Function": "function:",
}
_ARN_PARTS = 6
# What stands in a resource and has an ARN that begins with its own.
_INSIDE = ("", "/key", "/stream/2026-01-01T00:00:00.000")
_OVER_TLS = ("aws:securetransport", "s3:tlsversion")  # what asks for it


def statements(document: Any) -> Iterator[Statement]:
    """The statements of a policy document, if there is one."""
    yield from listed((document or {}).get("Statement"))


def is_action(statement: Statement, action: str) -> bool:
    """Whether a statement concerns an action."""
    named = statement.get("NotAction", statement.get("Action"))
    is_named = any(fnmatchcase(action.lower(), str(each).lower()) for each in listed(named))
    return is_named is not ("NotAction" in statement)


def is_service(statement: Statement, service: str) -> bool:
    """Whether a statement of a resource's policy concerns a service."""
    return _is_principal(
        statement,
        lambda stated: service in listed(stated.get("Service")) or "*" in listed(stated.get("AWS")),
    )


def is_role(resources: Resources, statement: Statement, role: str) -> bool:
    """Whether a statement of a resource's policy concerns a role."""
    return _is_principal(
        statement,
        lambda stated: any(
            each == "*" or resources.target(each) == role for each in listed(stated.get("AWS"))
        ),
    )


def is_account(statement: Statement) -> bool:
    """Whether a statement of a key's policy leaves it to the policies of roles."""
    return any(
        text_with(each, "").endswith(":root") or each == {"Ref": "AWS::AccountId"}
        for each in listed(_aws(statement.get("Principal")))
    )


def is_on(resources: Resources, statement: Statement, target: str, owner: str) -> bool:
    """Whether a statement of a role's policy concerns a resource, or what is in it.

    Raises:
        DeliveryError: If only deployment tells what it denies.
    """
    named = listed(statement.get("NotResource", statement.get("Resource")))
    is_inverted = "NotResource" in statement
    is_named = any(covers(resources, each, target) for each in named)
    unknown = [each for each in named if not resources.is_known(each)]
    if unknown and not is_named and (statement.get("Effect") == "Deny") is not is_inverted:
        key, what = ("NotResource", "an allowance") if is_inverted else ("Resource", "a denial")
        raise DeliveryError(
            f"{owner}: {key} of {what} must be known before deployment, got {shown(unknown[0])}; "
            "write it out, or pass what it is as imported"
        )
    return is_named is not is_inverted


def is_on_outside(statement: Statement, value: Any) -> bool:
    """Whether a statement of a role's policy concerns what is none of the template."""
    named = statement.get("NotResource", statement.get("Resource"))
    wanted = _shown(value)
    is_named = any(
        fnmatchcase(full, _shown(each))
        for each in listed(named)
        for full in (wanted, f"{wanted}/*")
    )
    return is_named is not ("NotResource" in statement)


def is_allowed(
    resources: Resources, owner: str, concerned: Iterable[Statement], source: str | None = None
) -> bool:
    """Whether statements that all concern a request allow it.

    Args:
        resources: The template.
        owner: What to call whose they are.
        concerned: The statements.
        source: The logical id of the resource that a service acts for.
    """
    found = list(concerned)
    for each in found:
        if each.get("Effect") != "Deny":
            continue
        conditions = _keys(each)
        if not conditions:
            return False
        if conditions.isdisjoint(_OVER_TLS):
            resources.warn(
                f"{owner}: a denial under a condition on {', '.join(sorted(conditions))} is taken "
                "not to hold; check that it doesn't"
            )
    return any(
        each.get("Effect") == "Allow" and _is_source(resources, each.get("Condition"), source)
        for each in found
    )


def covers(resources: Resources, value: Any, target: str) -> bool:
    """Whether an ARN, perhaps with wildcards, is one of a resource or of what is in it."""
    if target == resources.target(value) or (resources.function_of(value) or "")[:1] == (target,):
        return True
    if "*" not in text_with(value, ""):
        return False
    kind = resources.kind(target)
    service = "lambda" if kind == _ALIAS else kind.split("::")[1].lower()
    region_and_account = slice(3, 5)  # every resource of the template has the same
    parts = text_with(value, "*").split(":", _ARN_PARTS - 1)
    if len(parts) == _ARN_PARTS:
        parts[region_and_account] = "*", "*"
    name = f"{_PREFIXES.get(kind, '')}{_name(resources, target)}"
    arn = f"arn:aws:{service}:us-east-1:123456789012:{name}"
    return any(fnmatchcase(f"{arn}{end}", ":".join(parts)) for end in _INSIDE)


def _keys(statement: Statement) -> set[str]:
    blocks = (statement.get("Condition") or {}).values()
    return {str(key).lower() for block in blocks for key in block}


def _is_principal(statement: Statement, names: Any) -> bool:
    """Whether a statement concerns whom a function finds, or everybody."""
    stated = statement.get("NotPrincipal", statement.get("Principal"))
    is_named = bool(names(stated)) if isinstance(stated, dict) else bool(stated == "*")
    return is_named is not ("NotPrincipal" in statement)


def _aws(principal: Any) -> Any:
    return principal.get("AWS") if isinstance(principal, dict) else None


def _is_source(resources: Resources, condition: Any, source: str | None) -> bool:
    """Whether the conditions on ``aws:SourceArn`` hold: each that isn't a negation."""
    return source is None or all(
        any(covers(resources, value, source) for value in listed(values))
        for operator, block in (condition or {}).items()
        for key, values in block.items()
        if key.lower() == "aws:sourcearn" and "Not" not in operator
    )


def _name(resources: Resources, target: str) -> str:
    """The physical name of a resource; its logical id where CloudFormation makes one."""
    properties = resources.properties(target)
    given = [properties.get(key) for key in _NAMES]
    return next((name for name in given if isinstance(name, str)), target)


def _shown(value: Any) -> str:
    """A value with its references written out, without what is special in a pattern."""
    match value:
        case str(text):
            shown = text
        case {"Fn::Join": [str(separator), list(parts)]}:
            shown = separator.join(map(_shown, parts))
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            shown = text
        case _:
            shown = json.dumps(value, sort_keys=True)
    return re.sub(r"[\[\]?]", "|", shown)
