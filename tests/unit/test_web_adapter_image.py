"""What a Dockerfile must say for the adapter to start its application on Lambda."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import assertions
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, WebAdapterFunction, _web_adapter_variables
from serverless_patterns._web_adapter_settings import AdapterSettings

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

ADAPTER = "public.ecr.aws/awsguru/aws-lambda-adapter"
PUT = f"COPY --from={ADAPTER}:1.1.0 /lambda-adapter /opt/extensions/lambda-adapter"
GOOD = f"FROM node:24-slim\n{PUT}\n"
HOLD = (
    "Shop/Web: image must hold the adapter in /opt/extensions/, where Lambda starts it, got {}; "
    f"write {PUT}"
)
SAYS = "Shop/Web: image must leave the adapter's variables to the keywords that write them, got "


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"FROM node:24-slim\nCOPY --from={ADAPTER}:1.1.0 /lambda-adapter /opt/extensions/\n",
        f"FROM {ADAPTER}:1.1.0 AS Adapter\nFROM node:24-slim\n"
        "COPY --from=adapter /lambda-adapter /opt/extensions/lambda-adapter\n",
        f"ARG V=1.1.0\nFROM {ADAPTER}:${{V}} AS lwa\nFROM node:24-slim AS base\n"
        "COPY --from=lwa /lambda-adapter /opt/extensions/lwa\nFROM base\n",
        "FROM node:24-slim\nCOPY --from=1.dkr.ecr.eu-west-1.amazonaws.com/aws-lambda-adapter:1.1.0"
        " /lambda-adapter /opt/extensions/lambda-adapter\n",
        f"FROM node:24-slim\nCOPY --from={ADAPTER}@sha256:1 /lambda-adapter /opt/extensions/x\n",
        "FROM node:24-slim\nRUN curl -o /opt/extensions/lambda-adapter https://files.example.com\n",
        "FROM node:24-slim\nRUN <<E\nmv adapter /opt/extensions/lambda-adapter\nE\n",
        f"{GOOD}ENV PORT=8080 AWS_LWA_PORT=8080 AWS_LWA_HOST=localhost\nEXPOSE $PORT 9090/udp\n",
        f"{GOOD}EXPOSE 8000-8100/tcp\n",
        f"{GOOD}EXPOSE $UNKNOWN\n",
        f"{GOOD}ENV PORT=$UNKNOWN\n",
        f"FROM --platform=linux/arm64 arm64v8/node:24\n{PUT}\n",
        f"FROM --platform=$TARGETPLATFORM node:24\n{PUT}\n",
        f"FROM --platform=$BUILDPLATFORM golang:1 AS build\nFROM node:24\n{PUT}\n",
        f'FROM public.ecr.aws/lambda/python:3.13-arm64\n{PUT}\nENTRYPOINT ["python", "x.py"]\n',
    ],
)
def test_what_the_adapter_can_start_is_taken_without_a_warning(
    stack: cdk.Stack, image: Path, text: str
) -> None:
    (image / "Dockerfile").write_text(text)
    WebAdapterFunction(stack, "Web", image=image)

    assert warnings_of(stack) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "RUN x\n",
            "Shop/Web: image must start from an image, got no FROM in the Dockerfile; add one",
        ),
        ("FROM node:24\n", HOLD.format("a Dockerfile that copies none there")),
        (
            f"FROM node:24\nCOPY --from={ADAPTER}:1.1.0 /lambda-adapter /opt/extensions\n",
            HOLD.format("a copy at /opt/extensions"),
        ),
        (
            f"FROM node:24 AS build\n{PUT}\nFROM node:24\nCOPY --from=build /app /app\n",
            HOLD.format("a Dockerfile that copies none there"),
        ),
        (
            f"FROM node:24\nRUN <<E\n{PUT}\nE\n".replace("/opt/extensions/", "/opt/"),
            HOLD.format("a Dockerfile that copies none there"),
        ),
        (
            f"FROM node:24\nCOPY --from={ADAPTER} /lambda-adapter /opt/extensions/x\n",
            "Shop/Web: image must name the version of the adapter that it copies, got "
            f"{ADAPTER}, which means latest; write {PUT}",
        ),
        (
            f"FROM node:24\nCOPY --from={ADAPTER}:latest /lambda-adapter /opt/extensions/x\n",
            "Shop/Web: image must name the version of the adapter that it copies, got "
            f"{ADAPTER}:latest; write {PUT}",
        ),
        (
            f'FROM public.ecr.aws/lambda/python:3.13\n{PUT}\nCMD ["main.handler"]\n',
            "Shop/Web: image must start the application: the entry point of AWS's own base waits "
            "for a handler, got no ENTRYPOINT on public.ecr.aws/lambda/python:3.13; write one, "
            'such as ENTRYPOINT ["python", "-m", "uvicorn", "main:app"]',
        ),
        (
            f"FROM --platform=linux/amd64 node:24\n{PUT}\n",
            "Shop/Web: architecture must be that of the image, got arm64 and "
            "--platform=linux/amd64; change either; a Dockerfile without --platform makes an image "
            "for both",
        ),
        (
            f"FROM --platform=$BUILDPLATFORM node:24\n{PUT}\n",
            "Shop/Web: architecture must be that of the image, got arm64 and "
            "--platform=$BUILDPLATFORM; change either; a Dockerfile without --platform makes an "
            "image for both",
        ),
        (
            f"FROM amd64/node:24 AS a\nFROM a\n{PUT}\n",
            "Shop/Web: architecture must be that of the image, got arm64 and the base "
            "amd64/node:24; change either; a Dockerfile without --platform makes an image for both",
        ),
        (
            f'FROM public.ecr.aws/lambda/nodejs:24-x86_64\n{PUT}\nENTRYPOINT ["node"]\n',
            "Shop/Web: architecture must be that of the image, got arm64 and the base "
            "public.ecr.aws/lambda/nodejs:24-x86_64; change either; a Dockerfile without "
            "--platform makes an image for both",
        ),
        (
            f"{GOOD}ENV PORT=3000\n",
            f"{SAYS}ENV PORT=3000 where they say 8080; say the same by port, or remove it",
        ),
        (
            f"{GOOD}ENV AWS_LWA_READINESS_CHECK_PATH=/ready\n",
            f"{SAYS}ENV AWS_LWA_READINESS_CHECK_PATH=/ready where they say /; say the same by "
            "readiness_path, or remove it",
        ),
        (
            f"{GOOD}ENV AWS_LWA_ERROR_STATUS_CODES=500\n",
            f"{SAYS}ENV AWS_LWA_ERROR_STATUS_CODES=500; remove it: for_events() sets it for a "
            "function of its own",
        ),
        (
            f"{GOOD}ENV AWS_LWA_NEW=1\n",
            f"{SAYS}ENV AWS_LWA_NEW=1; remove it",
        ),
        (
            f"{GOOD}ENV AWS_LWA_INVOKE_MODE=response_stream\n",
            f"{SAYS}ENV AWS_LWA_INVOKE_MODE=response_stream; say the same by invoke_mode, or "
            "remove it",
        ),
        (
            f"{GOOD}EXPOSE 3000\nEXPOSE 9001\n",
            "Shop/Web: port must be one that the Dockerfile exposes, got 8080 where it says EXPOSE "
            "3000 9001; listen where the variable PORT says, and expose that",
        ),
    ],
)
def test_what_the_adapter_could_not_start_is_refused(
    stack: cdk.Stack, image: Path, text: str, message: str
) -> None:
    (image / "Dockerfile").write_text(text)
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", image=image)

    assert str(refused.value) == message


def test_each_setting_is_named_that_a_variable_tells() -> None:
    settings = {field.name for field in dataclasses.fields(AdapterSettings)}

    assert {*_web_adapter_variables._KEYWORDS.values()} == settings


def test_a_folder_without_a_dockerfile_is_refused(stack: cdk.Stack, sources: Path) -> None:
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", image=sources)

    assert str(refused.value) == (
        f"Shop/Web: image must be a folder with a Dockerfile, got {sources}, which has none; a "
        "path starts where the app is run: Path(__file__).parent makes it yours"
    )


def test_a_dockerfile_that_is_no_text_is_refused(stack: cdk.Stack, image: Path) -> None:
    (image / "Dockerfile").write_bytes(b"\xff")
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", image=image)

    assert str(refused.value) == (
        "Shop/Web: image must be a Dockerfile that can be read, got 'utf-8' codec can't decode "
        "byte 0xff in position 0: invalid start byte; mend it"
    )


def test_an_image_for_x86_is_taken_by_a_function_on_x86(stack: cdk.Stack, image: Path) -> None:
    (image / "Dockerfile").write_text(f"FROM --platform=linux/amd64 node:24\n{PUT}\n")
    WebAdapterFunction(stack, "Web", image=image, architecture=lambda_.Architecture.X86_64)


@pytest.mark.parametrize(
    ("settings", "version", "message"),
    [
        (
            {"readiness_healthy_status": "200"},
            "0.9.1",
            "readiness_healthy_status must be told to an adapter from 1.0.0 on: older ones ignore "
            f"it, got 0.9.1; write {PUT}",
        ),
        (
            {"snapstart_after_restore_path": "/connect"},
            "1.0.0",
            "snapstart_after_restore_path must be told to an adapter from 1.1.0 on: older ones "
            f"ignore it, got 1.0.0; write {PUT}",
        ),
    ],
)
def test_what_an_older_adapter_would_ignore_is_refused(
    stack: cdk.Stack, image: Path, settings: dict[str, Any], version: str, message: str
) -> None:
    (image / "Dockerfile").write_text(GOOD.replace("1.1.0", version))
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", image=image, **settings)

    assert str(refused.value) == f"Shop/Web: {message}"


def test_an_adapter_that_knows_no_error_statuses_has_no_sibling(
    stack: cdk.Stack, image: Path
) -> None:
    (image / "Dockerfile").write_text(GOOD.replace("1.1.0", "0.8.4"))
    web = WebAdapterFunction(stack, "Web", image=image)
    with pytest.raises(PatternError) as refused:
        web.for_events()

    assert str(refused.value) == (
        "Shop/Web/Events: image must hold an adapter from 0.9.0 on, which fails what is answered "
        f"with an error, got 0.8.4; write {PUT}"
    )


def test_an_older_adapter_is_warned_of(stack: cdk.Stack, image: Path) -> None:
    (image / "Dockerfile").write_text(GOOD.replace("1.1.0", "1.0.0"))
    WebAdapterFunction(stack, "Web", image=image)

    assert warnings_of(stack) == [
        "Shop/Web: the Dockerfile copies version 1.0.0 of the adapter, whose current one is 1.1.0: "
        f"write {PUT} [ack: serverless-patterns:web-adapter-version]"
    ]


@pytest.mark.parametrize(
    "base", ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/base:1", "$BASE", "base:$VERSION"]
)
def test_a_base_that_may_hold_the_adapter_is_warned_of(
    stack: cdk.Stack, image: Path, base: str
) -> None:
    (image / "Dockerfile").write_text(f"FROM {base}\n")
    WebAdapterFunction(stack, "Web", image=image)

    assert warnings_of(stack) == [
        "Shop/Web: nothing in the Dockerfile copies the adapter, so its base must hold it at "
        f"/opt/extensions/: acknowledge this if it does, else write {PUT} "
        "[ack: serverless-patterns:web-adapter-not-seen]"
    ]


def test_what_should_not_be_sent_to_the_build_is_warned_of(stack: cdk.Stack, image: Path) -> None:
    (image / "node_modules").mkdir()
    (image / ".env").write_text("SECRET=1")
    WebAdapterFunction(stack, "Web", image=image)

    assert warnings_of(stack) == [
        "Shop/Web: .env, node_modules would be sent to the build, and a change there would make "
        f"another image: name what doesn't belong in it in {image}/.dockerignore "
        "[ack: serverless-patterns:web-adapter-dockerignore]"
    ]


@pytest.mark.parametrize("tag", [None, "latest", "1.4.2"])
def test_an_image_that_may_change_under_its_function_is_warned_of(
    stack: cdk.Stack, tag: str | None
) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Shelf", "shelf")
    WebAdapterFunction(
        stack, "Web", image=lambda_.Code.from_ecr_image(repository, tag_or_digest=tag)
    )

    warned = [
        "Shop/Web: the image is the one that latest means at deployment: CloudFormation sees no "
        "change when another one is pushed; name a tag or a digest that stays "
        "[ack: serverless-patterns:web-adapter-image-tag]"
    ]
    assert warnings_of(stack) == ([] if tag == "1.4.2" else warned)


def warnings_of(stack: cdk.Stack) -> list[str]:
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return [str(each.entry.data) for each in found]
