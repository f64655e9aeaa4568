"""Whether a template lets one thing reach another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery._permissions import may_invoke, may_send, role_may
from serverless_patterns.testing.delivery._template import Resources
from tests.unit.delivery.push_templates import (
    allowed,
    arn,
    function,
    let_in,
    queue,
    ref,
    resource,
    template,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SNS = "sns.amazonaws.com"
EVENTS = "events.amazonaws.com"
RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/"


def permitted(qualifier: str | None = None, **properties: Any) -> bool:
    """Whether SNS may invoke Handler for Topic by a permission with these properties."""
    permission = allowed(SNS, ref("Topic"))["Permission"]["Properties"] | properties
    permission = {name: value for name, value in permission.items() if value is not None}
    resources = Resources(
        template(
            function(),
            function("Other"),
            topic(),
            topic("Other2"),
            resource("Live", "AWS::Lambda::Alias", Name="live", FunctionName=ref("Handler")),
            resource("Permission", "AWS::Lambda::Permission", **permission),
        )
    )
    return may_invoke(resources, "Handler", qualifier, SNS, "Topic")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, True),
        ({"SourceArn": None}, True),
        ({"Action": "lambda:*"}, True),
        ({"Principal": "*"}, True),
        ({"FunctionName": ref("Handler")}, True),
        ({"FunctionName": ref("Other")}, False),
        ({"FunctionName": ref("Live")}, False),
        ({"Principal": "s3.amazonaws.com"}, False),
        ({"Action": "lambda:GetFunction"}, False),
        ({"SourceArn": ref("Other2")}, False),
        ({"SourceArn": {"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:*"}}, True),
        ({"SourceArn": "arn:aws:sns:eu-west-1:999999999999:Top*"}, True),
        ({"SourceArn": "arn:aws:sns:us-east-1:123456789012:Order*"}, False),
        ({"SourceArn": "arn:aws:sqs:us-east-1:123456789012:*"}, False),
        ({"SourceArn": {"Fn::ImportValue": "Topic"}}, False),
    ],
)
def test_a_permission_lets_a_service_invoke(properties: dict[str, Any], *, expected: bool) -> None:
    assert permitted(**properties) is expected


def test_a_permission_of_an_alias_lets_a_service_invoke_the_alias_only() -> None:
    assert permitted("Live", FunctionName=ref("Live"))
    assert not permitted("Live")


def test_a_permission_for_every_rule_covers_each() -> None:
    resources = Resources(
        template(
            function(),
            resource("Rule", "AWS::Events::Rule"),
            allowed(EVENTS, f"{RULE_ARN}*"),
        )
    )
    assert may_invoke(resources, "Handler", None, EVENTS, "Rule")


def sent(**changes: Any) -> bool:
    """Whether SNS may send to Queue for Topic by a statement that differs so."""
    policy = let_in(SNS, ref("Topic"))["QueuePolicy"]["Properties"]
    statement = policy["PolicyDocument"]["Statement"][0] | changes
    return with_statements(statement)


def with_statements(*statements: Mapping[str, Any]) -> bool:
    policy = resource(
        "QueuePolicy",
        "AWS::SQS::QueuePolicy",
        Queues=[ref("Queue")],
        PolicyDocument={"Statement": list(statements)},
    )
    resources = Resources(template(queue(), queue("Other"), topic(), topic("Other2"), policy))
    assert not may_send(resources, "Other", SNS, "Topic")
    return may_send(resources, "Queue", SNS, "Topic")


ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
INSECURE: Any = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"Service": ["s3.amazonaws.com", SNS]}}, True),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, False),
        ({"Action": ["sqs:ReceiveMessage", "SQS:sendmessage"]}, True),
        ({"Action": "sqs:ReceiveMessage"}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": {}}, True),
        ({"Condition": {"ArnLike": {"AWS:SourceArn": [ref("Other2"), ref("Topic")]}}}, True),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": ref("Other2")}}}, False),
        ({"Condition": {"ArnNotEquals": {"aws:SourceArn": ref("Other2")}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}, True),
    ],
)
def test_a_statement_lets_a_service_send(changes: dict[str, Any], *, expected: bool) -> None:
    assert sent(**changes) is expected


def test_a_denial_wins() -> None:
    assert with_statements(ANYBODY)
    assert not with_statements(ANYBODY, ANYBODY | {"Effect": "Deny"})


def test_a_denial_under_a_condition_is_taken_not_to_hold() -> None:
    assert with_statements(ANYBODY, ANYBODY | {"Effect": "Deny"} | INSECURE)


def judged(*statements: Mapping[str, Any]) -> list[str]:
    """The warnings of a queue with these statements."""
    policy = resource(
        "QueuePolicy",
        "AWS::SQS::QueuePolicy",
        Queues=[ref("Queue")],
        PolicyDocument={"Statement": list(statements)},
    )
    resources = Resources(template(queue(), topic(), policy))
    may_send(resources, "Queue", SNS, "Topic")
    return resources.warnings


def test_a_denial_under_a_condition_is_told_unless_it_asks_for_tls() -> None:
    deny = ANYBODY | {"Effect": "Deny"}
    of_another = deny | {"Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}
    assert judged(ANYBODY, deny | INSECURE) == []
    assert judged(ANYBODY, of_another | {"Action": "sqs:ReceiveMessage"}) == []
    assert judged(ANYBODY, of_another) == [
        "Queue: a denial under a condition on aws:sourceaccount is taken not to hold; "
        "check that it doesn't"
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Action": None, "NotAction": "sqs:ReceiveMessage"}, True),
        ({"Action": None, "NotAction": ["sqs:Send*"]}, False),
        ({"Principal": None, "NotPrincipal": {"Service": "s3.amazonaws.com"}}, True),
        ({"Principal": None, "NotPrincipal": {"Service": SNS}}, False),
    ],
)
def test_a_statement_of_all_but_what_it_names_counts(
    changes: dict[str, Any], *, expected: bool
) -> None:
    statement = {name: value for name, value in (ANYBODY | changes).items() if value is not None}
    assert with_statements(statement) is expected


def test_an_inline_policy_of_a_topic_counts() -> None:
    policy = resource(
        "Policy",
        "AWS::SNS::TopicInlinePolicy",
        TopicArn=ref("Topic"),
        PolicyDocument={"Statement": ANYBODY | {"Action": "sns:Publish"}},
    )
    assert may_send(Resources(template(topic(), policy)), "Topic", EVENTS, "Rule")


def encrypted(key: Any, *actions: str, service: str = SNS) -> bool:
    """Whether SNS may send to a queue that is encrypted with Key, which allows these actions."""
    given = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": list(actions),
        "Resource": "*",
    }
    resources = Resources(
        template(
            topic(),
            queue(KmsMasterKeyId=key),
            let_in(SNS, ref("Topic")),
            resource("Key", "AWS::KMS::Key", KeyPolicy={"Statement": [given]}),
            resource("Name", "AWS::KMS::Alias", TargetKeyId=arn("Key")),
        )
    )
    return may_send(resources, "Queue", SNS, "Topic")


@pytest.mark.parametrize("key", ["alias/aws/sqs", "arn:aws:kms:eu-west-1:1:alias/aws/sqs"])
def test_a_key_that_aws_manages_lets_no_service_send(key: str) -> None:
    assert not encrypted(key)


@pytest.mark.parametrize("key", [ref("Key"), arn("Key"), ref("Name")])
def test_a_key_of_the_template_must_let_the_service_use_it(key: Any) -> None:
    assert encrypted(key, "kms:GenerateDataKey*", "kms:Decrypt")
    assert encrypted(key, "kms:*")
    assert not encrypted(key, "kms:Decrypt")
    assert not encrypted(key, "kms:*", service=EVENTS)


def test_a_key_outside_of_the_template_is_trusted() -> None:
    assert encrypted("arn:aws:kms:us-east-1:123456789012:key/elsewhere")


def statement(action: Any = "sqs:SendMessage", on: Any = None) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": arn("Queue") if on is None else on}


def role(*parts: Mapping[str, Any], target: str = "Queue", **properties: Any) -> bool:
    """Whether a role with these properties may send to Queue."""
    resources = Resources(
        template(
            queue(),
            queue("Other"),
            function(),
            resource("Kept", "AWS::S3::Bucket", BucketName="kept"),
            resource("Role", "AWS::IAM::Role", **properties),
            *parts,
        )
    )
    return role_may(resources, arn("Role"), target)


def inline(**changes: Any) -> dict[str, Any]:
    return {"Policies": [{"PolicyDocument": {"Statement": [statement(**changes)]}}]}


def attached(kind: str, **properties: Any) -> dict[str, Any]:
    return resource("Attached", kind, PolicyDocument={"Statement": statement()}, **properties)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, False),
        (inline(), True),
        (inline(action=["sqs:Send*"]), True),
        (inline(action="sqs:ReceiveMessage"), False),
        (inline(on="*"), True),
        (inline(on=[arn("Other"), arn("Queue")]), True),
        (inline(on=arn("Other")), False),
        (inline(on="arn:aws:sqs:*:*:Other"), False),
        (inline(on="arn:aws:sqs:*:*:Q*"), True),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]}, True),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSNSFullAccess"]}, False),
        (
            {
                "ManagedPolicyArns": [
                    {"Fn::Join": ["", ["arn:", ref("AWS::Partition"), ":policy/PowerUserAccess"]]}
                ]
            },
            True,
        ),
    ],
)
def test_a_role_may_send(properties: dict[str, Any], *, expected: bool) -> None:
    assert role(**properties) is expected


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"NotAction": "sqs:ReceiveMessage", "Resource": "*"}, True),
        ({"NotAction": "sqs:*", "Resource": "*"}, False),
        ({"Action": "sqs:*", "NotResource": arn("Other")}, True),
        ({"Action": "sqs:*", "NotResource": arn("Queue")}, False),
    ],
)
def test_a_role_may_do_all_but_what_is_named(properties: dict[str, Any], *, expected: bool) -> None:
    document = {"Statement": [{"Effect": "Allow"} | properties]}
    assert role(Policies=[{"PolicyDocument": document}]) is expected


def test_a_permissions_boundary_is_told() -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    given = resource("Role", "AWS::IAM::Role", PermissionsBoundary=boundary, **inline())
    resources = Resources(template(queue(), given))
    assert role_may(resources, arn("Role"), "Queue")
    assert resources.warnings == [
        "Role: PermissionsBoundary is taken to allow what the policies do; check that it does"
    ]


@pytest.mark.parametrize(
    "part",
    [
        attached("AWS::IAM::Policy", Roles=[ref("Role")]),
        attached("AWS::IAM::ManagedPolicy", Roles=[ref("Role")]),
        attached("AWS::IAM::RolePolicy", RoleName=ref("Role")),
    ],
)
def test_policies_that_name_the_role_count(part: Mapping[str, Any]) -> None:
    assert role(part)


def test_policies_that_the_role_names_count() -> None:
    assert role(attached("AWS::IAM::ManagedPolicy"), ManagedPolicyArns=[ref("Attached")])


def test_policies_of_another_role_do_not_count() -> None:
    other = resource("Role2", "AWS::IAM::Role")
    assert not role(attached("AWS::IAM::Policy", Roles=[ref("Role2")]), other)


def test_a_policy_of_the_queue_may_let_the_role_in() -> None:
    policy = resource(
        "QueuePolicy",
        "AWS::SQS::QueuePolicy",
        Queues=[ref("Queue")],
        PolicyDocument={
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": arn("Role")},
                    "Action": "sqs:SendMessage",
                    "Resource": arn("Queue"),
                }
            ]
        },
    )
    assert role(policy)


@pytest.mark.parametrize(
    "on",
    [
        {"Fn::Join": ["", [arn("Kept"), "/*"]]},
        "arn:aws:s3:::kept/*",
        "arn:aws:s3:::*",
    ],
)
def test_a_role_may_write_what_is_in_a_bucket(on: Any) -> None:
    assert role(target="Kept", **inline(action="s3:PutObject*", on=on))


def test_a_role_may_invoke_a_function_by_any_qualifier() -> None:
    on = [arn("Handler"), {"Fn::Join": ["", [arn("Handler"), ":*"]]}]
    assert role(target="Handler", **inline(action="lambda:InvokeFunction", on=on))


def test_a_role_that_is_not_in_the_template_is_trusted() -> None:
    resources = Resources(template(queue()))
    assert role_may(resources, "arn:aws:iam::123456789012:role/elsewhere", "Queue")
