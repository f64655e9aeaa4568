"""Two functions, of which one may write to the table and the other may read it."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb

from serverless_patterns import PythonFunction

app = cdk.App()
stack = cdk.Stack(app, "Writer")
table = dynamodb.TableV2(
    stack,
    "Table",
    partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
)
for name in ("Reads", "Writes"):
    function = PythonFunction(
        stack,
        name,
        entry=Path(__file__).parent / "writer_service",
        environment={"TABLE": table.table_name},
    )
    if name == "Reads":
        table.grant_read_data(function)
    else:
        table.grant_write_data(function)
    cdk.CfnOutput(stack, name + "Name", value=function.function_name)
app.synth()
