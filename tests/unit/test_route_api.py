from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from serverless_patterns import PatternError, PythonFunction, Route, RouteApi
from tests.apis import authorization, jwt, routes
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


def resources(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = assertions.Template.from_stack(stack).to_json()["Resources"]
    return found


def of_type(stack: cdk.Stack, kind: str) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in resources(stack).items() if each["Type"] == kind}


def test_each_route_leads_to_its_function(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    RouteApi(
        stack,
        "Api",
        routes=[
            Route("GET", "/books/{id}", handler),
            Route("ANY", "/files/{name+}", other),
            Route("GET", "/", other),
        ],
    )

    found = routes(stack)
    assert {*found} == {"GET /books/{id}", "ANY /files/{name+}", "GET /"}
    integrations = of_type(stack, "AWS::ApiGatewayV2::Integration")
    functions = {key: _function_of(route, integrations) for key, route in found.items()}
    assert functions["GET /books/{id}"].startswith("Handler")
    assert functions["ANY /files/{name+}"] == functions["GET /"]
    assert functions["GET /"].startswith("Other")


def test_routes_to_one_function_share_an_integration_and_a_permission(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    RouteApi(stack, "Api", routes=[Route("GET", f"/r{number}", handler) for number in range(50)])

    counts = Counter(each["Type"] for each in resources(stack).values())
    assert counts["AWS::ApiGatewayV2::Route"] == 50
    assert counts["AWS::ApiGatewayV2::Integration"] == 1
    assert counts["AWS::Lambda::Permission"] == 1


def test_an_alias_is_a_unit_of_its_own_beside_its_function(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    RouteApi(stack, "Api", routes=[Route("GET", "/a", handler), Route("GET", "/b", alias)])

    assert len(of_type(stack, "AWS::ApiGatewayV2::Integration")) == 2


def test_a_route_costs_at_most_six_resources(stack: cdk.Stack, entry: Path) -> None:
    functions = [PythonFunction(stack, f"Own{number}", entry=entry) for number in range(10)]
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", f"/r{number}", each) for number, each in enumerate(functions)],
    )

    counts = Counter(each["Type"] for each in resources(stack).values())
    api_itself = {"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage", "AWS::CDK::Metadata"}
    own = {kind: count for kind, count in counts.items() if kind not in api_itself}
    assert own == {
        "AWS::Lambda::Function": 10,
        "AWS::IAM::Role": 10,
        "AWS::Logs::LogGroup": 11,  # one is the API's
        "AWS::ApiGatewayV2::Integration": 10,
        "AWS::Lambda::Permission": 10,
        "AWS::ApiGatewayV2::Route": 10,
    }


def test_a_route_that_sorts_first_comes_or_goes_without_replacing_anything(
    make_app: MakeApp, entry: Path
) -> None:
    def synthesize(*paths: str) -> dict[str, dict[str, Any]]:
        stack = cdk.Stack(make_app(), "Shop")
        shared = PythonFunction(stack, "Shared", entry=entry)
        RouteApi(stack, "Api", routes=[Route("GET", path, shared) for path in paths])
        return resources(stack)

    without, first = synthesize("/b", "/c"), synthesize("/a", "/b", "/c")
    assert without.items() <= first.items()
    added = {each["Type"] for name, each in first.items() if name not in without}
    assert added == {"AWS::ApiGatewayV2::Route"}


def test_each_route_waits_for_the_permission_of_its_function(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    RouteApi(stack, "Api", routes=[Route("GET", "/a", handler), Route("GET", "/b", other)])

    permissions = of_type(stack, "AWS::Lambda::Permission")
    integrations = of_type(stack, "AWS::ApiGatewayV2::Integration")
    for route in routes(stack).values():
        [needed] = route["DependsOn"]
        function = permissions[needed]["Properties"]["FunctionName"]["Fn::GetAtt"][0]
        assert function == _function_of(route, integrations)


def test_a_route_is_updated_in_place_when_another_function_takes_it_over(
    make_app: MakeApp, entry: Path
) -> None:
    def route_id(serving: str) -> str:
        stack = cdk.Stack(make_app(), "Shop")
        functions = {name: PythonFunction(stack, name, entry=entry) for name in ("One", "Two")}
        RouteApi(stack, "Api", routes=[Route("GET", "/books/{id}", functions[serving])])
        [logical_id] = of_type(stack, "AWS::ApiGatewayV2::Route")
        return logical_id

    assert route_id("One") == route_id("Two")


def test_a_catch_all_answers_what_no_route_matches_through_its_one_integration(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    RouteApi(stack, "Api", routes=[Route("GET", "/books", handler)], catch_all=handler)

    assert {*routes(stack)} == {"GET /books", "ANY /", "ANY /{proxy+}"}
    assert len(of_type(stack, "AWS::ApiGatewayV2::Integration")) == 1


def test_a_route_may_be_guarded_in_its_own_way(stack: cdk.Stack, handler: PythonFunction) -> None:
    api_guard, own_guard = jwt(), authorizers.HttpLambdaAuthorizer("Own", handler)
    RouteApi(
        stack,
        "Api",
        authorizer=api_guard,
        scopes=["shop/read"],
        routes=[
            Route("GET", "/as-the-api", handler),
            Route("GET", "/own", handler, authorizer=own_guard),
            Route("GET", "/scoped", handler, scopes=["shop/write"]),
            Route("GET", "/open", handler, public="The status page is for everyone"),
        ],
    )

    assert authorization(stack) == {
        "GET /as-the-api": "JWT",
        "GET /own": "CUSTOM",
        "GET /scoped": "JWT",
        "GET /open": "NONE",
    }
    found = routes(stack)
    assert found["GET /as-the-api"]["Properties"]["AuthorizationScopes"] == ["shop/read"]
    assert found["GET /scoped"]["Properties"]["AuthorizationScopes"] == ["shop/write"]
    assert len(of_type(stack, "AWS::ApiGatewayV2::Authorizer")) == 2


def test_without_more_every_route_is_closed_by_iam(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    RouteApi(stack, "Api", routes=[Route("GET", "/a", handler)], catch_all=handler)

    assert {*authorization(stack).values()} == {"AWS_IAM"}


def test_a_route_may_have_a_throttle_of_its_own_which_waits_for_it(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    slow = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", "/slow", handler, throttle=slow), Route("GET", "/fast", handler)],
    )

    [stage] = of_type(stack, "AWS::ApiGatewayV2::Stage").values()
    assert stage["Properties"]["RouteSettings"] == {
        "GET /slow": {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 2}
    }
    [slow_id] = (
        name
        for name, each in of_type(stack, "AWS::ApiGatewayV2::Route").items()
        if each["Properties"]["RouteKey"] == "GET /slow"
    )
    assert slow_id in stage["DependsOn"]


def test_browsers_may_ask_before_they_call_a_guarded_route_for_any_method(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    cors = apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])
    RouteApi(
        stack,
        "Api",
        cors=cors,
        routes=[Route("ANY", "/any", handler), Route("GET", "/get", handler)],
    )

    assert authorization(stack) == {
        "ANY /any": "AWS_IAM",
        "OPTIONS /any": "NONE",
        "GET /get": "AWS_IAM",
    }


def test_a_name_of_ones_own_is_mapped_to_the_stage(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    certificate = _certificate(stack)
    api = RouteApi(
        stack,
        "Api",
        routes=[Route("GET", "/a", handler)],
        domain_name="api.shop.example",
        certificate=certificate,
        hosted_zone=_zone(stack),
    )

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::ApiGatewayV2::DomainName",
        {
            "DomainName": "api.shop.example",
            "DomainNameConfigurations": [
                {"CertificateArn": certificate.certificate_arn, "EndpointType": "REGIONAL"}
            ],
        },
    )
    [mapping] = of_type(stack, "AWS::ApiGatewayV2::ApiMapping").values()
    [stage] = of_type(stack, "AWS::ApiGatewayV2::Stage")
    assert mapping["Properties"]["Stage"] == "$default"
    assert stage in mapping["DependsOn"]
    template.has_resource_properties(
        "AWS::Route53::RecordSet", {"Name": "api.shop.example.", "Type": "A"}
    )
    assert stack.resolve(api.url)["Fn::Join"][1][-1] == "/"
    assert stack.resolve(api.domain_target)["Fn::GetAtt"][1] == "RegionalDomainName"


def test_two_functions_whose_paths_read_alike_are_refused(stack: cdk.Stack, entry: Path) -> None:
    one = PythonFunction(stack, "A.B", entry=entry)
    two = PythonFunction(Construct(stack, "A"), "B", entry=entry)
    message = (
        "Shop/Api/Units/A.B: id must be unique in Shop/Api/Units, got a second 'A.B'; "
        "choose another id"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteApi(stack, "Api", routes=[Route("GET", "/a", one), Route("GET", "/b", two)])


def test_the_throttle_alarm_adds_up_the_functions_unless_they_are_too_many(
    make_app: MakeApp, entry: Path
) -> None:
    def alarms(functions: int) -> list[str]:
        stack = cdk.Stack(make_app(), "Shop")
        handlers = [PythonFunction(stack, f"F{n}", entry=entry) for n in range(functions)]
        api = RouteApi(
            stack, "Api", routes=[Route("GET", f"/{n}", h) for n, h in enumerate(handlers)]
        )
        made = api.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")))
        return [alarm.node.id for alarm in made]

    assert alarms(2) == ["ServerErrorAlarm", "LatencyAlarm", "ThrottleAlarm"]
    assert alarms(11) == ["ServerErrorAlarm", "LatencyAlarm"]


def _function_of(route: Any, integrations: dict[str, dict[str, Any]]) -> str:
    reference = route["Properties"]["Target"]["Fn::Join"][1][1]["Ref"]
    function: str = integrations[reference]["Properties"]["IntegrationUri"]["Fn::GetAtt"][0]
    return function


def _certificate(stack: cdk.Stack) -> Any:
    from aws_cdk import aws_certificatemanager as acm  # noqa: PLC0415 - slow to import

    arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
    return acm.Certificate.from_certificate_arn(stack, "Certificate", arn)


def _zone(stack: cdk.Stack) -> Any:
    from aws_cdk import aws_route53 as route53  # noqa: PLC0415 - slow to import

    return route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z1", zone_name="shop.example"
    )
