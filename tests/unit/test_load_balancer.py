from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_actions as elbv2_actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

from serverless_patterns import Endpoint, ProxyApi, PythonFunction, Route, RouteApi
from serverless_patterns._load_balancer_logs import _DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
OPEN = "The catalogue is for everyone"
NAME = "api.shop.example"
ELB = "AWS::ElasticLoadBalancingV2"


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)


@pytest.fixture
def certificate(stack: cdk.Stack) -> acm.ICertificate:
    return acm.Certificate(stack, "Certificate", domain_name=NAME)


@pytest.fixture
def other(stack: cdk.Stack, entry: Path) -> PythonFunction:
    return PythonFunction(stack, "Other", entry=entry)


def oidc(**options: Any) -> elbv2.ListenerAction:
    return elbv2.ListenerAction.authenticate_oidc(
        authorization_endpoint="https://id.example/authorize",
        client_id="shop",
        client_secret=cdk.SecretValue.secrets_manager("secret"),
        issuer="https://id.example",
        token_endpoint="https://id.example/token",
        user_info_endpoint="https://id.example/user",
        next=elbv2.ListenerAction.fixed_response(500),
        **options,
    )


def resources(stack: cdk.Stack, resource_type: str) -> Mapping[str, Mapping[str, Any]]:
    return assertions.Template.from_stack(stack).find_resources(resource_type)


def one(stack: cdk.Stack, resource_type: str) -> Mapping[str, Any]:
    [found] = resources(stack, resource_type).values()
    of_it: Mapping[str, Any] = found.get("Properties", {})
    return of_it


def rules(stack: cdk.Stack) -> dict[str, Mapping[str, Any]]:
    """The rules by what a request must be."""
    found = {}
    for each in resources(stack, f"{ELB}::ListenerRule").values():
        path, *method = each["Properties"]["Conditions"]
        [[pattern]] = path["PathPatternConfig"].values()
        [verb] = method[0]["HttpRequestMethodConfig"]["Values"] if method else ["ANY"]
        found[f"{verb} {pattern}"] = each
    return found


def attributes(properties: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each["Key"]: each["Value"] for each in properties[name]}


def test_it_is_internal_and_listens_to_its_vpc_alone(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))

    balancer, group = one(stack, f"{ELB}::LoadBalancer"), one(stack, "AWS::EC2::SecurityGroup")
    [network] = resources(stack, "AWS::EC2::VPC")
    assert balancer["Scheme"] == "internal"
    assert "Name" not in balancer
    assert group["SecurityGroupIngress"] == [
        {
            "CidrIp": {"Fn::GetAtt": [network, "CidrBlock"]},
            "Description": "From the VPC",
            "FromPort": 80,
            "ToPort": 80,
            "IpProtocol": "tcp",
        }
    ]
    [nowhere] = group["SecurityGroupEgress"]
    assert nowhere["CidrIp"] == "255.255.255.255/32"
    assert one(stack, f"{ELB}::Listener")["Protocol"] == "HTTP"
    assert attributes(balancer, "LoadBalancerAttributes") | {"access_logs.s3.bucket": "?"} == {
        "deletion_protection.enabled": "false",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "?",
    }


def test_it_stands_in_the_subnets_that_are_chosen(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    chosen = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    endpoint = Endpoint.load_balancer(vpc=vpc, vpc_subnets=chosen)
    ProxyApi(stack, "Api", handler=handler, endpoint=endpoint)

    public = [stack.resolve(subnet.subnet_id) for subnet in vpc.public_subnets]
    assert one(stack, f"{ELB}::LoadBalancer")["Subnets"] == public


def test_a_catch_all_answers_by_default(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))

    [group] = resources(stack, f"{ELB}::TargetGroup")
    assert one(stack, f"{ELB}::Listener")["DefaultActions"] == [
        {"Type": "forward", "TargetGroupArn": {"Ref": group}}
    ]
    assert not rules(stack)
    assert isinstance(api.api, elbv2.ApplicationLoadBalancer)
    assert api.stage is None


