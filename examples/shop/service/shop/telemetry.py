"""Logs, traces and metrics, which follow one order through every function.

``POWERTOOLS_SERVICE_NAME`` and ``POWERTOOLS_METRICS_NAMESPACE`` of the environment name them.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor

if TYPE_CHECKING:
    import logging

    from aws_lambda_powertools.utilities.batch import EventType

logger = Logger()
tracer = Tracer()
metrics = Metrics()


def new_correlation_id() -> str:
    """An id for something that nobody has given one."""
    return uuid.uuid4().hex


def follow(correlation_id: str) -> None:
    """Let what is logged and traced from here on tell which order it belongs to."""
    logger.set_correlation_id(correlation_id)
    tracer.put_annotation("correlation_id", correlation_id)


def count(name: str, number: int = 1) -> None:
    """Count something."""
    metrics.add_metric(name, MetricUnit.Count, number)


def batches_of(source: EventType) -> BatchProcessor:
    """What handles a batch record by record, and logs why one failed."""
    return BatchProcessor(source, logger=cast("logging.Logger", logger))


def log_failure(what: str, error: Exception, **about: Any) -> None:
    """Log what went wrong with one thing of several."""
    logger.warning(what, extra={"error": f"{type(error).__name__}: {error}", **about})
