"""CDK's own keyword sets, typed: what the constructs of this library pass on as it is.

A test holds them against the structs of the installed aws-cdk-lib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_codeguruprofiler as codeguruprofiler
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs
    from aws_cdk.interfaces import aws_kms, aws_lambda


class FunctionOptions(TypedDict, total=False):
    """The options of a ``lambda_.Function`` that ``PythonFunction`` leaves as they are."""

    adot_instrumentation: lambda_.AdotInstrumentationConfig
    allow_all_ipv6_outbound: bool
    allow_all_outbound: bool
    allow_public_subnet: bool
    application_log_level_v2: lambda_.ApplicationLogLevel
    code_signing_config: aws_lambda.ICodeSigningConfigRef
    current_version_options: lambda_.VersionOptions
    dead_letter_queue: sqs.IQueue
    dead_letter_queue_enabled: bool
    dead_letter_topic: sns.ITopic
    description: str
    durable_config: lambda_.DurableConfig
    environment_encryption: aws_kms.IKeyRef
    ephemeral_storage_size: cdk.Size
    events: Sequence[lambda_.IEventSource]
    filesystem: lambda_.FileSystem
    initial_policy: Sequence[iam.PolicyStatement]
    insights_version: lambda_.LambdaInsightsVersion
    ipv6_allowed_for_dual_stack: bool
    layers: Sequence[lambda_.ILayerVersion]
    max_event_age: cdk.Duration
    on_failure: lambda_.IDestination
    on_success: lambda_.IDestination
    params_and_secrets: lambda_.ParamsAndSecretsLayerVersion
    profiling: bool
    profiling_group: codeguruprofiler.IProfilingGroup
    reserved_concurrent_executions: int
    retry_attempts: int
    runtime_management_mode: lambda_.RuntimeManagementMode
    security_groups: Sequence[ec2.ISecurityGroup]
    snap_start: lambda_.SnapStartConf
    system_log_level_v2: lambda_.SystemLogLevel
    tenancy_config: lambda_.TenancyConfig
    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection


class MetricOptions(TypedDict, total=False):
    """The options of a ``cloudwatch.Metric``."""

    account: str
    color: str
    dimensions_map: Mapping[str, str]
    id: str
    label: str
    period: cdk.Duration
    region: str
    stack_account: str
    stack_region: str
    statistic: str
    unit: cloudwatch.Unit
    visible: bool
