"""The bookstore, whose sale is a feature flag, and a function that reads what is configured."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from examples.bookstore.stacks import BookstoreStack
from serverless_patterns import ParametersExtension, PythonFunction

app = cdk.App()
stack = BookstoreStack(app, "Flags", flags=True)
parameter = ssm.StringParameter(stack, "Parameter", string_value="first")
secret = secretsmanager.Secret(
    stack,
    "Secret",
    secret_object_value={"user": cdk.SecretValue.unsafe_plain_text("ada")},
)
reader = PythonFunction(stack, "Reader", entry=Path(__file__).parent / "flags_service")
ParametersExtension(stack, "Values", parameters=[parameter], secrets=[secret]).attach(reader)
cdk.CfnOutput(stack, "ReaderName", value=reader.function_name)
cdk.CfnOutput(stack, "ParameterName", value=parameter.parameter_name)
cdk.CfnOutput(stack, "SecretArn", value=secret.secret_arn)
app.synth()
