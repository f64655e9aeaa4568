"""Suppliers' files: small ones are received by a function, large ones by a Fargate task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from examples.shop.parts import CALLED, acknowledge, function, logical_id, policy_of, telemetry
from serverless_patterns import S3Trigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_dynamodb as dynamodb

    from serverless_patterns import IdempotencyTable, PythonFunction

SMALL = cdk.Size.mebibytes(1)
"""What a function can receive in its 15 minutes: some 30,000 lines, a transaction each."""
ANY_FILE = "It reads whichever file a supplier uploaded, and reports on it"
ANY_VERSION = "CDK lets a state machine invoke every version of its function"
LOGS = "Step Functions makes log deliveries and traces on no particular resource"
NAMES = "The variables name tables and a bucket; there is no secret among them"
PULLS = "The authorization token of ECR is for no particular resource"


class SupplierFiles(Construct):
    """A bucket for suppliers' CSV, what receives the goods in it, and the reports of that.

    Args:
        scope: The stack.
        construct_id: The construct id.
        stock: The table of shelves.
        ledger: The table of deliveries.
        environment: The variables of Inventory.
        handled: What remembers uploads.

    Attributes:
        trigger: Tells of files.
        reports: The bucket of the reports.
        machine: The state machine.
        repository: Where the image of the task is pulled from: that of ``Dockerfile``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stock: dynamodb.TableV2,
        ledger: dynamodb.TableV2,
        environment: Mapping[str, str],
        handled: IdempotencyTable,
    ) -> None:
        super().__init__(scope, construct_id)
        self.reports = s3.Bucket(
            self,
            "Reports",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
        )
        acknowledge(self.reports, "Reports are read by the shop alone", "AwsSolutions-S1")
        arrivals = function(
            self, "Arrivals", "shop.inventory.file_arrivals.handler", environment={}
        )
        handled.protect(arrivals)
        self.trigger = S3Trigger(self, "Files", handler=arrivals, suffix=".csv")
        variables = {**environment, "REPORTS_BUCKET": self.reports.bucket_name}
        small = function(
            self,
            "Small",
            "shop.inventory.delivery_files.handler",
            environment=variables,
            timeout=cdk.Duration.minutes(15),
        )
        acknowledge(small, CALLED, "Serverless-LambdaDLQ")
        self._task = self._define_task(variables)
        for role in (small.role, self._task.task_role):
            self._let_receive(role, stock, ledger)
        self.machine = self._define_machine(small)
        arrivals.add_environment("DELIVERY_STATE_MACHINE", self.machine.state_machine_arn)
        self.machine.grant_start_execution(arrivals)

    def _let_receive(
        self, role: iam.IRole | None, stock: dynamodb.TableV2, ledger: dynamodb.TableV2
    ) -> None:
        if role is None:
            raise TypeError("the function has no role")
        stock.grant(role, "dynamodb:UpdateItem")
        ledger.grant(role, "dynamodb:PutItem")
        files, reports = (
            self.trigger.bucket.arn_for_objects("*.csv"),
            self.reports.arn_for_objects("*.json"),
        )
        for actions, resource in (
            (["s3:GetObject", "s3:GetObjectVersion"], files),
            (["s3:PutObject"], reports),
        ):
            role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        for bucket, ending in ((self.trigger.bucket, "csv"), (self.reports, "json")):
            rule = f"AwsSolutions-IAM5[Resource::<{logical_id(bucket)}.Arn>/*.{ending}]"
            acknowledge(policy_of(role), ANY_FILE, rule)

    def _define_task(self, variables: Mapping[str, str]) -> ecs.FargateTaskDefinition:
        """The same code in a container, for as long as it takes."""
        self._vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            # The task opens connections and takes none: a public address is cheaper than a NAT.
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDb": ec2.GatewayVpcEndpointOptions(
                    service=ec2.GatewayVpcEndpointAwsService.DYNAMODB
                ),
            },
        )
        self._vpc.add_flow_log("FlowLog")
        self._cluster = ecs.Cluster(
            self, "Cluster", vpc=self._vpc, container_insights_v2=ecs.ContainerInsights.ENABLED
        )
        self.repository = ecr.Repository(
            self, "Image", image_scan_on_push=True, encryption=ecr.RepositoryEncryption.AES_256
        )
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=1024,
            memory_limit_mib=2048,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
        )
        self._container = task.add_container(
            "Receiver",
            image=ecs.ContainerImage.from_ecr_repository(self.repository),
            command=["python", "-m", "shop.inventory.delivery_files"],
            environment={**telemetry("Large"), **variables},
            logging=ecs.LogDriver.aws_logs(
                stream_prefix="large",
                log_group=logs.LogGroup(
                    self, "TaskLogGroup", retention=logs.RetentionDays.THREE_MONTHS
                ),
            ),
        )
        acknowledge(task, NAMES, "AwsSolutions-ECS2")
        acknowledge(policy_of(task.execution_role), PULLS, "AwsSolutions-IAM5[Resource::*]")
        return task

    def _define_machine(self, small: PythonFunction) -> sfn.StateMachine:
        """Which of the two receives a file, by its size."""
        receive = tasks.LambdaInvoke(
            self, "ReceiveSmall", lambda_function=small, payload_response_only=True
        )
        receive.add_retry(max_attempts=3, interval=cdk.Duration.seconds(5))
        run = tasks.EcsRunTask(
            self,
            "ReceiveLarge",
            integration_pattern=sfn.IntegrationPattern.RUN_JOB,
            cluster=self._cluster,
            task_definition=self._task,
            launch_target=tasks.EcsFargateLaunchTarget(
                platform_version=ecs.FargatePlatformVersion.LATEST
            ),
            assign_public_ip=True,
            subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            container_overrides=[
                tasks.ContainerOverride(
                    container_definition=self._container,
                    environment=[
                        tasks.TaskEnvironmentVariable(
                            name="DELIVERY",
                            value=sfn.JsonPath.json_to_string(sfn.JsonPath.object_at("$")),
                        )
                    ],
                )
            ],
        )
        run.add_retry(max_attempts=3, interval=cdk.Duration.seconds(30))
        is_large = sfn.Condition.number_greater_than("$.size", SMALL.to_bytes())
        machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_chainable(
                sfn.Choice(self, "BySize").when(is_large, run).otherwise(receive)
            ),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self, "MachineLogGroup", retention=logs.RetentionDays.THREE_MONTHS
                ),
                level=sfn.LogLevel.ALL,
            ),
        )
        policy = policy_of(machine.role)
        acknowledge(policy, LOGS, "AwsSolutions-IAM5[Resource::*]")
        acknowledge(
            policy, ANY_VERSION, f"AwsSolutions-IAM5[Resource::<{logical_id(small)}.Arn>:*]"
        )
        return machine

    def add_alarms(self, action: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter: of the trigger, and of files that weren't received."""
        failed = self.machine.metric_failed(period=cdk.Duration.minutes(1)).create_alarm(
            self,
            "FailedAlarm",
            threshold=1,
            evaluation_periods=1,
            alarm_description="A supplier's file was not received: redrive the execution",
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        failed.add_alarm_action(action)
        return [*self.trigger.add_alarms(action), failed]

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Widgets for a dashboard."""
        metrics: list[cloudwatch.IMetric] = [
            self.machine.metric_succeeded(),
            self.machine.metric_failed(),
        ]
        title = f"{self.node.path}: files"
        return [
            *self.trigger.dashboard_widgets(),
            cloudwatch.GraphWidget(title=title, left=metrics),
        ]
