"""`make bench`: every measurement several times, in turn with its rival, medians and ratios."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

import aws_cdk as cdk

from benchmarks import appconfig, deliveries, patterns, poller, scale, web_adapter
from examples.bookstore.stacks import SERVICE
from serverless_patterns import PythonCode

RUNS = 7
IMPORT_BUDGET_MS = 50


def main() -> int:
    """Print the tables; the exit code says whether every budget was kept."""
    environment = os.environ | {"BOOKSTORE_ASSET": _bundled_bookstore()}
    print(f"medians of {RUNS} processes each, in turn; times are this machine's, compare ratios\n")
    added = _compare(
        "import serverless_patterns", "import aws_cdk", environment, "the package after aws_cdk"
    )
    _compare("constructs", "CDK modules", environment, "every construct after what it imports")
    _compare(
        "synthesize with the library",
        "synthesize hand-written L2s",
        environment,
        "bookstore, validation off, wheels cached",
    )
    kept = added <= IMPORT_BUDGET_MS
    verdict = "within" if kept else "OVER"
    print(
        f"\nthe package adds {added:.0f} ms to importing aws_cdk: {verdict} {IMPORT_BUDGET_MS} ms"
    )
    patterns.main()
    poller.main()
    web_adapter.main()
    return not all([kept, scale.main(), deliveries.main(), appconfig.main()])


def _compare(ours: str, rival: str, environment: dict[str, str], what: str) -> float:
    """Print a row; the difference of the medians in milliseconds."""
    results: dict[str, list[dict[str, float]]] = {ours: [], rival: []}
    for _ in range(RUNS):
        for name, runs in results.items():
            printed = subprocess.run(
                [sys.executable, "-m", "benchmarks.once", name],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            runs.append(json.loads(printed.stdout))
    medians = {
        name: statistics.median(result["ms"] for result in runs) for name, runs in results.items()
    }
    print(what)
    for name, runs in results.items():
        count = runs[0].get("resources")
        resources = f"  {count:.0f} resources" if count else ""
        print(f"  {name:<30} {medians[name]:7.0f} ms{resources}")
    print(f"  {'ratio':<30} {medians[ours] / medians[rival]:7.2f}")
    return medians[ours] - medians[rival]


def _bundled_bookstore() -> str:
    """The bookstore's asset, bundled before anything is measured."""
    stack = cdk.Stack(cdk.App(), "Bundled")
    return PythonCode(stack, "Function", entry=SERVICE, handler="bookstore.main:app").path


if __name__ == "__main__":
    sys.exit(main())
