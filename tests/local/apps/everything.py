"""A stack with what the emulator drops, can't deploy and doesn't enforce."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import custom_resources

from serverless_patterns import PythonFunction
from serverless_patterns._cdk_options import FunctionOptions

app = cdk.App()
stack = cdk.Stack(app, "Everything")
entry = Path(__file__).parent / "plain_service"

options: FunctionOptions = {"reserved_concurrent_executions": 3}
if app.node.try_get_context("letters"):
    options = {"dead_letter_queue": sqs.Queue(stack, "Letters")}
function = PythonFunction(stack, "Function", entry=entry, **options)
url = function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)

rest = apigateway.RestApi(
    stack,
    "Rest",
    deploy_options=apigateway.StageOptions(
        method_options={
            "/slow/GET": apigateway.MethodDeploymentOptions(
                throttling_rate_limit=1, throttling_burst_limit=1
            )
        }
    ),
)
validator = rest.add_request_validator("Validator", validate_request_parameters=True)
integration = apigateway.LambdaIntegration(function)
rest.root.add_resource("slow").add_method("GET", integration)
rest.root.add_resource("strict").add_method(
    "GET",
    integration,
    request_parameters={"method.request.querystring.page": True},
    request_validator=validator,
)

vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
balancer = elbv2.ApplicationLoadBalancer(stack, "Balancer", vpc=vpc)
balancer.add_listener("Http", port=80, open=False).add_targets(
    "Function", targets=[targets.LambdaTarget(function)]
)

stream = kinesis.Stream(stack, "Stream")
consumer = kinesis.CfnStreamConsumer(
    stack, "Consumer", consumer_name="reader", stream_arn=stream.stream_arn
)
function.add_to_role_policy(
    iam.PolicyStatement(
        actions=["kinesis:SubscribeToShard"], resources=[consumer.attr_consumer_arn]
    )
)
answers = PythonFunction(stack, "Answers", entry=entry, handler="answer.handler")
asked = cdk.CustomResource(
    stack,
    "Asked",
    service_token=custom_resources.Provider(
        stack, "Provider", on_event_handler=answers
    ).service_token,
)
s3.Bucket(stack, "Bucket", auto_delete_objects=True, removal_policy=cdk.RemovalPolicy.DESTROY)

nested = cdk.NestedStack(stack, "Nested")
PythonFunction(nested, "Inner", entry=entry, reserved_concurrent_executions=2)
kinesis.CfnStreamConsumer(nested, "Consumer", consumer_name="inner", stream_arn=stream.stream_arn)

if app.node.try_get_context("needs-consumer"):
    function.add_environment("CONSUMER", consumer.attr_consumer_arn)
    sqs.Queue(cdk.Stack(app, "Neighbour"), "Queue")
if app.node.try_get_context("fails"):
    refuses = PythonFunction(stack, "Refuses", entry=entry, handler="refuse.handler")
    cdk.CustomResource(stack, "Impossible", service_token=refuses.function_arn)

cdk.CfnOutput(stack, "FunctionName", value=function.function_name)
cdk.CfnOutput(stack, "Answer", value=asked.get_att_string("Answer"))
cdk.CfnOutput(stack, "FunctionUrl", value=url.url)
cdk.CfnOutput(stack, "BalancerUrl", value=f"http://{balancer.load_balancer_dns_name}/")
cdk.CfnOutput(stack, "ConsumerArn", value=consumer.attr_consumer_arn)
app.synth()
