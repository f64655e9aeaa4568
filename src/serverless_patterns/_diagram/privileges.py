"""Edges of privileges: what a role may read, write to and call."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from serverless_patterns._diagram.edges import Edge, Line
from serverless_patterns._diagram.resources import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from serverless_patterns._diagram.edges import Drawn
    from serverless_patterns._diagram.resources import Resource, Scope

_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")

# Actions on the data itself. What describes a resource, or takes a message that was read off its
# queue, says nothing more.
_READS = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "kinesis:GetRecords",
    "kinesis:SubscribeToShard",
    "s3:GetObject",
    "sqs:ReceiveMessage",
)
_WRITES = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "events:PutEvents",
    "execute-api:Invoke",
    "kinesis:PutRecord",
    "kinesis:PutRecords",
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "s3:DeleteObject",
    "s3:PutObject",
    "sns:Publish",
    "sqs:SendMessage",
    "states:StartExecution",
    "states:StartSyncExecution",
)
_PREFIXES = {"apigateway": "execute-api", "apigatewayv2": "execute-api", "stepfunctions": "states"}
_STATE_MACHINE = "AWS::StepFunctions::StateMachine"
_ROLES = {
    "AWS::Lambda::Function": ("Role",),
    _STATE_MACHINE: ("RoleArn",),
}


def privilege_edges(drawn: Drawn) -> Iterator[Edge]:
    """What functions, state machines and ECS services may do with what is drawn.

    Read are the policies of roles, of which only allowances count; what the policy of a queue, a
    bucket or a key says isn't told.
    """
    allowed = _allowances(drawn)
    for resource in drawn.resources:
        if resource in drawn:
            for role in _roles(drawn, resource):
                for scope, statement in allowed.get(role, ()):
                    yield from _edges(drawn, resource, scope, statement)


def _roles(drawn: Drawn, resource: Resource) -> list[Resource]:
    named = resource.get(*_ROLES.get(resource.type, ("",)))
    found = drawn.resources.mentioned(resource.scope, named)
    if resource.type == "AWS::ECS::Service":
        tasks = drawn.resources.mentioned(resource.scope, resource.get("TaskDefinition"))
        for task in tasks:
            found += drawn.resources.mentioned(task.scope, task.get("TaskRoleArn"))
    return [each for each in found if each.type == "AWS::IAM::Role"]


def _allowances(drawn: Drawn) -> dict[Resource, list[tuple[Scope, Mapping[str, Any]]]]:
    """What each role is allowed, by its own policies and those that name it or that it names."""
    found: dict[Resource, list[tuple[Scope, Mapping[str, Any]]]] = {}
    for each in drawn.resources:
        if each.type == "AWS::IAM::Role":
            documents = [policy.get("PolicyDocument") for policy in listed(each.get("Policies"))]
            found.setdefault(each, []).extend(_statements(each.scope, documents))
            named = drawn.resources.mentioned(each.scope, each.get("ManagedPolicyArns"))
            for policy in named:
                statements = _statements(policy.scope, [policy.get("PolicyDocument")])
                found[each].extend(statements)
        elif each.type in _POLICIES:
            for role in drawn.resources.mentioned(each.scope, each.get("Roles")):
                statements = _statements(each.scope, [each.get("PolicyDocument")])
                found.setdefault(role, []).extend(statements)
    return found


def _statements(
    scope: Scope, documents: Iterable[Any]
) -> Iterator[tuple[Scope, Mapping[str, Any]]]:
    for document in documents:
        for statement in listed((document or {}).get("Statement")):
            if statement.get("Effect") == "Allow":
                yield scope, statement


def _edges(
    drawn: Drawn, resource: Resource, scope: Scope, statement: Mapping[str, Any]
) -> Iterator[Edge]:
    actions = [str(action).lower() for action in listed(statement.get("Action"))]
    for target in drawn.of(scope, statement.get("Resource")):
        service = target.type.split("::")[1].lower()
        prefix = f"{_PREFIXES.get(service, service)}:"
        reads, writes = (_concerns(actions, prefix, known) for known in (_READS, _WRITES))
        if writes and resource.type == _STATE_MACHINE:  # it calls what it may
            yield Edge(resource, target)
        elif reads or writes:
            yield Edge(resource, target, Line.MAY, reads=reads, writes=writes)


def _concerns(actions: Iterable[str], prefix: str, known: Iterable[str]) -> bool:
    of_service = [each.lower() for each in known if each.startswith(prefix)]
    return any(fnmatchcase(each, action) for action in actions for each in of_service)
