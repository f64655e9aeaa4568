"""Triggers: sources that invoke a handler asynchronously, and lose no event by it."""

from __future__ import annotations

from serverless_patterns._triggers.event_bridge_trigger import EventBridgeTrigger
from serverless_patterns._triggers.s3_trigger import S3Trigger
from serverless_patterns._triggers.sns_trigger import SnsTrigger

__all__ = ["EventBridgeTrigger", "S3Trigger", "SnsTrigger"]
