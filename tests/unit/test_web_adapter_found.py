"""Where an image may get the adapter from, and where it must be put."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import assertions

from serverless_patterns import PatternError, WebAdapterFunction

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

ADAPTER = "public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0"
PUT = f"COPY --from={ADAPTER} /lambda-adapter /opt/extensions/lambda-adapter"


def warnings_of(stack: cdk.Stack) -> list[str]:
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return [str(each.entry.data) for each in found]


@pytest.mark.parametrize(
    "text",
    [
        f"FROM {ADAPTER}\nFROM node:24\nCOPY --from=0 /lambda-adapter /opt/extensions/x\n",
        "FROM node:24\nWORKDIR /opt\nWORKDIR extensions\n"
        f"COPY --from={ADAPTER} /lambda-adapter .\n",
        f"FROM a AS tools\nCOPY --from={ADAPTER} /lambda-adapter /x\nFROM node:24\n"
        "COPY --from=tools /x /opt/extensions/lambda-adapter\n",
        "FROM node:24\nCOPY lambda-adapter /opt/extensions/\n",
        'FROM node:24\nCOPY ["lambda-adapter", "/opt/extensions/"]\n',
        "FROM node:24\nADD https://files.example.com/lambda-adapter /opt/extensions/x\n",
    ],
)
def test_the_adapter_may_come_from_anywhere(stack: cdk.Stack, image: Path, text: str) -> None:
    (image / "Dockerfile").write_text(text)
    WebAdapterFunction(stack, "Web", image=image)

    assert warnings_of(stack) == []


def test_the_stage_that_a_number_means_tells_the_version(stack: cdk.Stack, image: Path) -> None:
    (image / "Dockerfile").write_text(
        f"FROM {ADAPTER.replace('1.1', '0.8')}\nFROM node:24\n"
        "COPY --from=0 /lambda-adapter /opt/extensions/x\n"
    )
    WebAdapterFunction(stack, "Web", image=image)

    assert warnings_of(stack) == [
        "Shop/Web: the Dockerfile copies version 0.8.0 of the adapter, whose current one is 1.1.0: "
        f"write {PUT} [ack: serverless-patterns:web-adapter-version]"
    ]


@pytest.mark.parametrize(
    "base",
    ["ghcr.io/acme/base:1", "registry.acme.example:5000/base", "acme/base@sha256:1", "b/$BASE"],
)
def test_a_base_of_ones_own_may_hold_the_adapter(stack: cdk.Stack, image: Path, base: str) -> None:
    (image / "Dockerfile").write_text(f"FROM {base}\n")
    WebAdapterFunction(stack, "Web", image=image)

    assert warnings_of(stack) == [
        "Shop/Web: nothing in the Dockerfile copies the adapter, so its base must hold it at "
        f"/opt/extensions/: acknowledge this if it does, else write {PUT} "
        "[ack: serverless-patterns:web-adapter-not-seen]"
    ]


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("FROM docker.io/library/node:24.1", "a Dockerfile that copies none there"),
        ("FROM arm64v8/node:24-slim", "a Dockerfile that copies none there"),
        ("FROM public.ecr.aws/docker/library/node:24", "a Dockerfile that copies none there"),
        ("FROM gcr.io/distroless/nodejs24", "a Dockerfile that copies none there"),
        (
            f"FROM node:24\nWORKDIR /app\nCOPY --from={ADAPTER} /lambda-adapter x/\n",
            "a copy at /app/x/",
        ),
        (
            f"FROM ghcr.io/acme/base\nCOPY --from={ADAPTER} /lambda-adapter /usr/bin/\n",
            "a copy at /usr/bin/",
        ),
    ],
)
def test_an_image_in_which_lambda_finds_no_adapter_is_refused(
    stack: cdk.Stack, image: Path, text: str, got: str
) -> None:
    (image / "Dockerfile").write_text(text)
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", image=image)

    assert str(refused.value) == (
        "Shop/Web: image must hold the adapter in /opt/extensions/, where Lambda starts it, "
        f"got {got}; write {PUT}"
    )
