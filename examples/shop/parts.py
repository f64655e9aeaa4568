"""What the stacks of the shop are made of: tables, functions, and reasons for what they may do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

from serverless_patterns import PythonFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct, IConstruct

SERVICE = Path(__file__).parent / "service"
CALLED = "Whoever calls the function waits for its answer, and gets its error"


class Watched(Protocol):
    """What every pattern has: alarms, and widgets for a dashboard."""

    def add_alarms(self, action: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter."""

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Widgets for a dashboard."""


def table(
    scope: Construct, name: str, *, key: str = "id", stream: dynamodb.StreamViewType | None = None
) -> dynamodb.TableV2:
    """A table that can be restored, and stays when its stack goes."""
    return dynamodb.TableV2(
        scope,
        name,
        partition_key=dynamodb.Attribute(name=key, type=dynamodb.AttributeType.STRING),
        dynamo_stream=stream,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )


def telemetry(service: str) -> dict[str, str]:
    """What names logs, traces and metrics, and says what is logged."""
    return {
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": "Shop",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def function(
    scope: Construct,
    name: str,
    handler: str,
    *,
    environment: Mapping[str, str],
    timeout: cdk.Duration | None = None,
) -> PythonFunction:
    """A function of the shop's code.

    Args:
        scope: The construct that it belongs to.
        name: Its construct id, and the service that its logs name.
        handler: Its handler, or the application that it serves.
        environment: Its variables.
        timeout: The longest that one invocation may take. Default - 10 seconds.
    """
    return PythonFunction(
        scope,
        name,
        entry=SERVICE,
        handler=handler,
        timeout=timeout or cdk.Duration.seconds(10),
        environment={**telemetry(name), **environment},
    )


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """Say at a resource why it breaks a rule of cdk-nag."""
    resource = construct.node.default_child or construct
    for rule in rules:
        qualified = f"{rule.split('-', maxsplit=1)[0]}::{rule}"
        cdk.Validations.of(resource).acknowledge(cdk.Acknowledgment(id=qualified, reason=reason))


def policy_of(role: iam.IRole | None) -> iam.Policy:
    """The policy of what is granted to a role."""
    return cast("iam.Policy", cast("iam.Role", role).node.find_child("DefaultPolicy"))


def logical_id(construct: IConstruct) -> str:
    """The logical id of a resource, as cdk-nag names it."""
    stack = cdk.Stack.of(construct)
    return str(stack.get_logical_id(cast("cdk.CfnElement", construct.node.default_child)))
