"""How fast a poller works off its queue on the local cloud, beside plain CDK's."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_patterns.local import LocalCloud, deploy
from serverless_patterns.testing.plugin import free_port
from tests.conftest import ROOT

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MESSAGES = 500
RUNS = 5


def main() -> None:
    """Print the row."""
    with tempfile.TemporaryDirectory() as folder:
        cloud = LocalCloud(free_port(), Path(folder))
        cloud.up()
        try:
            app = "python -m benchmarks.poller_app"
            deployed = deploy(cloud, folder=ROOT, app=app, every_stack=True)
            [urls] = deployed.outputs.values()
            client: SQSClient = cloud.client("sqs")
            rates: dict[str, list[float]] = {"library": [], "plain": []}
            for _ in range(RUNS + 1):
                for name, found in rates.items():
                    found.append(_rate(client, urls[name]))
        finally:
            cloud.down()
    medians = {name: statistics.median(found[1:]) for name, found in rates.items()}  # one to warm
    ratio = medians["library"] / medians["plain"]
    print(f"\npoller on the local cloud, medians of {RUNS} runs of {MESSAGES} messages, in turn")
    print(
        f"  library {medians['library']:.0f}, plain CDK {medians['plain']:.0f} messages a second; "
        f"ratio {ratio:.2f}"
    )


def _rate(client: SQSClient, url: str) -> float:
    started = time.perf_counter()
    for _ in range(0, MESSAGES, 10):
        client.send_message_batch(
            QueueUrl=url,
            Entries=[{"Id": str(number), "MessageBody": "{}"} for number in range(10)],
        )
    while _left(client, url):
        time.sleep(0.02)
    return MESSAGES / (time.perf_counter() - started)


def _left(client: SQSClient, url: str) -> int:
    told = client.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(int(value) for value in told["Attributes"].values())
