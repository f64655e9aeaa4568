"""A topic that is told what goes wrong in a stack, and a dashboard that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

if TYPE_CHECKING:
    from examples.shop.parts import Watched
    from serverless_patterns import ModularApi, ProxyApi


class Watch(Construct):
    """The alarms and the dashboard of the patterns of a stack.

    Args:
        scope: The stack.
        construct_id: The construct id.
        *patterns: What is watched.
        api: Its API, if it has one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *patterns: Watched,
        api: ModularApi | ProxyApi | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        key = kms.Key(self, "Key", enable_key_rotation=True, description="Encrypts alarms")
        topic = sns.Topic(self, "Alarms", master_key=key, enforce_ssl=True)
        # The policy that refuses anything but TLS stands in place of the one that let alarms in.
        alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[alarms],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
        )
        key.grant(alarms, "kms:Decrypt", "kms:GenerateDataKey*")
        action = actions.SnsAction(topic)
        dashboard = cloudwatch.Dashboard(self, "Dashboard")
        if api is not None:
            api.add_alarms(action)
            dashboard.add_widgets(
                cloudwatch.GraphWidget(
                    title=f"{api.node.path}: requests",
                    left=[
                        api.metric_count(),
                        api.metric_client_error(),
                        api.metric_server_error(),
                    ],
                    right=[api.metric_latency(statistic="p99")],
                )
            )
        for pattern in patterns:
            pattern.add_alarms(action)
            dashboard.add_widgets(*pattern.dashboard_widgets())
