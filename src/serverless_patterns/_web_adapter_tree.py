"""What holds for a web function in the tree that it stands in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import function_behind, swallows_errors
from serverless_patterns._published import provisioned
from serverless_patterns._snapstart_rules import properties_of, starts_from_snapshot
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

    from serverless_patterns._web_adapter_settings import AdapterSettings

# Who sends events and doesn't read the answer; a queue or a stream is read by a mapping.
_EVENT_SENDERS = {
    f"{service}.amazonaws.com" for service in ("events", "iot", "logs", "s3", "ses", "sns")
}
# What names in its properties whom it sends events to.
_NAMES_TARGETS = {
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Pipes::Pipe",
    "AWS::Scheduler::Schedule",
}


def broken_rules(function: lambda_.Function, settings: AdapterSettings) -> Iterator[PatternError]:
    """What was made of a web function until synthesis.

    Args:
        function: The function.
        settings: What its adapter is told.
    """
    yield from _uncalled_hooks(function, settings)
    yield from _event_senders(function)


def check_image_region(function: lambda_.Function) -> None:
    """Refuse an image in another region, which Lambda doesn't pull from.

    Args:
        function: The function.

    Raises:
        PatternError: If both regions are known and differ.
    """
    uri = json.dumps(properties_of(function)["code"].get("imageUri"))
    here = cdk.Stack.of(function).region
    found = re.search(r"(?:\.dkr\.ecr\.|:ecr:)([a-z]{2}-[a-z0-9-]+)[.:]", uri)
    if found and not cdk.Token.is_unresolved(here) and found[1] != here:
        raise PatternError(
            function.node.path,
            "image",
            rule=f"be in {here} as the function is",
            got=f"a repository in {found[1]}",
            remedy="replicate the repository there, and give that one",
        )


def warn_of_tree(function: lambda_.Function, settings: AdapterSettings) -> None:
    """Warn of an image that may change under its function, and of what goes unheeded.

    Args:
        function: The function.
        settings: What its adapter is told.
    """
    uri = properties_of(function)["code"].get("imageUri")
    if json.dumps(uri).rstrip('"]}').endswith(":latest"):
        warn(
            function,
            {
                "web-adapter-image-tag": "the image is the one that latest means at deployment: "
                "CloudFormation sees no change when another one is pushed; name a tag or a digest "
                "that stays"
            },
        )
    if settings.async_init:
        cdk.Aspects.of(function).add(_WarnsOfAsyncInit(function))


def _uncalled_hooks(
    function: lambda_.Function, settings: AdapterSettings
) -> Iterator[PatternError]:
    if starts_from_snapshot(function):
        return
    for name in ("snapstart_before_checkpoint_path", "snapstart_after_restore_path"):
        hook = getattr(settings, name)
        if hook is not None:
            yield PatternError(
                function.node.path,
                name,
                rule="belong to a function that starts from snapshots",
                got=f"{hook!r} without SnapStart",
                remedy="publish it by a SnapStartAlias, or omit it",
            )


def _event_senders(function: lambda_.Function) -> Iterator[PatternError]:
    """Whatever plain CDK lets send events to the function, by an alias or a version as well."""
    found = function.node.root.node.find_all()
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    arns = {function.function_arn, f"{function.function_arn}:$LATEST", resource.attr_arn}
    names = {*arns, function.function_name, resource.ref}
    for each in found:
        if isinstance(each, lambda_.Alias | lambda_.Version) and function_behind(each) is function:
            arns.add(each.function_arn)
            names |= {each.function_arn, each.function_name}
    for each in found:
        if _targets(each, arns):
            yield swallows_errors(each.node.path, "target", function)
        if not isinstance(each, lambda_.CfnEventSourceMapping | lambda_.CfnPermission):
            continue
        is_harmless = isinstance(each, lambda_.CfnPermission) and (
            each.principal not in _EVENT_SENDERS
        )
        if each.function_name in names and not is_harmless:
            yield swallows_errors(each.node.path, "function", function)


def _targets(resource: IConstruct, arns: set[str]) -> bool:
    """Whether a resource that sends events names a function in its properties."""
    if not isinstance(resource, cdk.CfnResource):
        return False
    if resource.cfn_resource_type not in _NAMES_TARGETS:
        return False
    stack = cdk.Stack.of(resource)
    said = json.dumps(stack.resolve(resource._cfn_properties))  # noqa: SLF001 - as they are by now
    return any(json.dumps(stack.resolve(arn)) in said for arn in arns)


@jsii.implements(cdk.IAspect)
class _WarnsOfAsyncInit:
    def __init__(self, function: lambda_.Function) -> None:
        self._function = function

    def visit(self, node: IConstruct) -> None:
        function = self._function
        if node is not function:
            return
        if starts_from_snapshot(function):
            ignoring = "SnapStart"
        elif next(provisioned(function.node.path, function, function.node.root), None):
            ignoring = "provisioned concurrency"
        else:
            return
        warn(
            function,
            {
                "web-adapter-async-init": f"async_init is ignored under {ignoring}, where the "
                "adapter waits until the application is ready; omit it, and bound the wait by "
                "readiness_timeout"
            },
        )
