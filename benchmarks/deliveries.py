"""How fast the delivery model is."""

from __future__ import annotations

import json
import time
from typing import Any

from serverless_patterns.testing.delivery import SqsMessage, deliver
from tests.fault_matrix.patterns import template

EVENTS = 100_000
BUDGET_SECONDS = 10.0
FAILS_ONCE_IN = 100


def main() -> bool:
    """Print the row; whether the budget was kept."""
    found, function = template("SQS", plain=False)
    failed: set[str] = set()

    def handler(event: dict[str, Any], _context: object) -> Any:
        again = []
        for record in event["Records"]:
            name = record["messageId"]
            if json.loads(record["body"]) % FAILS_ONCE_IN == 0 and name not in failed:
                failed.add(name)
                again.append({"itemIdentifier": name})
        return {"batchItemFailures": again}

    messages = [SqsMessage(body=str(number)) for number in range(EVENTS)]
    start = time.perf_counter()
    delivery = deliver(found, messages, handlers={function: handler})
    took = time.perf_counter() - start
    if len(delivery.handled) != EVENTS:
        raise RuntimeError(f"{EVENTS} events must be handled: {delivery.counts()}")
    kept = took <= BUDGET_SECONDS
    print(
        f"\nmodel: {EVENTS:,} SQS events, one in {FAILS_ONCE_IN} failing once, in {took:.1f} s "
        f"({EVENTS / took:,.0f} a second): {'within' if kept else 'OVER'} {BUDGET_SECONDS:g} s"
    )
    return kept
