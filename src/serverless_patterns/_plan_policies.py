"""What policies in a template allow, and how large Lambda's resource policies will be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_OWN_POLICY = "Execution"  # of the library's role: logs and traces, which no route is granted
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
_LONGEST = {  # what a deployment puts in, at its usual longest
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": "1" * 12,
    "AWS::URLSuffix": "amazonaws.com",
}
_GENERATED_ID = "x" * 10
_FUNCTION_NAME_LENGTH = 64
_SID_LENGTH = 100


def substituted(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A value of a nested template in terms of its parent: the references that it was handed."""
    if isinstance(value, dict):
        if set(value) == {"Ref"} and value["Ref"] in parameters:
            return parameters[value["Ref"]]
        return {key: substituted(each, parameters) for key, each in value.items()}
    if isinstance(value, list):
        return [substituted(each, parameters) for each in value]
    return value


def granted(
    resources: Mapping[str, Mapping[str, Any]],
    function: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> frozenset[tuple[str, str]]:
    """What the role of a function allows beyond logs and traces, as action and resource.

    Policies of AWS's own are left out, as they are the same at every cut; so is what the policy
    of a bucket, a key or a queue says.

    Args:
        resources: The resources of the template that the function and its role stand in.
        function: The function.
        parameters: What a nested template was handed.
    """
    role = function["Properties"]["Role"].get("Fn::GetAtt", [""])[0]
    documents = [
        policy["PolicyDocument"]
        for policy in resources.get(role, {}).get("Properties", {}).get("Policies", [])
        if policy["PolicyName"] != _OWN_POLICY
    ]
    documents += [
        resource["Properties"]["PolicyDocument"]
        for resource in resources.values()
        if resource["Type"] in _POLICIES
        and {"Ref": role} in resource["Properties"].get("Roles", [])
    ]
    return allowed(
        substituted(statement, parameters)
        for document in documents
        for statement in document["Statement"]
    )


def allowed(statements: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    """What statements of policies allow, as action and resource."""
    return frozenset(
        pair
        for statement in statements
        if statement["Effect"] == "Allow"
        for pair in _pairs(statement)
    )


def _pairs(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    actions = _listed(statement.get("Action")) or [
        f"all but {action}" for action in _listed(statement.get("NotAction"))
    ]
    for action in actions:
        for resource in _listed(statement.get("Resource")) or ["*"]:
            text = resource if isinstance(resource, str) else json.dumps(resource, sort_keys=True)
            yield action, text


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def policy_bytes(permissions: Sequence[tuple[str, Mapping[str, Any]]]) -> int:
    """The size of the resource policy that Lambda makes of a function's permissions.

    An estimate: names and ids that a deployment generates are taken at their usual longest.

    Args:
        permissions: The logical ids and properties of the ``AWS::Lambda::Permission`` resources.
    """
    policy = {
        "Version": "2012-10-17",
        "Id": "default",
        "Statement": [_statement(*permission) for permission in permissions],
    }
    return len(json.dumps(policy, separators=(",", ":")).encode())


def _statement(logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    principal = _text(properties["Principal"])
    kind = "Service" if principal.endswith(".amazonaws.com") else "AWS"
    arn = f"arn:aws:lambda:{_LONGEST['AWS::Region']}:{_LONGEST['AWS::AccountId']}:function:"
    conditions: dict[str, dict[str, str]] = {}
    if "SourceArn" in properties:
        conditions["ArnLike"] = {"AWS:SourceArn": _text(properties["SourceArn"])}
    equal = {
        "AWS:SourceAccount": "SourceAccount",
        "aws:PrincipalOrgID": "PrincipalOrgID",
        "lambda:FunctionUrlAuthType": "FunctionUrlAuthType",
    }
    same = {key: _text(properties[name]) for key, name in equal.items() if name in properties}
    if same:
        conditions["StringEquals"] = same
    if "InvokedViaFunctionUrl" in properties:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": "true"}
    return {
        # The stack's name, the logical id and a random part.
        "Sid": f"{logical_id}-".ljust(_SID_LENGTH, "x")[:_SID_LENGTH],
        "Effect": "Allow",
        "Principal": {kind: principal},
        "Action": properties["Action"],
        "Resource": arn + "x" * _FUNCTION_NAME_LENGTH,
        **({"Condition": conditions} if conditions else {}),
    }


def _text(value: Any) -> str:
    """A value as a deployment will have it, as far as its length goes."""
    if isinstance(value, dict):
        if "Fn::Join" in value:
            separator, parts = value["Fn::Join"]
            return str(separator).join(_text(part) for part in parts)
        return _LONGEST.get(str(value.get("Ref")), _GENERATED_ID)
    return str(value)
