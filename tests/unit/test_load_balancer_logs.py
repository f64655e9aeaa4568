from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs

from serverless_patterns import Endpoint, ProxyApi, PythonFunction
from serverless_patterns._load_balancer_logs import _DAYS
from tests.load_balancers import ELB, attributes, one

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]


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
