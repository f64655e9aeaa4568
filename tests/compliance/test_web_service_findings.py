"""cdk-nag over web services: nothing unacknowledged, and every reason where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sns as sns

from serverless_patterns import Compute
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings
from tests.load_balancers import OPEN
from tests.web_services import ALL, serve, write_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_patterns.testing import Finding

    MakeApp = Callable[..., cdk.App]

LAMBDA, FARGATE, EC2 = Compute
LOGS = "The bucket holds access logs itself: logging who writes them would never end."

IN_VPC = (
    "X-Ray takes traces on no particular resource: xray:PutTraceSegments, "
    "xray:PutTelemetryRecords have no narrower resource; Lambda makes network interfaces in the "
    "VPC as the role: ec2:CreateNetworkInterface, ec2:DescribeNetworkInterfaces, "
    "ec2:DescribeSubnets, ec2:DeleteNetworkInterface, ec2:AssignPrivateIpAddresses, "
    "ec2:UnassignPrivateIpAddresses have no narrower resource"
)
LOGIN = (
    "A login to Amazon ECR (ecr:GetAuthorizationToken) is for no particular repository; what may "
    "be pulled is this image's alone."
)
ENVIRONMENT = (
    "The environment is the same as the function's: names and settings. Secrets are read when they "
    "are needed, by what the task role is granted."
)
AGENT = (
    "What the agent of an instance does: it polls its own cluster alone, asks where that answers, "
    "tells of its tasks (ecs:Submit*), logs in to Amazon ECR and writes logs."
)
COME_AND_GO = (
    "Instances come and go as Amazon ECS needs them for its tasks, and nobody needs to know; the "
    "alarms of the service tell of tasks that aren't well."
)


def found_in(app: cdk.App, image: Path, **options: Any) -> list[Finding]:
    stack = cdk.Stack(app, "Shop")
    if options.pop("faces_internet", False):
        options["domain_name"] = "api.shop.example"
        options["certificate"] = acm.Certificate.from_certificate_arn(
            stack, "Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/shop"
        )
    service = serve(stack, image, **options)
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    table = dynamodb.TableV2(
        stack,
        "Table",
        partition_key=key,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )
    service.grant(table.grant_read_write_data)
    service.add_alarms(actions.SnsAction(sns.Topic.from_topic_arn(stack, "Call", TOPIC)))
    return findings(app)


TOPIC = "arn:aws:sns:us-east-1:111122223333:call"


def test_all_three_break_no_rule_without_a_reason_at_the_very_resource(
    make_app: MakeApp, tmp_path: Path
) -> None:
    found = found_in(
        make_app(),
        write_image(tmp_path / "image"),
        environment={"TABLE": "books"},
        waf=True,
    )

    role, instances = "Shop/Web/Lambda/FunctionRole/Resource", "Shop/Web/Ec2/Instances"
    agent = f"{instances}/Role/DefaultPolicy/Resource"
    login = "Shop/Web/Tasks/Definition/ExecutionRole/DefaultPolicy/Resource"
    assert found == sorted(
        [
            acknowledged("AwsSolutions-AS3", f"{instances}/Group/ASG", COME_AND_GO),
            acknowledged("AwsSolutions-ECS2", "Shop/Web/Tasks/Definition/Resource", ENVIRONMENT),
            acknowledged("AwsSolutions-IAM5[Action::ecs:Submit*]", agent, AGENT),
            acknowledged("AwsSolutions-IAM5[Resource::*]", agent, AGENT),
            acknowledged("AwsSolutions-IAM5[Resource::*]", login, LOGIN),
            acknowledged("AwsSolutions-IAM5[Resource::*]", role, IN_VPC),
            acknowledged("AwsSolutions-S1", "Shop/Web/AccessLogs/Resource", LOGS),
            acknowledged("Serverless-LambdaDLQ", "Shop/Web/Lambda/Function/Resource", SYNCHRONOUS),
            acknowledged("Serverless-LambdaStarPermissions", role, IN_VPC),
        ]
    )


@pytest.mark.parametrize(
    "options",
    [
        {"weights": {LAMBDA: 1}},
        {"weights": {FARGATE: 1}},
        {"weights": {EC2: 1}},
        {"weights": ALL, "faces_internet": True, "public": OPEN},
    ],
    ids=str,
)
def test_no_service_breaks_a_rule_without_a_reason(
    make_app: MakeApp, tmp_path: Path, options: dict[str, Any]
) -> None:
    found = found_in(make_app(), write_image(tmp_path / "image"), **options)

    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_what_a_user_grants_too_widely_stays_the_users(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    service = serve(stack, write_image(tmp_path / "image"), weights={LAMBDA: 1, FARGATE: 1})
    topics = sns.Topic.from_topic_arn(stack, "Call", "arn:aws:sns:us-east-1:111122223333:*")
    service.grant(topics.grant_publish)

    open_findings = {finding.path for finding in findings(app) if finding.reason is None}
    assert open_findings == {
        "Shop/Web/Lambda/FunctionRole/DefaultPolicy/Resource",
        "Shop/Web/Tasks/Definition/TaskRole/DefaultPolicy/Resource",
    }