def test_without_a_catch_all_nothing_else_is_found(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    endpoint = Endpoint.load_balancer(vpc=vpc)
    RouteApi(stack, "Api", routes=[Route("GET", "/books", handler)], endpoint=endpoint)

    [answer] = one(stack, f"{ELB}::Listener")["DefaultActions"]
    assert answer["FixedResponseConfig"] == {
        "StatusCode": "404",
        "ContentType": "application/json",
        "MessageBody": '{"message":"Not Found"}',
    }


def test_a_function_has_one_target_group_and_one_permission_for_all_its_routes(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, other: PythonFunction
) -> None:
    RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.load_balancer(vpc=vpc),
        routes=[
            Route("GET", "/books", handler),
            Route("GET", "/books/{id}", handler),
            Route("ANY", "/files/{name+}", other),
        ],
        catch_all=handler,
    )

    groups = resources(stack, f"{ELB}::TargetGroup")
    permissions = resources(stack, "AWS::Lambda::Permission")
    assert len(groups) == len(permissions) == 2
    waits = {}
    for name, group in groups.items():
        [permission] = group["DependsOn"]
        [target] = group["Properties"]["Targets"]
        waits[name] = permission
        assert permissions[permission]["Properties"] | {"SourceArn": "?"} == {
            "Action": "lambda:InvokeFunction",
            "FunctionName": target["Id"],
            "Principal": "elasticloadbalancing.amazonaws.com",
            "SourceAccount": {"Ref": "AWS::AccountId"},
            "SourceArn": "?",
        }
        source = json.dumps(permissions[permission]["Properties"]["SourceArn"])
        assert ":targetgroup/*" in source
        assert group["Properties"]["TargetType"] == "lambda"
        assert attributes(group["Properties"], "TargetGroupAttributes") == {
            "lambda.multi_value_headers.enabled": "true"
        }
    found = rules(stack)
    assert {*found} == {"GET /books", "GET ^/books/[^/]+$", "ANY ^/files/.+$"}
    for rule in found.values():
        [forward] = rule["Properties"]["Actions"]
        assert rule["DependsOn"] == [waits[forward["TargetGroupArn"]["Ref"]]]
    led = {key: rule["Properties"]["Actions"] for key, rule in found.items()}
    assert led["GET /books"] == led["GET ^/books/[^/]+$"] != led["ANY ^/files/.+$"]


