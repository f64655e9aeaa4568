"""Prints the table: ``python -m tests.fault_matrix``."""

from __future__ import annotations

from tests.fault_matrix.faults import FAULTS, Run, run
from tests.fault_matrix.patterns import PATTERNS

SEED = 2026


def table() -> str:
    """How many events are lost under each fault: the library's, then plain CDK's.

    After a plus: how many are held that the handler wouldn't fail on. In brackets: how many more
    are gone as if handled, though the handler did nothing.
    """
    rows = [
        ["", "events", *(pattern.name for pattern in PATTERNS)],
        ["---", "---:", *(["---"] * len(PATTERNS))],
    ]
    for fault in FAULTS:
        cells = [
            " · ".join(
                _cell(run(pattern, fault, count=fault.count, seed=SEED, plain=plain))
                for plain in (False, True)
            )
            for pattern in PATTERNS
        ]
        rows.append([fault.name, f"{fault.count:,}", *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(found: Run) -> str:
    unhandled = f" ({len(found.unhandled)})" if found.unhandled else ""
    given_up = f" +{len(found.given_up)}" if found.given_up else ""
    return f"{len(found.delivery.lost)}{given_up}{unhandled}"


if __name__ == "__main__":
    print(table())  # noqa: T201 - what it is for
