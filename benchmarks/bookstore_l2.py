"""The bookstore's stack, written by hand in CDK's own L2 constructs, to the same end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

if TYPE_CHECKING:
    from constructs import Construct

ACCESS_LOG = {"requestId": "$context.requestId", "status": "$context.status"}


class HandWrittenBookstore(cdk.Stack):
    """Two tables, a function with its role and logs, and an HTTP API in front of it.

    Args:
        scope: The app.
        construct_id: The construct id.
        asset: The folder of the bundled application: L2 constructs bundle nothing without Docker.
    """

    def __init__(self, scope: Construct, construct_id: str, *, asset: str) -> None:
        super().__init__(scope, construct_id)
        books, orders = self._table("Books"), self._table("Orders")
        log_group = logs.LogGroup(
            self, "FunctionLogGroup", retention=logs.RetentionDays.THREE_MONTHS
        )
        role = iam.Role(
            self,
            "FunctionRole",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        log_group.grant_write(role)
        function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(asset),
            handler="serverless_patterns_entry.handler",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=1024,
            timeout=cdk.Duration.seconds(10),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            recursive_loop=lambda_.RecursiveLoop.TERMINATE,
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            environment={"BOOKS_TABLE": books.table_name, "ORDERS_TABLE": orders.table_name},
        )
        books.grant_read_write_data(function)
        orders.grant_read_write_data(function)
        api = apigwv2.HttpApi(self, "Api", create_default_stage=False)
        integration = integrations.HttpLambdaIntegration("Integration", function)
        for path in ("/", "/{proxy+}"):
            api.add_routes(path=path, methods=[apigwv2.HttpMethod.ANY], integration=integration)
        access_logs = logs.LogGroup(self, "AccessLogs", retention=logs.RetentionDays.THREE_MONTHS)
        stage = apigwv2.HttpStage(
            self,
            "Stage",
            http_api=api,
            auto_deploy=True,
            throttle=apigwv2.ThrottleSettings(rate_limit=1000, burst_limit=1000),
        )
        cfn_stage = stage.node.default_child
        assert isinstance(cfn_stage, apigwv2.CfnStage)
        cfn_stage.access_log_settings = apigwv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=access_logs.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        cdk.CfnOutput(self, "Url", value=stage.url)

    def _table(self, name: str) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            name,
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )
