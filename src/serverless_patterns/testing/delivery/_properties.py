"""The properties that the model reads of each type of resource, and of which kind they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from serverless_patterns.testing.delivery._values import (
    Kind,
    anything,
    every,
    flag,
    json_of,
    list_of,
    number,
    object_of,
    one_of,
    one_or_more,
    parsed,
    reference,
    refuse,
    text,
)


def _principal(at: str, value: Any) -> Any:
    if value == "*":
        return value
    if not isinstance(value, Mapping):
        refuse(at, 'an object or "*"', value)
    return every(one_or_more(reference))(at, value)


_STATEMENT = object_of(
    Effect=one_of("Allow", "Deny"),
    Action=one_or_more(text),
    NotAction=one_or_more(text),
    Resource=one_or_more(reference),
    NotResource=one_or_more(reference),
    Principal=_principal,
    NotPrincipal=_principal,
    Condition=every(every(one_or_more(anything))),
)
_POLICY = json_of(object_of(Statement=one_or_more(_STATEMENT)))
_REDRIVE = json_of(object_of(deadLetterTargetArn=reference))
_DESTINATIONS = object_of(
    OnFailure=object_of(Destination=reference),
    OnSuccess=object_of(Destination=reference),
)
_RULE = object_of(Name=text, Value=anything)
_CONFIGURATIONS = list_of(
    object_of(
        Event=text,
        Events=list_of(text),
        Filter=object_of(
            S3Key=object_of(Rules=list_of(_RULE)), Key=object_of(FilterRules=list_of(_RULE))
        ),
    )
)
_NOTIFICATIONS = object_of(
    LambdaConfigurations=_CONFIGURATIONS,
    LambdaFunctionConfigurations=_CONFIGURATIONS,
    QueueConfigurations=_CONFIGURATIONS,
    TopicConfigurations=_CONFIGURATIONS,
    EventBridgeConfiguration=object_of(EventBridgeEnabled=flag),
)
_SUBSCRIPTION: dict[str, Kind] = {
    "TopicArn": reference,
    "Protocol": text,
    "Endpoint": reference,
    "FilterPolicy": parsed,
    "FilterPolicyScope": one_of("MessageAttributes", "MessageBody"),
    "RawMessageDelivery": flag,
    "RedrivePolicy": _REDRIVE,
}
_TARGET = object_of(
    Arn=reference,
    DeadLetterConfig=object_of(Arn=reference),
    Id=text,
    Input=text,
    InputPath=text,
    RetryPolicy=object_of(MaximumEventAgeInSeconds=number, MaximumRetryAttempts=number),
    RoleArn=reference,
    SqsParameters=object_of(MessageGroupId=text),
)
_TABLE: dict[str, Kind] = {
    "KeySchema": list_of(object_of(AttributeName=text, KeyType=text)),
    "StreamSpecification": object_of(StreamViewType=text),
    "TableName": anything,
}
_ENCRYPTION = object_of(
    ServerSideEncryptionConfiguration=list_of(
        object_of(
            ServerSideEncryptionByDefault=object_of(KMSMasterKeyID=reference, SSEAlgorithm=text)
        )
    )
)
_OF_ROLES: dict[str, Kind] = {
    "PolicyDocument": _POLICY,
    "RoleName": reference,
    "Roles": one_or_more(reference),
}

_KINDS: dict[str, dict[str, Kind]] = {
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::Events::EventBusPolicy": {"EventBusName": reference},
    "AWS::Events::Rule": {
        "EventBusName": reference,
        "EventPattern": parsed,
        "State": one_of("DISABLED", "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
        "Targets": list_of(_TARGET),
    },
    "AWS::IAM::ManagedPolicy": _OF_ROLES,
    "AWS::IAM::Policy": _OF_ROLES,
    "AWS::IAM::RolePolicy": _OF_ROLES,
    "AWS::IAM::Role": {
        "ManagedPolicyArns": one_or_more(reference),
        "Policies": list_of(object_of(PolicyDocument=_POLICY)),
    },
    "AWS::KMS::Alias": {"TargetKeyId": reference},
    "AWS::KMS::Key": {"KeyPolicy": _POLICY},
    "AWS::Kinesis::Stream": {
        "StreamEncryption": object_of(KeyId=reference),
        "StreamModeDetails": object_of(StreamMode=one_of("ON_DEMAND", "PROVISIONED")),
    },
    "AWS::Kinesis::StreamConsumer": {"StreamARN": reference},
    "AWS::Lambda::Alias": {"FunctionName": reference, "FunctionVersion": reference},
    "AWS::Lambda::EventInvokeConfig": {
        "DestinationConfig": _DESTINATIONS,
        "FunctionName": reference,
        "MaximumEventAgeInSeconds": number,
        "MaximumRetryAttempts": number,
        "Qualifier": reference,
    },
    "AWS::Lambda::EventSourceMapping": {
        "BisectBatchOnFunctionError": flag,
        "DestinationConfig": _DESTINATIONS,
        "Enabled": flag,
        "EventSourceArn": reference,
        "FilterCriteria": object_of(Filters=list_of(object_of())),
        "FunctionName": reference,
        "FunctionResponseTypes": list_of(one_of("ReportBatchItemFailures")),
        "ScalingConfig": object_of(),
    },
    "AWS::Lambda::Function": {
        "DeadLetterConfig": object_of(TargetArn=reference),
        "MemorySize": number,
        "ReservedConcurrentExecutions": number,
        "Role": reference,
        "Timeout": number,
    },
    "AWS::Lambda::Permission": {
        "Action": text,
        "FunctionName": reference,
        "Principal": reference,
        "SourceArn": reference,
    },
    "AWS::Lambda::Version": {"FunctionName": reference},
    "AWS::S3::Bucket": {
        "BucketEncryption": _ENCRYPTION,
        "NotificationConfiguration": _NOTIFICATIONS,
    },
    "AWS::S3::BucketPolicy": {"Bucket": reference, "PolicyDocument": _POLICY},
    "AWS::SNS::Subscription": _SUBSCRIPTION,
    "AWS::SNS::Topic": {
        "FifoTopic": flag,
        "KmsMasterKeyId": reference,
        "Subscription": list_of(object_of(**_SUBSCRIPTION)),
    },
    "AWS::SNS::TopicInlinePolicy": {"PolicyDocument": _POLICY, "TopicArn": reference},
    "AWS::SNS::TopicPolicy": {"PolicyDocument": _POLICY, "Topics": one_or_more(reference)},
    "AWS::SQS::Queue": {
        "ContentBasedDeduplication": flag,
        "DeduplicationScope": one_of("messageGroup", "queue"),
        "FifoQueue": flag,
        "KmsMasterKeyId": reference,
        "RedriveAllowPolicy": json_of(
            object_of(
                redrivePermission=one_of("allowAll", "byQueue", "denyAll"),
                sourceQueueArns=one_or_more(reference),
            )
        ),
        "RedrivePolicy": _REDRIVE,
    },
    "AWS::SQS::QueueInlinePolicy": {"PolicyDocument": _POLICY, "Queue": reference},
    "AWS::SQS::QueuePolicy": {"PolicyDocument": _POLICY, "Queues": one_or_more(reference)},
    "Custom::S3BucketNotifications": {
        "BucketName": reference,
        "Managed": flag,
        "NotificationConfiguration": _NOTIFICATIONS,
        "SkipDestinationValidation": flag,
    },
}


class Properties(Mapping[str, Any]):
    """The properties of a resource, each read when it is asked for.

    Args:
        owner: The logical id of the resource.
        kind: Its type.
        stated: What the template has.
    """

    def __init__(self, owner: str, kind: str, stated: Mapping[str, Any]) -> None:
        self._owner = owner
        self._kinds = _KINDS.get(kind, {})
        self._stated = stated
        self._read: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._read:
            read = self._kinds.get(key, anything)
            self._read[key] = read(f"{self._owner}: {key}", self._stated[key])
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stated)

    def __len__(self) -> int:
        return len(self._stated)
