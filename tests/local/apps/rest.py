"""REST APIs: open, with keys, with an authorizer and with IAM."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigwv2

from serverless_patterns import Endpoint, ProxyApi, PythonFunction, Route, RouteApi

OPEN = "A test application"
KEY = "a-key-of-at-least-twenty-characters"

app = cdk.App()
done = cdk.Acknowledgment(
    id="Annotation::serverless-patterns:rest-api-log-role", reason="The emulator asks for no role"
)
cdk.Validations.of(app).acknowledge(done)
stack = cdk.Stack(app, "Rest")


def function(name: str, handler: str = "index.handler") -> PythonFunction:
    return PythonFunction(
        stack,
        name,
        entry=Path(__file__).parent / "rest_service",
        handler=handler,
        environment={"WHO": name},
    )


def rest_api(name: str, **options: Any) -> ProxyApi:
    return ProxyApi(stack, name, handler=books, endpoint=Endpoint.REST_API, **options)


books, rest = function("Books"), function("Everything")
once = apigwv2.ThrottleSettings(rate_limit=0.01, burst_limit=1)
shop = RouteApi(
    stack,
    "Shop",
    routes=[
        Route("GET", "/books", books),
        Route("GET", "/books/{id}", books),
        Route("GET", "/api/v1/authors/{id}", books),
        Route("ANY", "/files/{path+}", books),
        Route("GET", "/rare", books, throttle=once),
    ],
    catch_all=rest,
    endpoint=Endpoint.REST_API,
    public=OPEN,
)
alone = RouteApi(
    stack,
    "Alone",
    routes=[Route("GET", "/books/{id}", books)],
    endpoint=Endpoint.REST_API,
    public=OPEN,
)
keyed = rest_api("Keyed", public=OPEN, api_key_required=True)
plan = keyed.api.add_usage_plan("Plan")
plan.add_api_key(keyed.api.add_api_key("Key", value=KEY))
plan.add_api_stage(stage=keyed.stage)
token = apigateway.TokenAuthorizer(stack, "Token", handler=function("Guard", "index.guard"))
guarded = rest_api("Guarded", authorizer=token)
closed = rest_api("Closed")

for name, api in {
    "Shop": shop,
    "Alone": alone,
    "Keyed": keyed,
    "Guarded": guarded,
    "Closed": closed,
}.items():
    cdk.CfnOutput(stack, f"{name}Url", value=api.url)
app.synth()
