"""Batches of records, of which some may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
)

if TYPE_CHECKING:
    import logging

    from aws_lambda_powertools import Logger


def batches_of(source: EventType, logger: Logger) -> BatchProcessor:
    """What handles a batch record by record.

    It logs why a record failed: otherwise it would say so only when every record does.
    """
    return BatchProcessor(source, logger=cast("logging.Logger", logger))


def ordered_batches(logger: Logger) -> SqsFifoPartialProcessor:
    """What handles a batch of a FIFO queue, up to the first message that fails.

    It returns that one and all behind it: were a later one handled, its group would be out of
    order.
    """
    return SqsFifoPartialProcessor(logger=cast("logging.Logger", logger))
