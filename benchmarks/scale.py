"""A function for each route, from one route to a thousand: what it costs, beside plain L2s."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aws_cdk as cdk

from benchmarks.scale_app import write_application
from benchmarks.scale_l2 import HandWrittenRoutes
from serverless_patterns import Endpoint, Granularity, ModularApi

CASES = (
    *(("HTTP_API", count) for count in (1, 10, 100, 298)),
    *(("REST_API", count) for count in (100, 1_000)),
)
CATCHES_ALL = {"HTTP_API": True, "REST_API": False}
"""With a catch-all at every path, a thousand routes of a REST API would fit into no template."""
BUDGET = 1.5  # of the time per route at 1,000 routes to that at 100
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LIMITS = {"resources": 500, "bytes": 1_000_000, "parameters": 200, "outputs": 200}

Measured = dict[str, float]


def main() -> bool:
    """Print the table; whether the time per route and every template kept within their limits."""
    print("\na function for each route; synthesis after one to warm up, validation off")
    print("HTTP APIs have a catch-all function as well, REST APIs have none")
    print(f"  {'':<31}{'resources':>9}{'stacks':>8}{'KB':>8}{'ms':>8}{'ms/route':>10}")
    kept, per_route = True, {}
    for endpoint, count in CASES:
        ours = _in_a_process("library", endpoint, count)
        _print(f"{endpoint} {count:>5} library", count, ours)
        if endpoint == "HTTP_API":
            _print(f"{endpoint} {count:>5} L2", count, _in_a_process("L2", endpoint, count))
        per_route[endpoint, count] = ours["ms"] / count
        kept = kept and all(ours[f"most {name}"] <= most for name, most in LIMITS.items())
    ratio = per_route["REST_API", 1_000] / per_route["REST_API", 100]
    print(f"every template {'within' if kept else 'OVER'} CloudFormation's limits")
    verdict = "within" if ratio <= BUDGET else "OVER"
    print(f"time per route at 1,000 to that at 100: {ratio:.2f}, {verdict} {BUDGET}")
    return kept and ratio <= BUDGET


def _print(name: str, count: int, measured: Measured) -> None:
    if not measured:
        print(f"  {name:<31}  does not synthesize: more resources than a stack can have")
        return
    print(
        f"  {name:<31}{measured['resources']:9.0f}{measured['stacks']:8.0f}"
        f"{measured['bytes'] / 1000:8.0f}{measured['ms']:8.0f}{measured['ms'] / count:10.1f}"
    )


def _in_a_process(who: str, endpoint: str, count: int) -> Measured:
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", who, endpoint, str(count)],
        capture_output=True,
        text=True,
        check=True,
    )
    measured: Measured = json.loads(printed.stdout)
    return measured


def measure(who: str, endpoint: str, count: int) -> Measured:
    """What a synthesis made and how long it took; nothing if CDK refused it."""
    with tempfile.TemporaryDirectory() as folder:
        _synthesize(who, endpoint, write_application(Path(folder, "warm"), 1), 1)
        entry = write_application(Path(folder, "service"), count)
        started = time.perf_counter()
        try:
            assembly = _synthesize(who, endpoint, entry, count)
        except RuntimeError as error:
            if "Number of resources" in str(error):
                return {}
            raise
        milliseconds = (time.perf_counter() - started) * 1000
        texts = [file.read_text() for file in assembly.glob("*.template.json")]
    templates = [json.loads(text) for text in texts]
    sizes = [len(text.encode()) for text in texts]
    resources = [len(each["Resources"]) for each in templates]
    return {
        "ms": milliseconds,
        "resources": sum(resources),
        "stacks": len(templates),
        "bytes": sum(sizes),
        "most resources": max(resources),
        "most bytes": max(sizes),
        "most parameters": max(len(each.get("Parameters", {})) for each in templates),
        "most outputs": max(len(each.get("Outputs", {})) for each in templates),
    }


def _synthesize(who: str, endpoint: str, entry: Path, count: int) -> Path:
    context = json.loads(Path("cdk.json").read_text())["context"]
    app = cdk.App(context=context, builtin_cloud_formation_validation=False)
    if who == "L2":
        HandWrittenRoutes(app, "Scale", entry=entry, count=count)
    else:
        ModularApi(
            cdk.Stack(app, "Scale"),
            "Api",
            app="many:app",
            entry=entry,
            granularity=Granularity.ROUTE,
            endpoint=getattr(Endpoint, endpoint),
            public="A generated application",
            catch_all=CATCHES_ALL[endpoint],
        )
    return Path(app.synth().directory)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
