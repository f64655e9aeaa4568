"""The warehouse's stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from serverless_patterns import (
    DynamoDbConsumer,
    EventBridgeTrigger,
    IdempotencyTable,
    KinesisConsumer,
    PythonFunction,
    S3Trigger,
    SqsPoller,
)

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

HANDLERS = Path(__file__).parent / "handlers"
ANY_NOTE = "The function reads whichever delivery note was uploaded, and nothing else of the bucket"


class Watched(Protocol):
    """What every pattern has: alarms, and widgets for a dashboard."""

    def add_alarms(self, action: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter."""

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Widgets for a dashboard."""


class WarehouseStack(cdk.Stack):
    """Six event sources, a function for each of their consumers, and what these write.

    Args:
        scope: The app.
        construct_id: The construct id.
        **options: Options of ``cdk.Stack``.
    """

    def __init__(self, scope: Construct, construct_id: str, **options: Any) -> None:
        super().__init__(scope, construct_id, **options)
        self._handled = IdempotencyTable(self, "Handled")
        self._ledger = self._table("Ledger", key="id")
        stock = self._table("Stock", key="sku", stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        key = kms.Key(self, "Key", enable_key_rotation=True, description="Encrypts topics")

        picks = SqsPoller(self, "Picks", handler=self._handler("picks", posts_to=stock))
        moves = SqsPoller(self, "Moves", handler=self._handler("moves"), fifo=True)
        # Two functions get each delivery note, so S3 tells a topic of it.
        uploads = sns.Topic(self, "Uploads", master_key=key, enforce_ssl=True)
        receiving = self._handler("delivery_notes", posts_to=stock)
        notes = S3Trigger(self, "DeliveryNotes", handler=receiving, topic=uploads, suffix=".json")
        dock_log = S3Trigger(
            self,
            "DockLog",
            handler=self._handler("dock_log"),
            bucket=notes.bucket,
            topic=uploads,
            suffix=".json",
        )
        bus = events.EventBus(self, "Bus")
        shipments = EventBridgeTrigger(
            self,
            "Shipments",
            handler=self._handler("shipments"),
            bus=bus,
            event_pattern=events.EventPattern(
                source=["warehouse.dock"], detail_type=["Shipment dispatched"]
            ),
        )
        self._let_read_notes(receiving, notes.bucket)
        scans = KinesisConsumer(self, "Scans", handler=self._handler("scans"))
        reorders = DynamoDbConsumer(
            self, "Reorders", handler=self._handler("reorders"), table=stock
        )
        self._watch(key, picks, moves, notes, dock_log, shipments, scans, reorders, self._handled)
        for name, value in {
            "PicksQueueUrl": picks.queue.queue_url,
            "MovesQueueUrl": moves.queue.queue_url,
            "DeliveryNotesBucketName": notes.bucket.bucket_name,
            "ShipmentsBusName": bus.event_bus_name,
            "ScansStreamName": scans.stream.stream_name,
            "StockTableName": stock.table_name,
            "LedgerTableName": self._ledger.table_name,
        }.items():
            cdk.CfnOutput(self, name, value=value)

    def _table(
        self, name: str, *, key: str, stream: dynamodb.StreamViewType | None = None
    ) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            name,
            partition_key=dynamodb.Attribute(name=key, type=dynamodb.AttributeType.STRING),
            dynamo_stream=stream,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )

    def _handler(self, source: str, *, posts_to: dynamodb.TableV2 | None = None) -> PythonFunction:
        """The function of a source, which may write to the ledger what its code does, and no more.

        Args:
            source: The module of its handler.
            posts_to: The shelves, for one that enters movements.
        """
        name = "".join(word.capitalize() for word in source.split("_"))
        function = PythonFunction(
            self,
            f"{name}Handler",
            entry=HANDLERS,
            handler=f"warehouse.{source}.handler",
            # An event whose handler crashed is locked for as long. A queue hides it six times as
            # long; what a stream retries in vain meanwhile is kept at the failure destination.
            timeout=cdk.Duration.seconds(10),
            environment={"LEDGER_TABLE": self._ledger.table_name},
        )
        self._handled.protect(function)
        if posts_to is None:
            self._ledger.grant(function, "dynamodb:UpdateItem")
        else:
            self._ledger.grant(function, "dynamodb:PutItem")
            posts_to.grant(function, "dynamodb:UpdateItem")
            function.add_environment("STOCK_TABLE", posts_to.table_name)
        return function

    def _let_read_notes(self, function: PythonFunction, bucket: s3.IBucket) -> None:
        """Let a function read any delivery note, at the version that an event names."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[bucket.arn_for_objects("*.json")],
            )
        )
        policy = cast("iam.Role", function.role).node.find_child("DefaultPolicy")
        logical_id = self.get_logical_id(cast("cdk.CfnElement", bucket.node.default_child))
        rule = f"AwsSolutions::AwsSolutions-IAM5[Resource::<{logical_id}.Arn>/*.json]"
        cdk.Validations.of(cast("iam.CfnPolicy", policy.node.default_child)).acknowledge(
            cdk.Acknowledgment(id=rule, reason=ANY_NOTE)
        )

    def _watch(self, key: kms.Key, *patterns: Watched) -> None:
        """Tell a topic what goes wrong, and show it on one dashboard."""
        topic = sns.Topic(self, "Alarms", master_key=key, enforce_ssl=True)
        # The policy that refuses anything but TLS stands in place of the one that let alarms in.
        alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[alarms],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        key.grant(alarms, "kms:Decrypt", "kms:GenerateDataKey*")
        dashboard = cloudwatch.Dashboard(self, "Dashboard")
        for pattern in patterns:
            pattern.add_alarms(actions.SnsAction(topic))
            dashboard.add_widgets(*pattern.dashboard_widgets())
