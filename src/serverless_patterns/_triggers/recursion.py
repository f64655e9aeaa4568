"""Whether a function may cause the very events that invoke it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from serverless_patterns._streams.readers import identity
from serverless_patterns._triggers.notifications import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_cdk import aws_lambda as lambda_

# What a caller must be allowed to, to cause an event.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
_CAUSED_BY = {
    "s3:ObjectCreated:": ("s3:PutObject",),
    "s3:ObjectRemoved:": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3:ObjectTagging:": (
        *("s3:PutObjectTagging", "s3:DeleteObjectTagging"),
        *("s3:PutObjectVersionTagging", "s3:DeleteObjectVersionTagging"),
    ),
    "s3:ObjectAcl:": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
    "s3:ObjectRestore:": ("s3:RestoreObject",),
}
_WRITING_POLICIES = (
    "policy/AdministratorAccess",
    "policy/PowerUserAccess",
    "policy/AmazonS3FullAccess",
)
_ACCOUNT = [f"<{json.dumps({'Ref': 'AWS::AccountId'})}>".lower()]
_ALWAYS = {
    ("Bool", "aws:securetransport"): ["true"],
    ("StringEquals", "aws:principalaccount"): _ACCOUNT,
    ("StringEquals", "aws:resourceaccount"): _ACCOUNT,
    ("StringEquals", "s3:resourceaccount"): _ACCOUNT,
}
_NAME = "<this bucket>"
_ARN = f"arn:aws:s3:::{_NAME}"


def causes(function: lambda_.IFunction, bucket: s3.IBucket, event: str, keys: str) -> str | None:
    """What lets a function cause an event of a bucket, an action and a resource, if anything does.

    Asked are the policies of its role and of the bucket. Left out are statements with a condition
    of which nobody knows whether it will hold, those that deny, and policies that stand in no
    template of the app.

    Args:
        function: The function.
        bucket: The bucket.
        event: The event: ``s3:ObjectCreated:*``.
        keys: The keys that it is told of, ``*`` for anything: ``images/*.jpg``.
    """
    actions = next((does for family, does in _CAUSED_BY.items() if event.startswith(family)), ())
    for stack, statement in (*_statements(function), *_of_bucket(bucket, function)):
        if statement["Effect"] != "Allow" or not _always_holds(statement.get("Condition", {})):
            continue
        action = next((each for each in actions if _allows(statement, each)), None)
        resource = _reaches(statement, stack, bucket, keys) if action else None
        if resource:
            return f"{action} on {resource}"
    return None


def patterns_meet(one: str, other: str) -> bool:
    """Whether any text is matched by both of two patterns, in which ``*`` and ``?`` are wild."""
    rows, columns = len(one), len(other)
    meet = [[False] * (columns + 1) for _ in range(rows + 1)]
    meet[rows][columns] = True
    for i in range(rows, -1, -1):
        for j in range(columns, -1, -1):
            if i < rows and one[i] == "*":
                meet[i][j] = meet[i + 1][j] or (j < columns and meet[i][j + 1])
            elif j < columns and other[j] == "*":
                meet[i][j] = meet[i][j + 1] or (i < rows and meet[i + 1][j])
            elif i < rows and j < columns:
                same = one[i] == other[j] or "?" in {one[i], other[j]}
                meet[i][j] = same and meet[i + 1][j + 1]
    return meet[0][0]


def _statements(function: lambda_.IFunction) -> Iterator[tuple[cdk.Stack, Mapping[str, Any]]]:
    """What the policies of a function's role say, and the stack in whose words they say it."""
    role = function.role
    if role is None:
        return
    constructs = role.node.root.node.find_all()
    own = [each for each in constructs if isinstance(each, iam.CfnRole) and each.node.scope is role]
    attached = [arn for each in own for arn in _resolved(each).get("managedPolicyArns", [])]
    for resource in own:
        for policy in _resolved(resource).get("policies", []):
            yield from _of(resource, policy["policyDocument"])
        if any(_flat(arn).endswith(_WRITING_POLICIES) for arn in attached):
            yield from _of(
                resource, {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
            )
    for each in constructs:
        if isinstance(each, iam.CfnPolicy | iam.CfnManagedPolicy):
            stack = cdk.Stack.of(each)
            policy = _resolved(each)
            is_attached = stack.resolve(each.ref) in attached
            if is_attached or stack.resolve(role.role_name) in policy.get("roles", []):
                yield from _of(each, policy["policyDocument"])


def _of_bucket(
    bucket: s3.IBucket, function: lambda_.IFunction
) -> Iterator[tuple[cdk.Stack, Mapping[str, Any]]]:
    """What the policies of a bucket say of a function's role, by name or as of anybody."""
    role = function.role
    names = names_of(bucket)
    for each in bucket.node.root.node.find_all():
        if role is None or not isinstance(each, s3.CfnBucketPolicy):
            continue
        if identity(each, each.bucket) not in names:
            continue
        arn = _flat(cdk.Stack.of(each).resolve(role.role_arn))
        for stack, statement in _of(each, _resolved(each)["policyDocument"]):
            named = statement.get("Principal", {})
            who = named.get("AWS", []) if isinstance(named, dict) else named
            if {arn, "*"} & {_flat(one) for one in _listed(who)}:
                yield stack, statement


def _always_holds(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a condition holds for whatever a function of the account asks, over TLS as all do."""
    return all(
        [_flat(str(each) if isinstance(each, bool) else each).lower() for each in _listed(value)]
        == _ALWAYS.get((operator.removesuffix("IfExists"), key.lower()))
        for operator, tests in condition.items()
        for key, value in tests.items()
    )


def _resolved(resource: cdk.CfnResource) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cdk.Stack.of(resource).resolve(resource._cfn_properties)  # noqa: SLF001
    return found


def _of(
    resource: cdk.CfnResource, document: Mapping[str, Any]
) -> Iterator[tuple[cdk.Stack, Mapping[str, Any]]]:
    stack = cdk.Stack.of(resource)
    yield from ((stack, statement) for statement in _listed(document["Statement"]))


def _allows(statement: Mapping[str, Any], action: str) -> bool:
    name = "Action" if "Action" in statement else "NotAction"
    named = any(
        patterns_meet(pattern.lower(), action.lower()) for pattern in _listed(statement[name])
    )
    return named == (name == "Action")


def _reaches(
    statement: Mapping[str, Any], stack: cdk.Stack, bucket: s3.IBucket, keys: str
) -> str | None:
    """The resource of a statement that holds such keys, if one does."""
    arn = _flat(stack.resolve(bucket.bucket_arn))
    if not arn.startswith("arn:"):  # known when it is deployed
        arn = _ARN
    names = {
        _flat(stack.resolve(bucket.bucket_arn)): arn,
        _flat(stack.resolve(bucket.bucket_name)): arn.rsplit(":", maxsplit=1)[-1],
    }
    name = "Resource" if "Resource" in statement else "NotResource"
    reached = []
    for each in _listed(statement[name]):
        text = _flat(each)
        for said, known in names.items():
            text = text.replace(said, known)
        if patterns_meet(text, f"{arn}/{keys}"):
            reached.append(text)
    if name == "NotResource":
        return None if reached else "*"
    return reached[0] if reached else None


def _flat(value: Any) -> str:
    """A value of a template as a text, in which nothing is wild that a deployment will put in."""
    if isinstance(value, str):
        return value
    if value == {"Ref": "AWS::Partition"}:
        return "aws"
    if isinstance(value, dict) and value.get("Fn::Join", [None])[0] == "":
        return "".join(_flat(part) for part in value["Fn::Join"][1])
    return f"<{re.sub(r'[*?]', '-', json.dumps(value, sort_keys=True))}>"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
