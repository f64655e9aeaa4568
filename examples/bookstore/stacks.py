"""The bookstore's stack."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from serverless_patterns import AppConfigExtension, Granularity, ModularApi

SERVICE = Path(__file__).parent / "service"
OPEN = "An example without customers: anyone may read and change its books"


class BookstoreStack(cdk.Stack):
    """One application behind an HTTP API, and a table for each of its modules.

    Args:
        scope: The app.
        construct_id: The construct id.
        granularity: How finely the application is cut.
        extract: The modules and routes that leave the monolith.
        draining: The units on their way out or back.
        public: Why anyone may call it; ``None`` has callers sign with IAM.
        flags: Whether feature flags can be changed while it runs: ``sale`` is one.
        **options: Options of ``cdk.Stack``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        granularity: Granularity | str = Granularity.MONOLITH,
        extract: Sequence[str] = (),
        draining: Sequence[str] = (),
        public: str | None = OPEN,
        flags: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **options)
        books, orders = self._table("Books"), self._table("Orders")
        api = ModularApi(
            self,
            "Api",
            app="bookstore.main:app",
            entry=SERVICE,
            granularity=granularity,
            extract=extract,
            draining=draining,
            timeout=cdk.Duration.seconds(10),
            environment={"BOOKS_TABLE": books.table_name, "ORDERS_TABLE": orders.table_name},
            public=public,
        )
        # What each route needs: the least privilege of a function is that of the routes it serves.
        books.grant_read_data(api.function_for("GET", "/api/books"))
        books.grant_read_data(api.function_for("GET", "/api/books/{book_id}"))
        books.grant_write_data(api.function_for("POST", "/api/books"))
        books.grant_read_write_data(api.function_for("PUT", "/api/books/{book_id}"))
        books.grant_read_write_data(api.function_for("POST", "/api/orders"))
        orders.grant_read_write_data(api.function_for("POST", "/api/orders"))
        orders.grant_read_data(api.function_for("GET", "/api/orders/{order_id}"))
        if flags:
            sale = {"sale": {"enabled": False, "percent": 20}}
            extension = AppConfigExtension(self, "Flags", feature_flags=sale)
            for function in api.functions.values():
                extension.attach(function)
        cdk.CfnOutput(self, "Url", value=api.url)

    def _table(self, name: str) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            name,
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )
