"""Which resources a picture shows, and what it calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serverless_patterns._diagram.resources import Resource


@dataclass(frozen=True)
class Kind:
    """What a picture says of a type of resource.

    Attributes:
        name: What it is called.
        role: What it is there for, which gives it its colour.
    """

    name: str
    role: str


_DOOR, _COMPUTE, _EVENTS, _STORE = "door", "compute", "events", "store"

KINDS = {
    "AWS::ApiGateway::RestApi": Kind("REST API", _DOOR),
    "AWS::ApiGatewayV2::Api": Kind("HTTP API", _DOOR),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Kind("load balancer", _DOOR),
    "AWS::Lambda::Url": Kind("function URL", _DOOR),
    "AWS::ECS::Service": Kind("ECS service", _COMPUTE),
    "AWS::Lambda::Alias": Kind("alias", _COMPUTE),
    "AWS::Lambda::Function": Kind("function", _COMPUTE),
    "AWS::StepFunctions::StateMachine": Kind("state machine", _COMPUTE),
    "AWS::Events::EventBus": Kind("event bus", _EVENTS),
    "AWS::Events::Rule": Kind("rule", _EVENTS),
    "AWS::Kinesis::Stream": Kind("stream", _EVENTS),
    "AWS::Pipes::Pipe": Kind("pipe", _EVENTS),
    "AWS::SNS::Topic": Kind("topic", _EVENTS),
    "AWS::SQS::Queue": Kind("queue", _EVENTS),
    "AWS::Scheduler::Schedule": Kind("schedule", _EVENTS),
    "AWS::DynamoDB::GlobalTable": Kind("table", _STORE),
    "AWS::DynamoDB::Table": Kind("table", _STORE),
    "AWS::S3::Bucket": Kind("bucket", _STORE),
}
"""By CloudFormation type; what isn't here isn't drawn."""


def kind_of(resource: Resource) -> Kind:
    """What a picture says of a resource."""
    if resource.get("ProtocolType") == "WEBSOCKET":
        return Kind("WebSocket API", _DOOR)
    if resource.type == "AWS::Events::Rule" and resource.get("ScheduleExpression"):
        return Kind("schedule", _EVENTS)
    return KINDS[resource.type]
