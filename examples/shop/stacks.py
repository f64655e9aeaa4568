"""The shop's stacks, at each of its three steps."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from examples.shop.parts import SERVICE, acknowledge, function, table, telemetry
from examples.shop.payment_stack import CALL_TIMEOUT, PaymentStack
from examples.shop.stock_alerts import StockAlerts
from examples.shop.supplier_files import SupplierFiles
from examples.shop.watch import Watch
from serverless_patterns import (
    IdempotencyTable,
    KinesisConsumer,
    ModularApi,
    SqsPoller,
    UnitOptions,
)

if TYPE_CHECKING:
    from constructs import Construct

    from serverless_patterns import PythonFunction

OPEN = "An example without customers: anyone may order, and receive goods"
BATCH = 3
PAYMENT_ROUTES = ("/api/payments/{order}", "/api/points/{customer}")
CUT_OUT = ("POST /api/orders", "POST /api/goods")
"""Routes with a function of their own at the last step: the one that a rush of buyers meets, which
may only queue orders, and the only one that may change stock."""
BUYERS_AT_ONCE = 50


class Step(IntEnum):
    """How far the shop has grown."""

    MONOLITH = 1
    PAYMENT_APART = 2
    ROUTES = 3


class ShopStack(cdk.Stack):
    """Inventory, Orders and Insight, and Payment as long as it is a module.

    Args:
        scope: The app.
        construct_id: The construct id.
        payment: Payment's stack.
        step: How far the shop has grown.
        retry_after: How long an order that failed waits; twice as long each time after.
        **options: Options of ``cdk.Stack``.

    Attributes:
        api: What answers customers.
        poller: What hands orders to who settles them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        payment: PaymentStack,
        step: Step,
        retry_after: cdk.Duration | None = None,
        **options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **options)
        self._step = step
        self._payment = payment
        self._handled = IdempotencyTable(self, "Handled")
        self._stock = table(
            self, "Stock", key="sku", stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
        )
        self._ledger = table(self, "Ledger")
        self._alerts = table(self, "Alerts", key="sku")
        self._orders = table(self, "Orders")
        self._hours = table(self, "Hours")
        self._of_inventory = {
            "STOCK_TABLE": self._stock.table_name,
            "LEDGER_TABLE": self._ledger.table_name,
            "ALERTS_TABLE": self._alerts.table_name,
        }
        sales = KinesisConsumer(self, "Sales", handler=self._counting())
        intake, poller = self._take_orders(retry_after or cdk.Duration.seconds(10))
        intake.add_environment("SALES_STREAM", sales.stream.stream_name)
        sales.stream.grant(intake, "kinesis:PutRecord")
        alerts = StockAlerts(
            self,
            "StockAlerts",
            stock=self._stock,
            alerts=self._alerts,
            environment=self._of_inventory,
            handled=self._handled,
        )
        files = SupplierFiles(
            self,
            "SupplierFiles",
            stock=self._stock,
            ledger=self._ledger,
            environment=self._of_inventory,
            handled=self._handled,
        )
        api = self._serve(poller)
        self.api, self.poller = api, poller
        watched = (poller, alerts.changes, alerts.trigger, files, sales, self._handled)
        Watch(self, "Watch", *watched, api=api)
        for name, value in {
            "Url": api.url,
            "OrdersQueueUrl": poller.queue.queue_url,
            "OrdersDeadLettersUrl": poller.dead_letter_queue.queue_url
            if poller.dead_letter_queue
            else "",
            "SupplierFilesBucketName": files.trigger.bucket.bucket_name,
            "ReportsBucketName": files.reports.bucket_name,
            "OrdersTableName": self._orders.table_name,
            "StockTableName": self._stock.table_name,
        }.items():
            cdk.CfnOutput(self, name, value=value)

    def _serve(self, poller: SqsPoller) -> ModularApi:
        """The application, cut as the step says; its URLs are the same at each."""
        apart = self._step >= Step.PAYMENT_APART
        api = ModularApi(
            self,
            "Api",
            app="shop.without_payment:app" if apart else "shop.main:app",
            entry=SERVICE,
            extract=CUT_OUT if self._step == Step.ROUTES else (),
            unit_options={CUT_OUT[0]: UnitOptions(reserved_concurrent_executions=BUYERS_AT_ONCE)}
            if self._step == Step.ROUTES
            else None,
            timeout=cdk.Duration.seconds(10),
            environment={
                **telemetry("Api"),
                **self._of_inventory,
                "ORDERS_TABLE": self._orders.table_name,
                "INSIGHT_TABLE": self._hours.table_name,
                "ORDERS_QUEUE": poller.queue.queue_url,
            },
            public=OPEN,
        )
        get, put, update, scan = (
            f"dynamodb:{name}" for name in ("GetItem", "PutItem", "UpdateItem", "Scan")
        )
        # What each route needs: the least privilege of a function is that of the routes it serves.
        receiving = api.function_for("POST", "/api/goods")
        self._stock.grant(receiving, get, update)
        self._ledger.grant(receiving, put)
        self._stock.grant(api.function_for("GET", "/api/stock"), scan)
        self._stock.grant(api.function_for("GET", "/api/stock/{sku}"), get)
        self._alerts.grant(api.function_for("GET", "/api/alerts"), scan)
        self._hours.grant(api.function_for("GET", "/api/sales/{day}"), get)
        ordering = api.function_for("POST", "/api/orders")
        self._orders.grant(ordering, get, put)
        poller.grant_send(ordering)
        self._orders.grant(api.function_for("GET", "/api/orders"), scan)
        self._orders.grant(api.function_for("GET", "/api/orders/{order_id}"), get)
        if self._payment.api is None:
            self._payment.let_read(api.function_for("GET", PAYMENT_ROUTES[0]))
        else:
            self._route_to_payment(api, self._payment.api)
        return api

    def _route_to_payment(self, api: ModularApi, payment: lambda_.IFunction) -> None:
        """Let Payment's routes lead to its own stack, under the URLs that they had."""
        integration = integrations.HttpLambdaIntegration(
            "Payment", payment, scope_permission_to_route=False
        )
        for path in PAYMENT_ROUTES:
            for route in api.api.add_routes(
                path=path, methods=[apigwv2.HttpMethod.GET], integration=integration
            ):
                acknowledge(route, OPEN, "AwsSolutions-APIG4")

    def _take_orders(self, retry_after: cdk.Duration) -> tuple[PythonFunction, SqsPoller]:
        """The queue of orders, and the function that settles them."""
        intake = function(
            self,
            "Intake",
            "shop.orders.intake.handler",
            environment={
                **self._of_inventory,
                "ORDERS_TABLE": self._orders.table_name,
                "RETRY_SECONDS": str(retry_after.to_seconds()),
            },
            timeout=cdk.Duration.seconds(BATCH * CALL_TIMEOUT.to_seconds()),
        )
        self._handled.protect(intake)
        poller = SqsPoller(self, "OrderQueue", handler=intake, batch_size=BATCH)
        intake.add_environment("ORDERS_QUEUE", poller.queue.queue_url)
        get, put, update = "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"
        self._orders.grant(intake, get, put, update)
        self._stock.grant(intake, get, update)
        self._ledger.grant(intake, get, put, update)
        if self._payment.calls is None:
            self._payment.let_pay(intake)
        else:
            # Not by its own grant_invoke, which allows every version of it as well.
            iam.Grant.add_to_principal(
                grantee=intake,
                actions=["lambda:InvokeFunction"],
                resource_arns=[self._payment.calls.function_arn],
            )
            intake.add_environment("PAYMENT_FUNCTION", self._payment.calls.function_arn)
        return intake, poller

    def _counting(self) -> PythonFunction:
        """What counts sales by the hour."""
        counting = function(
            self,
            "CountSales",
            "shop.insight.sales.handler",
            environment={"INSIGHT_TABLE": self._hours.table_name},
        )
        self._handled.protect(counting)
        self._hours.grant(counting, "dynamodb:PutItem", "dynamodb:UpdateItem")
        return counting


def define_shop(
    scope: Construct,
    *,
    step: Step = Step.MONOLITH,
    provider_url: str = "https://payments.example/v1",
    standby_url: str = "https://standby.example/v1",
    retry_after: cdk.Duration | None = None,
) -> tuple[ShopStack, PaymentStack]:
    """The stacks of the shop, at a step.

    Args:
        scope: The app.
        step: How far it has grown.
        provider_url: The address of the payment provider.
        standby_url: The address of the one that stands in for it.
        retry_after: How long an order that failed waits. Default - 10 seconds.
    """
    payment = PaymentStack(
        scope,
        "ShopPayment",
        description="Payment: what it keeps, and itself once it has left the shop",
        is_apart=step >= Step.PAYMENT_APART,
        provider_url=provider_url,
        standby_url=standby_url,
    )
    shop = ShopStack(
        scope,
        "Shop",
        description="A shop, as one application or cut as context says",
        payment=payment,
        step=step,
        retry_after=retry_after,
    )
    return shop, payment
