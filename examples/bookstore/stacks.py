"""The bookstore's stack."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from serverless_patterns import ProxyApi, PythonFunction

SERVICE = Path(__file__).parent / "service"
OPEN = "An example without customers: anyone may read and change its books"


class BookstoreStack(cdk.Stack):
    """One function behind a catch-all route, and a table for each of its modules."""

    def __init__(
        self, scope: Construct, construct_id: str, *, public: str | None = OPEN, **options: Any
    ) -> None:
        super().__init__(scope, construct_id, **options)
        books, orders = self._table("Books"), self._table("Orders")
        function = PythonFunction(
            self,
            "Function",
            entry=SERVICE,
            handler="bookstore.main:app",
            timeout=cdk.Duration.seconds(10),
            environment={"BOOKS_TABLE": books.table_name, "ORDERS_TABLE": orders.table_name},
        )
        books.grant_read_write_data(function)
        orders.grant_read_write_data(function)
        api = ProxyApi(self, "Api", handler=function, public=public)
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
