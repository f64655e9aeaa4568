"""A stack that quotes prices, by the same function in Python or in Java."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from examples.fast_start.maven import maven_code
from serverless_patterns import ProxyApi, PythonFunction, Release, SnapStartAlias

if TYPE_CHECKING:
    from constructs import Construct

HERE = Path(__file__).parent
TRACES = "X-Ray takes traces on no particular resource"


class QuotesStack(cdk.Stack):
    """An API in front of a function that starts from snapshots, released in steps.

    Args:
        scope: The app.
        construct_id: The construct id.
        language: What the function is written in: ``python`` or ``java``.
        **options: Options of ``cdk.Stack``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        language: Literal["python", "java"],
        **options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **options)
        prices = dynamodb.TableV2(
            self,
            "Prices",
            partition_key=dynamodb.Attribute(name="sku", type=dynamodb.AttributeType.STRING),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )
        environment = {"PRICES_TABLE": prices.table_name}
        function = self._java(environment) if language == "java" else self._python(environment)
        prices.grant(function, "dynamodb:GetItem")
        # A tenth of the requests reaches a new version for five minutes: one error, and none does.
        live = SnapStartAlias(self, "Live", function=function, release=Release.canary())
        api = ProxyApi(self, "Api", handler=live.alias)
        cdk.CfnOutput(self, "Url", value=api.url)
        cdk.CfnOutput(self, "PricesTable", value=prices.table_name)

    def _python(self, environment: dict[str, str]) -> lambda_.Function:
        return PythonFunction(
            self,
            "Function",
            entry=HERE / "python",
            handler="quotes.main:app",
            environment=environment,
        )

    def _java(self, environment: dict[str, str]) -> lambda_.Function:
        """A function of CDK's own, with what ``PythonFunction`` would have given it."""
        log_group = logs.LogGroup(
            self, "FunctionLogGroup", retention=logs.RetentionDays.THREE_MONTHS
        )
        role = iam.Role(
            self, "FunctionRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        )
        log_group.grant_write(role)
        runtime = lambda_.Runtime.JAVA_25
        function = lambda_.Function(
            self,
            "Function",
            code=maven_code(self, HERE / "java", runtime),
            handler="shop.quotes.QuoteHandler",
            runtime=runtime,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=1024,
            timeout=cdk.Duration.seconds(29),
            environment=environment,
            role=role,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            recursive_loop=lambda_.RecursiveLoop.TERMINATE,
            tracing=lambda_.Tracing.ACTIVE,
        )
        policy = cast("iam.Policy", role.node.find_child("DefaultPolicy"))
        for rule in (
            "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            "Serverless::Serverless-LambdaStarPermissions",
        ):
            cdk.Validations.of(cast("iam.CfnPolicy", policy.node.default_child)).acknowledge(
                cdk.Acknowledgment(id=rule, reason=TRACES)
            )
        return function
