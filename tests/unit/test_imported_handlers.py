"""Handlers that are imported, or that no source can invoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, S3Trigger, SnsTrigger
from tests.messages import exactly
from tests.unit.trigger_templates import CONFIG, resources, trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match


def of_kind(stack: cdk.Stack, kind: str, handler: lambda_.IFunction) -> None:
    """A trigger of any kind."""
    if kind == "s3":
        S3Trigger(stack, "Orders", handler=handler)
    elif kind == "sns":
        SnsTrigger(stack, "Orders", handler=handler)
    else:
        trigger(stack, handler)


def imported(stack: cdk.Stack, **attributes: Any) -> lambda_.IFunction:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:imported"
    return lambda_.Function.from_function_attributes(
        stack, "Imported", function_arn=arn, **attributes
    )


def role(stack: cdk.Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/imported")


def test_an_imported_function_is_configured_where_its_role_is_known(stack: cdk.Stack) -> None:
    trigger(stack, imported(stack, role=role(stack), same_environment=True))

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(CONFIG, {"FunctionName": "imported"})
    template.resource_count_is("AWS::Lambda::Permission", 1)
    [policy] = template.find_resources("AWS::IAM::Policy")
    [config] = template.find_resources(CONFIG).values()
    assert policy in config["DependsOn"]


def test_an_imported_function_without_a_role_is_refused(stack: cdk.Stack) -> None:
    message = (
        "Shop/Orders: handler must have a role that CDK knows, which is granted to send failed "
        "events, got a function imported without one; import it with "
        "lambda_.Function.from_function_attributes(function_arn=…, role=…, same_environment=True)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, imported(stack, same_environment=True))


@pytest.mark.parametrize("kind", ["s3", "sns", "events"])
def test_an_imported_function_that_cdk_gives_no_permission_is_refused(
    stack: cdk.Stack, kind: str
) -> None:
    message = (
        "Shop/Orders: handler must be a function that CDK may give a permission to invoke it, got "
        "an imported one, of which it can't tell that it is in this account; import it with "
        "lambda_.Function.from_function_attributes(…, same_environment=True), or with "
        "skip_permissions=True if the permission is there"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        of_kind(stack, kind, imported(stack, role=role(stack)))


@pytest.mark.parametrize("kind", ["s3", "sns", "events"])
def test_a_permission_that_is_there_already_can_be_skipped(stack: cdk.Stack, kind: str) -> None:
    handler = imported(stack, role=role(stack), skip_permissions=True)
    of_kind(stack, kind, handler)

    assert not resources(stack, "AWS::Lambda::Permission")


def test_an_imported_arn_that_names_an_alias_is_refused_as_a_function(stack: cdk.Stack) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:imported:live"
    handler = lambda_.Function.from_function_attributes(
        stack, "Imported", function_arn=arn, role=role(stack), same_environment=True
    )
    message = (
        "Shop/Orders: handler must be imported as the alias or the version that its ARN names, got "
        f"a function with the ARN {arn}; import its function, and the alias with "
        "lambda_.Alias.from_alias_attributes"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_an_imported_alias_is_configured_as_one(make_app: MakeApp) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    function = imported(stack, role=role(stack), same_environment=True)
    version = lambda_.Version.from_version_attributes(
        stack, "Version", lambda_=function, version="7"
    )
    live = lambda_.Alias.from_alias_attributes(
        stack, "Live", alias_name="live", alias_version=version
    )
    trigger(stack, live)

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG, {"FunctionName": "imported", "Qualifier": "live"}
    )


@pytest.mark.parametrize("given", [False, True])
def test_a_role_that_takes_no_policies_is_warned_of_and_left_alone(
    stack: cdk.Stack, *, given: bool
) -> None:
    fixed = iam.Role.from_role_arn(
        stack, "Role", "arn:aws:iam::111122223333:role/imported", mutable=False
    )
    handler = imported(stack, role=fixed, same_environment=True)
    trigger(stack, handler, on_failure=sqs.Queue(stack, "Failures") if given else None)

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/ImportedAsynchronous",
        "Shop/ImportedAsynchronous: the role of the handler, Shop/Role, takes no policies, so "
        "nothing lets Lambda send what the handler fails on to on_failure, which is lost: import "
        "it without mutable=False, or grant that there "
        "[ack: serverless-patterns:role-of-handler-unchanged]",
    )
    assert not resources(stack, "AWS::IAM::Policy")


def test_a_role_that_takes_policies_is_not_warned_of(stack: cdk.Stack) -> None:
    trigger(stack, imported(stack, role=role(stack), same_environment=True))

    found = assertions.Annotations.from_stack(stack)
    assert not found.find_warning("/Shop/ImportedAsynchronous", MATCH.any_value())
