"""Payment's stack: what it keeps at every step, and its functions once it has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm

from examples.shop.parts import CALLED, acknowledge, function, table
from examples.shop.watch import Watch
from serverless_patterns import AppConfigExtension, ParametersExtension, SnapStartAlias

if TYPE_CHECKING:
    from constructs import Construct

    from serverless_patterns import PythonFunction

FLAGS = {
    "point_campaign": {"enabled": False, "percent": 200},
    "standby_provider": {"enabled": False},
}
PROVIDER_TIMEOUT = cdk.Duration.seconds(2)
"""For a connection and for an answer; an attempt and two more stay below ``CALL_TIMEOUT``."""
CALL_TIMEOUT = cdk.Duration.seconds(20)


class PaymentStack(cdk.Stack):
    """What Payment keeps, who calculates points, and at last the functions that are Payment.

    Its table stands here from the first step on: no step moves or replaces it.

    Args:
        scope: The app.
        construct_id: The construct id.
        is_apart: Whether Payment has functions of its own; until then, others' functions pay.
        provider_url: The address of the payment provider.
        standby_url: The address of the one that stands in for it.
        **options: Options of ``cdk.Stack``.

    Attributes:
        calls: The function that is called to have a bill paid; ``None`` before Payment is apart.
        api: The function that answers Payment's routes; ``None`` likewise.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        is_apart: bool,
        provider_url: str,
        standby_url: str,
        **options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **options)
        self._payments = table(self, "Payments")
        self._flags = AppConfigExtension(self, "Flags", feature_flags=FLAGS)
        self._urls = {
            "PROVIDER_URL_PARAMETER": self._address("ProviderUrl", provider_url),
            "STANDBY_URL_PARAMETER": self._address("StandbyUrl", standby_url),
        }
        self._parameters = ParametersExtension(
            self, "Addresses", parameters=[*self._urls.values()], ttl=cdk.Duration.seconds(30)
        )
        points = function(self, "Points", "shop.payment.points.handler", environment={})
        acknowledge(points, CALLED, "Serverless-LambdaDLQ")
        self._points = SnapStartAlias(self, "PointsLive", function=points)
        self.calls: PythonFunction | None = None
        self.api: PythonFunction | None = None
        if is_apart:
            self.calls = function(
                self,
                "Calls",
                "shop.payment.calls.handler",
                environment={},
                timeout=CALL_TIMEOUT,
            )
            acknowledge(self.calls, CALLED, "Serverless-LambdaDLQ")
            self.let_pay(self.calls)
            self.api = function(self, "Api", "shop.payment.main:app", environment={})
            acknowledge(self.api, CALLED, "Serverless-LambdaDLQ")
            self.let_read(self.api)
        Watch(self, "Watch", self._points)
        cdk.CfnOutput(self, "PaymentsTableName", value=self._payments.table_name)
        for name, each in self._urls.items():
            output = "".join(word.capitalize() for word in name.split("_")[:2])
            cdk.CfnOutput(self, f"{output}Parameter", value=each.parameter_name)

    def let_pay(self, function: PythonFunction) -> None:
        """Let a function have bills paid, by the code of Payment in it."""
        self._payments.grant(
            function, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"
        )
        self._points.grant_invoke(function)
        self._flags.attach(function)
        self._parameters.attach(function)
        for name, value in {
            "PAYMENTS_TABLE": self._payments.table_name,
            "POINTS_FUNCTION": self._points.alias.function_arn,
            "PROVIDER_TIMEOUT_SECONDS": str(PROVIDER_TIMEOUT.to_seconds()),
            **{name: each.parameter_name for name, each in self._urls.items()},
        }.items():
            function.add_environment(name, value)

    def let_read(self, function: PythonFunction) -> None:
        """Let a function tell what was paid."""
        self._payments.grant(function, "dynamodb:GetItem")
        function.add_environment("PAYMENTS_TABLE", self._payments.table_name)

    def _address(self, name: str, url: str) -> ssm.StringParameter:
        return ssm.StringParameter(self, name, string_value=url)
