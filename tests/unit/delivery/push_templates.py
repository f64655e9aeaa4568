"""Small templates of what Lambda is invoked by asynchronously."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Properties: TypeAlias = Mapping[str, Any]
Template: TypeAlias = dict[str, Any]


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def template(*parts: Mapping[str, Any]) -> Template:
    """One template of several; what stands later wins."""
    resources: dict[str, Any] = {}
    for part in parts:
        resources |= part
    return {"Resources": resources}


def resource(name: str, kind: str, **properties: Any) -> dict[str, Any]:
    return {name: {"Type": kind, "Properties": properties}}


def function(name: str = "Handler", **properties: Any) -> dict[str, Any]:
    return resource(name, "AWS::Lambda::Function", **properties)


def queue(name: str = "Queue", **properties: Any) -> dict[str, Any]:
    return resource(name, "AWS::SQS::Queue", **properties)


def configured(**properties: Any) -> dict[str, Any]:
    """An event-invoke config of Handler."""
    given = {"FunctionName": ref("Handler"), "Qualifier": "$LATEST"} | properties
    return resource("Config", "AWS::Lambda::EventInvokeConfig", **given)


def failing_to(destination: Any = None) -> dict[str, Any]:
    return {"OnFailure": {"Destination": arn("Queue") if destination is None else destination}}


def allowed(
    principal: str, source: Any, target: Any = None, name: str = "Permission"
) -> dict[str, Any]:
    """A permission to invoke Handler, or as named something else."""
    return resource(
        name,
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName=arn("Handler") if target is None else target,
        Principal=principal,
        SourceArn=source,
    )


def let_in(
    service: str,
    source: Any,
    target: str = "Queue",
    *,
    kind: str = "AWS::SQS::QueuePolicy",
    key: str = "Queues",
    action: str = "sqs:SendMessage",
) -> dict[str, Any]:
    """A policy of a queue, or as named of something else."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": arn(target),
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    return resource(
        f"{target}Policy", kind, **{key: [ref(target)]}, PolicyDocument={"Statement": [statement]}
    )


def topic(name: str = "Topic", **properties: Any) -> dict[str, Any]:
    return resource(name, "AWS::SNS::Topic", **properties)


def subscription(
    endpoint: Any = None,
    protocol: str = "lambda",
    name: str = "Subscription",
    **properties: Any,
) -> dict[str, Any]:
    given = {
        "TopicArn": ref("Topic"),
        "Protocol": protocol,
        "Endpoint": arn("Handler") if endpoint is None else endpoint,
    }
    return resource(name, "AWS::SNS::Subscription", **given | properties)


def subscribed(*parts: Mapping[str, Any], **properties: Any) -> Template:
    """A topic that invokes Handler."""
    return template(
        function(),
        topic(),
        subscription(**properties),
        allowed("sns.amazonaws.com", ref("Topic")),
        *parts,
    )


def redriven(name: str = "DeadLetters", **properties: Any) -> dict[str, Any]:
    """A dead-letter queue that SNS may send to."""
    return queue(name, **properties) | let_in("sns.amazonaws.com", ref("Topic"), name)


def rule(
    target: Mapping[str, Any] | None = None, name: str = "Rule", **properties: Any
) -> dict[str, Any]:
    targets = [{"Id": "Target0", "Arn": arn("Handler")} | dict(target or {})]
    given = {"EventPattern": {"source": ["shop"]}, "State": "ENABLED", "Targets": targets}
    return resource(name, "AWS::Events::Rule", **given | properties)


def ruled(*parts: Mapping[str, Any], **target: Any) -> Template:
    """A rule of the default bus that invokes Handler."""
    return template(function(), rule(target), allowed("events.amazonaws.com", arn("Rule")), *parts)


def rule_dead_letters(name: str = "DeadLetters", **properties: Any) -> dict[str, Any]:
    """A dead-letter queue that EventBridge may send to."""
    return queue(name, **properties) | let_in("events.amazonaws.com", arn("Rule"), name)


def filtered(**rules: Any) -> dict[str, Any]:
    """A filter of keys as CloudFormation has it."""
    return {"S3Key": {"Rules": [{"Name": name, "Value": value} for name, value in rules.items()]}}


def bucket(*, name: str = "Bucket", **notifications: Any) -> dict[str, Any]:
    return resource(name, "AWS::S3::Bucket", NotificationConfiguration=notifications)


def notified(*parts: Mapping[str, Any], **configuration: Any) -> Template:
    """A bucket that invokes Handler when an object is made."""
    given = {"Event": "s3:ObjectCreated:*", "Function": arn("Handler")} | configuration
    return template(
        function(),
        bucket(LambdaConfigurations=[given]),
        allowed("s3.amazonaws.com", arn("Bucket")),
        *parts,
    )