def test_an_alias_can_be_the_handler(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    ProxyApi(stack, "Api", handler=alias, endpoint=Endpoint.load_balancer(vpc=vpc))

    reference = stack.resolve(alias.function_arn)
    assert one(stack, f"{ELB}::TargetGroup")["Targets"] == [{"Id": reference}]
    assert one(stack, "AWS::Lambda::Permission")["FunctionName"] == reference


def test_no_resource_moves_when_a_route_comes_or_changes_hands(
    make_app: MakeApp, entry: Path
) -> None:
    def synthesized(*keys: str, moved: bool = False) -> dict[str, Any]:
        stack = cdk.Stack(make_app(), "Shop")
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
        one, two = (PythonFunction(stack, name, entry=entry) for name in ("One", "Two"))
        routes = []
        for key in keys:
            method, path = key.split(" ")
            is_of_two = "orders" in key or (moved and key == "GET /books")
            routes.append(Route(method, path, two if is_of_two else one))
        RouteApi(
            stack, "Api", routes=routes, catch_all=one, endpoint=Endpoint.load_balancer(vpc=vpc)
        )
        found: dict[str, Any] = assertions.Template.from_stack(stack).to_json()["Resources"]
        return found

    before = synthesized("GET /books", "GET /orders")
    more = synthesized("GET /a", "GET /books", "GET /orders", "GET /orders/{id}")
    moved = synthesized("GET /books", "GET /orders", moved=True)

    assert before.items() <= more.items()
    assert {*moved} == {*before}
    [changed] = [name for name in before if before[name] != moved[name]]
    assert before[changed]["Type"] == f"{ELB}::ListenerRule"
    assert before[changed]["Properties"]["Priority"] == moved[changed]["Properties"]["Priority"]


def test_a_priority_can_be_chosen(stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction) -> None:
    endpoint = Endpoint.load_balancer(vpc=vpc, priorities={"GET /books": 17})
    RouteApi(stack, "Api", routes=[Route("GET", "/books", handler)], endpoint=endpoint)

    assert rules(stack)["GET /books"]["Properties"]["Priority"] == 17


@pytest.mark.parametrize("own_functions", [True, False])
def test_many_units_stand_in_nested_stacks_without_a_circle(
    make_app: MakeApp, entry: Path, *, own_functions: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
    shared = PythonFunction(stack, "Shared", entry=entry)
    functions = [
        lambda_.Alias(
            stack, f"Alias{number}", alias_name=f"live{number}", version=shared.current_version
        )
        if own_functions
        else shared
        for number in range(90)
    ]
    RouteApi(
        stack,
        "Api",
        routes=[
            Route("GET", f"/route{number}/{{id}}", function)
            for number, function in enumerate(functions)
        ],
        endpoint=Endpoint.load_balancer(vpc=vpc),
        nested_stacks=True,
    )

    template = assertions.Template.from_stack(stack)
    template.resource_count_is(f"{ELB}::ListenerRule", 90)
    template.resource_count_is(f"{ELB}::TargetGroup", 0)
    template.resource_count_is("AWS::Lambda::Permission", 0)
    nested = template.find_resources("AWS::CloudFormation::Stack")
    for rule in template.find_resources(f"{ELB}::ListenerRule").values():
        [waits_for] = rule["DependsOn"]
        assert waits_for in nested
    groups = [
        each
        for child in stack.node.find_all()
        if isinstance(child, cdk.NestedStack)
        for each in assertions.Template.from_stack(child).find_resources(f"{ELB}::TargetGroup")
    ]
    assert len(groups) == (90 if own_functions else 1)


def test_access_logs_go_to_a_bucket_that_takes_them_from_load_balancers_alone(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))

    template = assertions.Template.from_stack(stack)
    [bucket] = template.find_resources("AWS::S3::Bucket")
    [policy] = template.find_resources("AWS::S3::BucketPolicy")
    arn = {"Fn::GetAtt": [bucket, "Arn"]}
    template.has_resource(
        "AWS::S3::Bucket",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                },
                "LifecycleConfiguration": {
                    "Rules": [{"ExpirationInDays": 90, "Status": "Enabled"}]
                },
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
            },
        },
    )
    statements = one(stack, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    [write] = [each for each in statements if each["Effect"] == "Allow"]
    [encrypt] = [each for each in statements if each["Effect"] == "Deny"]
    assert write == {
        "Action": "s3:PutObject",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Resource": {"Fn::Join": ["", [arn, "/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*"]]},
    }
    assert encrypt["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    [balancer] = template.find_resources(f"{ELB}::LoadBalancer").values()
    told = attributes(balancer["Properties"], "LoadBalancerAttributes")
    assert told["access_logs.s3.bucket"] == {"Ref": bucket}
    assert policy in balancer["DependsOn"]
    assert stack.resolve(api.access_logs.bucket_name) == {"Ref": bucket}


@pytest.mark.parametrize("retention", logs.RetentionDays)
def test_access_logs_are_kept_as_long_as_a_log_group_keeps_them(
    stack: cdk.Stack, retention: logs.RetentionDays
) -> None:
    logs.LogGroup(stack, "Logs", retention=retention)

    assert _DAYS.get(retention) == one(stack, "AWS::Logs::LogGroup").get("RetentionInDays")


def test_access_logs_can_be_kept_for_ever(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    ProxyApi(
        stack,
        "Api",
        handler=handler,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        retention=logs.RetentionDays.INFINITE,
    )

    assert "LifecycleConfiguration" not in one(stack, "AWS::S3::Bucket")


def test_with_a_certificate_it_faces_the_internet_by_https(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, certificate: acm.ICertificate
) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z1", zone_name="shop.example"
    )
    api = ProxyApi(
        stack,
        "Api",
        handler=handler,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        public=OPEN,
        domain_name=NAME,
        certificate=certificate,
        hosted_zone=zone,
        api_name="shop",
    )

    template = assertions.Template.from_stack(stack)
    balancer = one(stack, f"{ELB}::LoadBalancer")
    assert (balancer["Scheme"], balancer["Name"]) == ("internet-facing", "shop")
    public = [stack.resolve(subnet.subnet_id) for subnet in vpc.public_subnets]
    assert balancer["Subnets"] == public
    template.has_resource_properties(
        f"{ELB}::Listener",
        {
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "Certificates": [{"CertificateArn": stack.resolve(certificate.certificate_arn)}],
            "DefaultActions": [MATCH.object_like({"Type": "forward"})],
        },
    )
    template.has_resource_properties(
        f"{ELB}::Listener",
        {
            "Port": 80,
            "DefaultActions": [
                {
                    "Type": "redirect",
                    "RedirectConfig": {
                        "Port": "443",
                        "Protocol": "HTTPS",
                        "StatusCode": "HTTP_301",
                    },
                }
            ],
        },
    )
    ingress = one(stack, "AWS::EC2::SecurityGroup")["SecurityGroupIngress"]
    assert [(each["CidrIp"], each["FromPort"]) for each in ingress] == [
        ("0.0.0.0/0", 80),
        ("0.0.0.0/0", 443),
    ]
    [name] = template.find_resources(f"{ELB}::LoadBalancer")
    record = one(stack, "AWS::Route53::RecordSet")
    assert record["Name"] == f"{NAME}."
    assert json.dumps({"Fn::GetAtt": [name, "DNSName"]}) in json.dumps(record["AliasTarget"])
    assert api.url == f"https://{NAME}/"


def test_an_internal_one_is_called_by_its_own_name(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))

    [name] = resources(stack, f"{ELB}::LoadBalancer")
    assert stack.resolve(api.url) == {
        "Fn::Join": ["", ["http://", {"Fn::GetAtt": [name, "DNSName"]}, "/"]]
    }


def test_what_authenticates_comes_first_and_the_function_in_place_of_what_came_next(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, certificate: acm.ICertificate
) -> None:
    RouteApi(
        stack,
        "Api",
        routes=[
            Route("GET", "/books", handler, public=OPEN),
            Route("POST", "/books", handler),
            Route("PUT", "/books", handler, authorizer=oidc(scope="openid admin")),
        ],
        catch_all=handler,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        authorizer=oidc(session_timeout=cdk.Duration.hours(1)),
        domain_name=NAME,
        certificate=certificate,
    )

    [group] = resources(stack, f"{ELB}::TargetGroup")
    found = {key: each["Properties"]["Actions"] for key, each in rules(stack).items()}
    forward = {"Type": "forward", "TargetGroupArn": {"Ref": group}}
    assert found["GET /books"] == [forward | {"Order": 1}]
    for key, field, value in (
        ("POST /books", "SessionTimeout", 3600),
        ("PUT /books", "Scope", "openid admin"),
    ):
        guard, then = found[key]
        assert (guard["Type"], guard["Order"]) == ("authenticate-oidc", 1)
        assert guard["AuthenticateOidcConfig"][field] == value
        assert then == forward | {"Order": 2}
    listeners = resources(stack, f"{ELB}::Listener").values()
    [caught] = [each["Properties"] for each in listeners if each["Properties"]["Port"] == 443]
    assert [each["Type"] for each in caught["DefaultActions"]] == ["authenticate-oidc", "forward"]
    [egress] = one(stack, "AWS::EC2::SecurityGroup")["SecurityGroupEgress"]
    assert (egress["CidrIp"], egress["FromPort"]) == ("0.0.0.0/0", 443)


@pytest.mark.parametrize("kind", ["authenticate-cognito", "jwt-validation"])
def test_cognito_and_tokens_authenticate_as_well(
    stack: cdk.Stack,
    vpc: ec2.Vpc,
    handler: PythonFunction,
    certificate: acm.ICertificate,
    kind: str,
) -> None:
    after = elbv2.ListenerAction.fixed_response(500)
    if kind == "jwt-validation":
        guard = elbv2.ListenerAction.authenticate_jwt(
            issuer="https://id.example", jwks_endpoint="https://id.example/keys", next=after
        )
    else:
        pool = cognito.UserPool(stack, "Pool")
        domain = cognito.CognitoDomainOptions(domain_prefix="shop")
        guard = elbv2_actions.AuthenticateCognitoAction(
            user_pool=pool,
            user_pool_client=pool.add_client("Client", generate_secret=True),
            user_pool_domain=pool.add_domain("Domain", cognito_domain=domain),
            next=after,
        )
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", "/books", handler)],
        catch_all=handler,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        authorizer=guard,
        domain_name=NAME,
        certificate=certificate,
    )

    [rule] = rules(stack).values()
    first, then = rule["Properties"]["Actions"]
    assert (first["Type"], first["Order"]) == (kind, 1)
    assert (then["Type"], then["Order"]) == ("forward", 2)
    if kind == "jwt-validation":
        assert first["JwtValidationConfig"] == {
            "Issuer": "https://id.example",
            "JwksEndpoint": "https://id.example/keys",
        }
    assertions.Template.from_stack(stack).has_resource_properties(
        f"{ELB}::Listener",
        {
            "Port": 443,
            "DefaultActions": [
                MATCH.object_like({"Type": kind, "Order": 1}),
                MATCH.object_like({"Type": "forward", "Order": 2}),
            ],
        },
    )


