"""A function for each route, written by hand in CDK's own L2 constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct


class HandWrittenRoutes(cdk.Stack):
    """An HTTP API with a function for each of its routes, all of one asset.

    Args:
        scope: The app.
        construct_id: The construct id.
        entry: The folder with the functions' code.
        count: The number of routes.
    """

    def __init__(self, scope: Construct, construct_id: str, *, entry: Path, count: int) -> None:
        super().__init__(scope, construct_id)
        api = apigwv2.HttpApi(self, "Api")
        code = lambda_.Code.from_asset(str(entry))
        for number in range(count):
            function = lambda_.Function(
                self,
                f"Function{number}",
                code=code,
                handler="many.handler",
                runtime=lambda_.Runtime.PYTHON_3_14,
                tracing=lambda_.Tracing.ACTIVE,
            )
            api.add_routes(
                path=f"/things{number}/{{id}}",
                methods=[apigwv2.HttpMethod.POST],
                integration=integrations.HttpLambdaIntegration(f"Integration{number}", function),
            )
