"""One application whose reading route tries to write, as one function and as one a route."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb

from serverless_patterns import Granularity, ModularApi

SERVICE = Path(__file__).parent / "privilege_service"

app = cdk.App()
stack = cdk.Stack(app, "Privileges")
table = dynamodb.TableV2(
    stack,
    "Table",
    partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
)
for granularity in (Granularity.MONOLITH, Granularity.ROUTE):
    api = ModularApi(
        stack,
        granularity.name.title(),
        app="notes:app",
        entry=SERVICE,
        granularity=granularity,
        environment={"TABLE": table.table_name},
        public="A test application",
    )
    table.grant_read_data(api.function_for("GET", "/notes/{note}"))
    table.grant_write_data(api.function_for("PUT", "/notes/{note}"))
    cdk.CfnOutput(stack, f"{granularity.name.title()}Url", value=api.url)
app.synth()
