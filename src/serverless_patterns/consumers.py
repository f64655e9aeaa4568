"""Functions that Lambda polls a stream for: of Kinesis, or of a DynamoDB table."""

from __future__ import annotations

from serverless_patterns._streams.dynamo_db_consumer import DynamoDbConsumer
from serverless_patterns._streams.kinesis_consumer import KinesisConsumer

__all__ = ["DynamoDbConsumer", "KinesisConsumer"]
