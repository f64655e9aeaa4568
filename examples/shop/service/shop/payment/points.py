"""How many points a payment earns: a function that starts from a snapshot.

It makes nothing before its first event that copies of the snapshot must not share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shop.telemetry import count, follow, logger, metrics, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CENTS_A_POINT = 100
BASE_PERCENT = 100


def points(cents: int, percent: int) -> int:
    """The points of a payment: one for each full unit, as many percent as a campaign gives.

    Raises:
        ValueError: If there is nothing to calculate with.
    """
    if cents < 0 or percent < 0:
        raise ValueError(f"cents and percent must be 0 or more, got {cents} and {percent}")
    return cents // CENTS_A_POINT * percent // BASE_PERCENT


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Answer ``{"points": …}`` to ``{"cents": …, "percent": …, "correlation_id": …}``."""
    follow(event["correlation_id"])
    earned = points(event["cents"], event["percent"])
    count("PointsEarned", earned)
    logger.info("calculated points", extra={"points": earned})
    return {"points": earned}
