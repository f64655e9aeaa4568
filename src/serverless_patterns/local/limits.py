"""What a deployment asks for that the local cloud does not enforce.

A green local run is worth as much as the emulator's honesty: each of these it accepts and
then ignores, so a template must be asserted on, or a model asked, where it matters.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from serverless_patterns.local.assembly import Template


@dataclass(frozen=True)
class Limit:
    """A property that is accepted and ignored.

    Attributes:
        type: The resource type.
        path: The property, its parts parted by dots; ``*`` stands for every item of a list.
            Empty - the resource itself.
        says: What doesn't happen.
        only: Values that count. Empty - any.
        needs: A property that must be there too.
    """

    type: str
    path: str
    says: str
    only: tuple[Any, ...] = ()
    needs: str = ""


@dataclass(frozen=True)
class Unenforced:
    """Something that a deployment asks for in vain.

    Attributes:
        says: What doesn't happen.
        constructs: The paths of the constructs that ask for it.
    """

    says: str
    constructs: tuple[str, ...]


_STREAM = "of a stream: a failing batch blocks its shard for ever"
_FAKE = "code in Java, Ruby and .NET: none runs, and the answer is a made-up 200"
_FAKE_RUNTIMES = (
    *("java8.al2", "java11", "java17", "java21", "java25"),
    *("ruby3.2", "ruby3.3", "ruby3.4", "dotnet6", "dotnet8", "dotnet10"),
)
_SIGNS_IN = "sign-in and tokens at a load balancer: whatever asks for them fails"
_SIGN_IN = ("authenticate-cognito", "authenticate-oidc", "jwt-validation")
_ASYNC = "the success destination of asynchronous invocation"

PRIVILEGES = "privileges: start with `up --enforce-iam` to have them checked"

LIMITS = (
    Limit("AWS::Lambda::Function", "MemorySize", "memory and the CPU that comes with it"),
    Limit("AWS::Lambda::Function", "TracingConfig.Mode", "traces: there is no X-Ray", ("Active",)),
    Limit("AWS::Lambda::Function", "SnapStart.ApplyOn", "snapshots", ("PublishedVersions",)),
    Limit("AWS::Lambda::Function", "Runtime", _FAKE, _FAKE_RUNTIMES),
    Limit(
        "AWS::Lambda::Function",
        "Layers",
        "extensions in layers and anything under /opt; for those of AppConfig, parameters and "
        "secrets an agent stands in, which may read everything",
    ),
    Limit("AWS::Lambda::Function", "VpcConfig", "the network that a VPC allows"),
    Limit("AWS::Lambda::Function", "EphemeralStorage.Size", "the size of /tmp"),
    Limit("AWS::Lambda::Function", "FileSystemConfigs", "file systems"),
    Limit("AWS::Lambda::Function", "KmsKeyArn", "encryption by KMS"),
    Limit("AWS::Lambda::Alias", "RoutingConfig", "weights of an alias"),
    Limit("AWS::Lambda::Alias", "ProvisionedConcurrencyConfig", "provisioned concurrency"),
    Limit("AWS::Lambda::Version", "ProvisionedConcurrencyConfig", "provisioned concurrency"),
    Limit("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnSuccess", _ASYNC),
    Limit(
        "AWS::Lambda::EventSourceMapping",
        "MaximumBatchingWindowInSeconds",
        "the window in which a batch gathers",
    ),
    *(
        Limit(
            "AWS::Lambda::EventSourceMapping", name, f"{what} {_STREAM}", needs="StartingPosition"
        )
        for name, what in (
            ("BisectBatchOnFunctionError", "bisecting a batch"),
            ("MaximumRetryAttempts", "the retry limit"),
            ("DestinationConfig", "the failure destination"),
            ("FunctionResponseTypes", "partial batch responses"),
            ("TumblingWindowInSeconds", "tumbling windows"),
        )
    ),
    Limit("AWS::ApiGatewayV2::Stage", "DefaultRouteSettings.ThrottlingRateLimit", "throttling"),
    Limit("AWS::ApiGatewayV2::Stage", "RouteSettings", "settings of single routes"),
    Limit("AWS::ApiGatewayV2::Stage", "AccessLogSettings", "access logs"),
    Limit("AWS::ApiGateway::Stage", "AccessLogSetting", "access logs"),
    Limit("AWS::SNS::Subscription", "RedrivePolicy", "a subscription's dead-letter queue"),
    Limit("AWS::Events::Rule", "Targets.*.DeadLetterConfig", "a rule's dead-letter queue"),
    Limit("AWS::Events::Rule", "Targets.*.RetryPolicy", "a rule's retries"),
    Limit("AWS::SQS::QueuePolicy", "", "queue policies, TLS among them"),
    Limit("AWS::AppConfig::ConfigurationProfile", "Validators", "validators of a configuration"),
    Limit(
        "AWS::CloudWatch::Alarm", "", "alarms on what API Gateway, queues and tables would measure"
    ),
    Limit("AWS::KMS::Key", "", "encryption by KMS"),
    Limit(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Actions.*.ForwardConfig",
        "weights of target groups",
    ),
    Limit(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Conditions.*.PathPatternConfig.RegexValues",
        "regular expressions of listener rules but those of paths with parameters: they match "
        "nothing",
    ),
    Limit("AWS::ElasticLoadBalancingV2::ListenerRule", "Actions.*.Type", _SIGNS_IN, _SIGN_IN),
    Limit("AWS::ElasticLoadBalancingV2::Listener", "DefaultActions.*.Type", _SIGNS_IN, _SIGN_IN),
    Limit(
        "AWS::ElasticLoadBalancingV2::Listener",
        "Protocol",
        "TLS of a load balancer: its listener answers plain requests that name its port",
        ("HTTPS",),
    ),
    Limit(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "LoadBalancerAttributes.*.Key",
        "access logs",
        ("access_logs.s3.bucket",),
    ),
    Limit("AWS::ECS::Service", "", "containers: none is run"),
    Limit("AWS::WAFv2::WebACL", "", "firewalls"),
    Limit("AWS::Pipes::Pipe", "", "pipes: nothing flows"),
    Limit("AWS::ApiGatewayV2::Api", "Body", "routes in an OpenAPI body of an HTTP API"),
    Limit("AWS::ApiGatewayV2::Api", "BodyS3Location", "routes in an OpenAPI body of an HTTP API"),
    Limit(
        "AWS::ApiGatewayV2::Integration",
        "PayloadFormatVersion",
        "payload format 1.0 of an HTTP API",
        ("1.0",),
    ),
    Limit(
        "AWS::SNS::Subscription",
        "Protocol",
        "retries from a topic to a function: it is tried once",
        ("lambda",),
    ),
)


def unenforced(templates: Sequence[Template], *, enforces_iam: bool) -> list[Unenforced]:
    """What the templates ask for in vain, the most general first."""
    found: dict[str, list[str]] = defaultdict(list)
    for template in templates:
        for logical_id, resource in template.resources.items():
            name = construct_path(template, logical_id)
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Role" and not enforces_iam:
                found[PRIVILEGES].append(name)
            for limit in LIMITS:
                if limit.type == resource["Type"] and _asks_for(limit, properties):
                    found[limit.says].append(name)
    return [Unenforced(says, tuple(dict.fromkeys(paths))) for says, paths in found.items()]


def construct_path(template: Template, logical_id: str) -> str:
    """The path of the construct behind a resource, as far as the template tells."""
    resource = template.resources.get(logical_id, {})
    path = str(resource.get("Metadata", {}).get("aws:cdk:path", ""))
    return path.removesuffix("/Resource") or f"{template.name}.{logical_id}"


def _asks_for(limit: Limit, properties: dict[str, Any]) -> bool:
    if limit.needs and limit.needs not in properties:
        return False
    if not limit.path:
        return True
    values = [*_values(properties, limit.path.split("."))]
    return any(not limit.only or value in limit.only for value in values)


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
    elif isinstance(value, list) and path[0] == "*":
        for item in value:
            yield from _values(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _values(value[path[0]], path[1:])
