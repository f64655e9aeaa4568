from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from serverless_patterns import Compute
from tests.web_services import serve, warnings, write_image

if TYPE_CHECKING:
    from pathlib import Path

LAMBDA, FARGATE, EC2 = Compute
INSTEAD = "leave Compute.LAMBDA out of weights, or see to it that those requests don't need it"
BOTH = {LAMBDA: 9, FARGATE: 1}

BEYOND: list[tuple[dict[str, Any], dict[str, str]]] = [
    (
        {"idle_timeout": cdk.Duration.seconds(901)},
        {
            "lambda-timeout": "containers have the 901 s of idle_timeout for an answer, the "
            f"function 900 s; {INSTEAD}"
        },
    ),
    (
        {"max_body_size": cdk.Size.mebibytes(10)},
        {
            "lambda-body-size": "bodies of 10,485,760 bytes pass to containers, to the function "
            f"and back 1,048,576 do; {INSTEAD}"
        },
    ),
    (
        {"response_streaming": True},
        {
            "lambda-streaming": "containers stream their answers, the function's come when they "
            f"are complete; {INSTEAD}"
        },
    ),
    (
        {"web_sockets": True},
        {
            "lambda-web-sockets": "containers take WebSocket connections, the function takes none; "
            f"{INSTEAD}"
        },
    ),
]


@pytest.mark.parametrize(("options", "told"), BEYOND, ids=str)
def test_what_the_function_can_not_do_is_warned_of(
    stack: cdk.Stack, image: Path, options: dict[str, Any], told: dict[str, str]
) -> None:
    serve(stack, image, weights=BOTH, **options)

    assert warnings(stack) == {name: f"Shop/Web: {text}" for name, text in told.items()}


@pytest.mark.parametrize(("options", "told"), BEYOND, ids=str)
def test_containers_alone_are_warned_of_nothing(
    stack: cdk.Stack, image: Path, options: dict[str, Any], told: dict[str, str]
) -> None:
    serve(stack, image, weights={FARGATE: 1, EC2: 1}, **options)

    assert told
    assert warnings(stack) == {}


@pytest.mark.parametrize(("options", "told"), BEYOND, ids=str)
def test_a_warning_can_be_acknowledged(
    stack: cdk.Stack, image: Path, options: dict[str, Any], told: dict[str, str]
) -> None:
    service = serve(stack, image, weights=BOTH, **options)
    for name in told:
        cdk.Annotations.of(service).acknowledge_warning(f"serverless-patterns:{name}")

    assert warnings(stack) == {}


@pytest.mark.parametrize(
    "options",
    [
        {"idle_timeout": cdk.Duration.seconds(900)},
        {"max_body_size": cdk.Size.mebibytes(1)},
    ],
    ids=str,
)
def test_what_the_function_can_do_is_not_warned_of(
    stack: cdk.Stack, image: Path, options: dict[str, Any]
) -> None:
    serve(stack, image, weights=BOTH, **options)

    assert warnings(stack) == {}


def test_the_function_ends_where_lambda_ends_it(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image, weights=BOTH, idle_timeout=cdk.Duration.seconds(4000))

    assert service.function
    assert service.function.timeout
    assert service.function.timeout.to_seconds() == 900


def test_an_old_adapter_is_warned_of_where_lambda_runs_it(stack: cdk.Stack, tmp_path: Path) -> None:
    adapter = "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter "
    old = write_image(
        tmp_path / "old", f"FROM python:3.13-slim\n{adapter}/opt/extensions/lambda-adapter\n"
    )
    serve(stack, old, weights=BOTH)

    assert [*warnings(stack)] == ["web-adapter-version"]
