from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, Route, RouteApi
from tests.unit.diagram.drawn import arrows, arrows_of, boxes, picture, resource

if TYPE_CHECKING:
    import aws_cdk as cdk

PUBLIC = "An example without customers"


@pytest.fixture
def function(shop: cdk.Stack) -> lambda_.Function:
    return lambda_.Function(
        shop,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )


def test_the_routes_of_an_http_api_lead_to_functions_and_aliases(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    api = apigatewayv2.HttpApi(shop, "Api")
    for path, target in (("/books", function), ("/orders", function.add_alias("live"))):
        integration = integrations.HttpLambdaIntegration(f"For{path[1:]}", target)
        get = apigatewayv2.HttpMethod.GET
        api.add_routes(path=path, methods=[get], integration=integration)

    assert arrows(app) == [
        "Shop/Api to Shop/Function by GET /books",
        "Shop/Api to Shop/Function/Aliaslive by GET /orders",
        "Shop/Function/Aliaslive to Shop/Function",
    ]


def test_a_web_socket_api_is_called_so(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    integration = integrations.WebSocketLambdaIntegration("Integration", function)
    apigatewayv2.WebSocketApi(shop, "Api").add_route("$default", integration=integration)

    assert arrows(app) == ["Shop/Api to Shop/Function by $default"]


def test_the_methods_of_a_rest_api_have_their_whole_path(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    api = apigateway.RestApi(shop, "Api")
    integration = apigateway.LambdaIntegration(function)
    api.root.add_method("GET", integration)
    api.root.resource_for_path("/books/{id}").add_method("PUT", integration)

    assert arrows(app) == ["Shop/Api to Shop/Function by GET /, PUT /books/{id}"]


@pytest.mark.parametrize("endpoint", [Endpoint.HTTP_API, Endpoint.REST_API])
def test_the_routes_of_a_route_api_are_shown_at_any_endpoint(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function, endpoint: Endpoint
) -> None:
    routes = [Route("GET", "/books/{id}", function), Route("POST", "/books", function)]
    RouteApi(shop, "Api", routes=routes, endpoint=endpoint, public=PUBLIC)

    [arrow] = [each for each in picture(app).arrows if each.target.path == "Shop/Function"]
    assert arrow.source.path == "Shop/Api/Api"
    assert {"GET /books/{id}", "POST /books"} <= arrow.labels


def test_the_routes_of_an_open_api_document_are_shown() -> None:
    uri = {"Fn::Sub": "arn:aws:apigateway:x:lambda:path/functions/${Function.Arn}/invocations"}
    operation = {"x-amazon-apigateway-integration": {"uri": uri}}
    paths = {
        "/books": {"get": operation, "parameters": []},
        "/{proxy+}": {"x-amazon-apigateway-any-method": operation, "options": {}},
    }

    assert arrows_of(
        {
            "Function": resource("AWS::Lambda::Function"),
            "Api": resource("AWS::ApiGateway::RestApi", Body={"paths": paths}),
        }
    ) == ["Api to Function by ANY /{proxy+}, GET /books"]


def test_a_function_url_leads_to_its_function(app: cdk.App, function: lambda_.Function) -> None:
    function.add_function_url()

    assert arrows(app) == ["Shop/Function/FunctionUrl to Shop/Function"]


def test_a_load_balancer_leads_to_functions_by_its_rules(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    balancer = elbv2.ApplicationLoadBalancer(
        shop, "Balancer", vpc=ec2.Vpc(shop, "Vpc", nat_gateways=0)
    )
    listener = balancer.add_listener("Http", port=80, open=False)
    listener.add_targets("All", targets=[targets.LambdaTarget(function)])
    listener.add_targets(
        "Books",
        targets=[targets.LambdaTarget(function.add_alias("live"))],
        priority=1,
        conditions=[
            elbv2.ListenerCondition.path_patterns(["/books", "/books/*"]),
            elbv2.ListenerCondition.http_request_methods(["GET"]),
        ],
    )

    assert arrows(app) == [
        "Shop/Balancer to Shop/Function",
        "Shop/Balancer to Shop/Function/Aliaslive by /books /books/*",
        "Shop/Function/Aliaslive to Shop/Function",
    ]


def test_a_load_balancer_leads_to_services(app: cdk.App, shop: cdk.Stack) -> None:
    vpc = ec2.Vpc(shop, "Vpc", nat_gateways=0)
    task = ecs.FargateTaskDefinition(shop, "Task")
    image = ecs.ContainerImage.from_registry("shop")
    task.add_container("Web", image=image, port_mappings=[ecs.PortMapping(container_port=80)])
    service = ecs.FargateService(
        shop,
        "Service",
        cluster=ecs.Cluster(shop, "Cluster", vpc=vpc),
        task_definition=task,
        min_healthy_percent=50,
    )
    balancer = elbv2.ApplicationLoadBalancer(shop, "Balancer", vpc=vpc)
    balancer.add_listener("Http", port=80, open=False).add_targets(
        "All", port=80, targets=[service]
    )

    assert arrows(app) == ["Shop/Balancer to Shop/Service/Service"]
    assert boxes(app) == ["Shop/Balancer", "Shop/Service/Service"]


def test_of_a_rule_s_conditions_only_its_paths_are_told() -> None:
    conditions = [
        {"Field": "path-pattern", "Values": ["/books"]},
        {"Field": "host-header", "Values": ["shop.example"]},
    ]

    assert arrows_of(
        {
            "Function": resource("AWS::Lambda::Function"),
            "Group": resource(
                "AWS::ElasticLoadBalancingV2::TargetGroup",
                Targets=[{"Id": {"Fn::GetAtt": ["Function", "Arn"]}}],
            ),
            "Balancer": resource("AWS::ElasticLoadBalancingV2::LoadBalancer"),
            "Listener": resource(
                "AWS::ElasticLoadBalancingV2::Listener", LoadBalancerArn={"Ref": "Balancer"}
            ),
            "Rule": resource(
                "AWS::ElasticLoadBalancingV2::ListenerRule",
                ListenerArn={"Ref": "Listener"},
                Conditions=conditions,
                Actions=[{"Type": "forward", "TargetGroupArn": {"Ref": "Group"}}],
            ),
        }
    ) == ["Balancer to Function by /books"]
