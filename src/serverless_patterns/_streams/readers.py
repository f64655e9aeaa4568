"""Who else reads a stream: known only when the tree is finished."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct, IConstruct

TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")


def second_readings(
    scope: Construct, mapping: lambda_.EventSourceMapping
) -> Iterator[PatternError]:
    """A second mapping of one function to one stream, which Lambda refuses at deployment.

    Args:
        scope: The consumer.
        mapping: Its mapping.
    """
    own = _resource_of(mapping)
    function = identity(own, own.function_name)
    for each in _mappings_of_the_stream(own):
        if each.node.path != own.node.path and identity(each, each.function_name) == function:
            yield PatternError(
                scope.node.path,
                "handler",
                rule="read the stream by one mapping",
                got=f"a second one at {each.node.path}",
                remedy="keep one, or read as another function or alias",
            )
            return


@jsii.implements(cdk.IAspect)
class WarnsOfReaders:
    """Warns where more mappings read a table's stream than DynamoDB serves without throttling.

    Args:
        scope: The consumer, which the warning stands at.
        mapping: Its mapping.
    """

    def __init__(self, scope: Construct, mapping: lambda_.EventSourceMapping) -> None:
        self._scope = scope
        self._mapping = mapping

    def visit(self, node: IConstruct) -> None:
        """Count them, once.

        Args:
            node: What is visited.
        """
        own = _resource_of(self._mapping)
        if node.node.path != own.node.path:
            return
        readers = len(_mappings_of_the_stream(own))
        if readers > _quotas.DYNAMODB_STREAM_READERS:
            cdk.Annotations.of(self._scope).add_warning_v2(
                "serverless-patterns:table-stream-readers",
                f"{self._scope.node.path}: {readers} functions read the stream of one table, and "
                f"DynamoDB throttles more than {_quotas.DYNAMODB_STREAM_READERS} readers of a "
                "shard; let one of them pass the records on, to a topic or a bus",
            )


def _resource_of(mapping: lambda_.EventSourceMapping) -> lambda_.CfnEventSourceMapping:
    return cast("lambda_.CfnEventSourceMapping", mapping.node.default_child)


def _mappings_of_the_stream(
    own: lambda_.CfnEventSourceMapping,
) -> list[lambda_.CfnEventSourceMapping]:
    stream = identity(own, own.event_source_arn)
    return [
        each
        for each in own.node.root.node.find_all()
        if isinstance(each, lambda_.CfnEventSourceMapping)
        and each.event_source_arn
        and identity(each, each.event_source_arn) == stream
    ]


def identity(scope: IConstruct, text: str | None) -> str:
    """What a text with tokens stands for, the same in every stack of the app.

    Logical ids alone would be equal for two stacks of one class.
    """
    return TOKEN.sub(lambda found: _meaning(scope, found[0]), text or "")


def _meaning(scope: IConstruct, token: str) -> str:
    meant = cdk.Tokenization.reverse_string(token).first_token
    if isinstance(meant, cdk.Reference):
        return f"{meant.target.node.path}.{meant.display_name}"
    return json.dumps(cdk.Stack.of(scope).resolve(token))
