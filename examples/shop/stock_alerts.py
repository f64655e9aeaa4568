"""Articles that run low: told by the stock's stream to a topic, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from examples.shop.parts import acknowledge, function, policy_of
from serverless_patterns import DynamoDbConsumer, SnsTrigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_dynamodb as dynamodb

    from serverless_patterns import IdempotencyTable

BELOW = 5
ANY_DATA_KEY = "SNS makes data keys by two actions of KMS's, of the topic's key alone"


class StockAlerts(Construct):
    """What tells a topic that an article runs low, and what keeps that for the shop-keeper.

    Args:
        scope: The stack.
        construct_id: The construct id.
        stock: The table of shelves, with a stream.
        alerts: The table of alerts.
        environment: The variables of Inventory.
        handled: What remembers changes and messages.

    Attributes:
        changes: Reads the stream.
        trigger: Has the messages of the topic kept; whoever else should know subscribes there.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stock: dynamodb.TableV2,
        alerts: dynamodb.TableV2,
        environment: Mapping[str, str],
        handled: IdempotencyTable,
    ) -> None:
        super().__init__(scope, construct_id)
        keeping = function(
            self, "Keep", "shop.inventory.stock_alerts.handler", environment=environment
        )
        handled.protect(keeping)
        alerts.grant(keeping, "dynamodb:UpdateItem")
        self.trigger = SnsTrigger(self, "Alerts", handler=keeping)
        telling = function(
            self,
            "Tell",
            "shop.inventory.stock_changes.handler",
            environment={
                "ALERT_BELOW": str(BELOW),
                "ALERTS_TOPIC": self.trigger.topic.topic_arn,
            },
        )
        handled.protect(telling)
        self.trigger.grant_publish(telling)
        rule = "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]"
        acknowledge(policy_of(telling.role), ANY_DATA_KEY, rule)
        self.changes = DynamoDbConsumer(self, "Changes", handler=telling, table=stock)
