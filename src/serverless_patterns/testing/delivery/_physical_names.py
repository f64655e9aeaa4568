"""The names of resources in ARNs, URLs and exports.

See:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import re

NAMES = {
    "AWS::DynamoDB::GlobalTable": ("TableName",),
    "AWS::DynamoDB::Table": ("TableName",),
    "AWS::Events::EventBus": ("Name",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::Kinesis::Stream": ("Name",),
    "AWS::Lambda::Function": ("FunctionName",),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("QueueName",),
}
"""The properties that name a resource, by its type."""

_ARN_PARTS = 6
_INSIDE = re.compile(r"/(?:consumer|stream)/.*")  # what an ARN has beyond that of a table or stream
_OF_FUNCTION = re.compile(
    r"(?:arn:[^:]*:lambda:[^:]*:[^:]*:|[0-9]{12}:)?(?:function:)?([\w${}.-]+)(:[\w$.-]+)?"
)


def is_arn(text: str) -> bool:
    """Whether a text is an ARN by its form."""
    return text.startswith("arn:") and len(text.split(":")) >= _ARN_PARTS


def name_in(text: str) -> str:
    """The name in an ARN or a URL; a name is itself."""
    return re.split(r"[:/]", _INSIDE.sub("", text))[-1]


def service_in(text: str) -> str:
    """The service of an ARN; empty of what is none."""
    return text.split(":")[2].lower() if is_arn(text) else ""


def function_in(text: str) -> tuple[str, str]:
    """The function in a name or an ARN, and the qualifier after it with its colon."""
    found = _OF_FUNCTION.fullmatch(text)
    return (found[1], found[2] or "") if found else ("", "")


def is_of_service(kind: str, service: str) -> bool:
    """Whether a type of resources is of a service; IAM's are referred to by ARNs only."""
    if not service:
        return not kind.startswith("AWS::IAM::")
    return f"{kind}::".split("::")[1].lower() == service


def is_export_of(name: str, export: str) -> bool:
    """Whether CDK exports something of a resource by a name."""
    of = rf"(?:FnGetAtt{re.escape(name)}[A-Za-z]+|Ref{re.escape(name)})"
    return re.search(rf"(?:Exports|Publish)Output{of}[0-9A-F]{{8}}\Z", export) is not None
