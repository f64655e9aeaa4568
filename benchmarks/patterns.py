"""What each pattern of events defines, beside AWS Solutions Constructs and plain CDK."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from serverless_patterns.testing import cdk_context
from tests.conftest import ROOT
from tests.fault_matrix.patterns import PATTERNS, template

VERSION = "2.105.0"
PACKAGES = (
    "aws-dynamodbstreams-lambda",
    "aws-eventbridge-lambda",
    "aws-kinesis-streams-lambda",
    "aws-s3-lambda",
    "aws-sns-lambda",
    "aws-sqs-lambda",
)


def main() -> None:
    """Print the table."""
    rival = _solutions_constructs()
    print(f"\nresources of a pattern and its function; Solutions Constructs {VERSION}")
    print(f"  {'':12} {'this library':>12} {'Solutions Constructs':>21} {'plain CDK':>10}")
    for pattern in PATTERNS:
        ours, plain = (
            len(template(pattern.name, plain=plain)[0]["Resources"]) for plain in (False, True)
        )
        theirs = rival.get(pattern.name, "none")
        print(f"  {pattern.name:12} {ours:12} {theirs:>21} {plain:10}")


def _solutions_constructs() -> dict[str, int]:
    requirements = [f"--with=aws-solutions-constructs.{name}=={VERSION}" for name in PACKAGES]
    ran = subprocess.run(
        [
            *("uv", "run", "--quiet", "--isolated", "--no-project", *requirements),
            *("python", str(Path(__file__).with_name("solutions_constructs.py"))),
        ],
        env=os.environ | {"FLAGS": json.dumps(cdk_context(ROOT))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(ran.stdout))