def test_claims_that_a_token_must_have_are_asked_for_by_a_rule_too(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, certificate: acm.ICertificate
) -> None:
    listener = elbv2.CfnListener
    claim = listener.JwtValidationActionAdditionalClaimProperty(
        format="space-separated-values", name="scope", values=["shop/read"]
    )
    tokens = listener.JwtValidationConfigProperty(
        issuer="https://id.example",
        jwks_endpoint="https://id.example/keys",
        additional_claims=[claim],
    )
    guard = elbv2.ListenerAction(
        listener.ActionProperty(type="jwt-validation", jwt_validation_config=tokens)
    )
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", "/books", handler, authorizer=guard)],
        endpoint=Endpoint.load_balancer(vpc=vpc),
        domain_name=NAME,
        certificate=certificate,
    )

    [rule] = rules(stack).values()
    assert rule["Properties"]["Actions"][0]["JwtValidationConfig"]["AdditionalClaims"] == [
        {"Format": "space-separated-values", "Name": "scope", "Values": ["shop/read"]}
    ]


def test_metrics_count_the_answers_of_functions_and_of_the_load_balancer(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))
    api.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")))
    api.metric_client_error(period=cdk.Duration.minutes(1), label="Mistakes").create_alarm(
        stack, "Mistakes", threshold=1, evaluation_periods=1
    )
    api.metric_count().create_alarm(stack, "Busy", threshold=1, evaluation_periods=1)

    alarms = resources(stack, "AWS::CloudWatch::Alarm").values()
    measured = {}
    for alarm in alarms:
        properties = alarm["Properties"]
        if "Metrics" in properties:
            of_it = properties["Metrics"]
            expressions = tuple(each["Expression"] for each in of_it if "Expression" in each)
            measured[expressions] = {
                each["Id"]: (
                    each["MetricStat"]["Metric"]["MetricName"],
                    each["MetricStat"]["Stat"],
                    each["MetricStat"]["Period"],
                )
                for each in of_it
                if "MetricStat" in each
            }
    assert measured == {
        ("100 * errors / requests", "FILL(function5xx, 0) + FILL(balancer5xx, 0)"): {
            "function5xx": ("HTTPCode_Target_5XX_Count", "Sum", 60),
            "balancer5xx": ("HTTPCode_ELB_5XX_Count", "Sum", 60),
            "requests": ("RequestCount", "Sum", 60),
        },
        ("1000 * seconds",): {"seconds": ("TargetResponseTime", "p99", 60)},
        ("FILL(function4xx, 0) + FILL(balancer4xx, 0)",): {
            "function4xx": ("HTTPCode_Target_4XX_Count", "Sum", 60),
            "balancer4xx": ("HTTPCode_ELB_4XX_Count", "Sum", 60),
        },
    }


@pytest.mark.parametrize("number", [100, 101])
def test_more_rules_than_an_account_may_have_are_warned_of(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, number: int
) -> None:
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", f"/of/{each}", handler) for each in range(number)],
        endpoint=Endpoint.load_balancer(vpc=vpc),
    )

    warnings = assertions.Annotations.from_stack(stack).find_warning(
        "/Shop/Api", MATCH.string_like_regexp("serverless-patterns:load-balancer-rules")
    )
    assert [str(each.entry.data).partition(" [")[0] for each in warnings] == (
        [
            "Shop/Api: 101 rules are more than the 100 that a load balancer may have until AWS "
            "raises the quota of this account"
        ]
        if number > 100
        else []
    )


def test_a_handler_that_cdk_cannot_permit_to_be_invoked_is_warned_of(
    stack: cdk.Stack, vpc: ec2.Vpc
) -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:there"
    there = lambda_.Function.from_function_arn(stack, "There", arn)
    ProxyApi(stack, "Api", handler=there, endpoint=Endpoint.load_balancer(vpc=vpc))

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Api",
        MATCH.string_like_regexp(
            r"Shop/Api: CDK can't let the load balancer invoke Shop/There: unless its owner did, "
            r".*serverless-patterns:permission"
        ),
    )
