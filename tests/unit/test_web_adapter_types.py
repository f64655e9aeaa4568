"""What is of another type than a web function's keywords take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns import PatternError, WebAdapterFunction

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"readiness_path": None}, "readiness_path must be a str, got None; for example '/health'"),
        ({"readiness_path": 3}, "readiness_path must be a str, got 3; for example '/health'"),
        (
            {"remove_base_path": ["/v1"]},
            "remove_base_path must be a str, got ['/v1']; for example '/health'",
        ),
        (
            {"readiness_healthy_status": 200},
            "readiness_healthy_status must be a str, got 200; for example '200-399,404'",
        ),
        (
            {"authorization_source": 3},
            "authorization_source must be a str, got 3; for example 'X-Authorization'",
        ),
        ({"async_init": "false"}, "async_init must be a bool, got 'false'; for example True"),
        (
            {"enable_compression": 0},
            "enable_compression must be a bool, got 0; for example True",
        ),
    ],
)
def test_a_setting_of_another_type_is_refused(
    stack: cdk.Stack, image: Path, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", image=image, **given)

    assert str(refused.value) == f"Shop/Web: {message}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"command": ["node", 1]}, "command must be a str, got 1; for example 'main.py'"),
        ({"build": ["make", None]}, "build must be a str, got None; for example 'main.py'"),
        ({"exclude": [3]}, "exclude must be a str, got 3; for example 'main.py'"),
        (
            {"entry": 3},
            "entry must be a folder with the application's sources, got 3; for example "
            "Path(__file__).parent",
        ),
    ],
)
def test_a_part_of_a_zip_of_another_type_is_refused(
    stack: cdk.Stack, sources: Path, given: dict[str, Any], message: str
) -> None:
    options: dict[str, Any] = {"entry": sources, "command": ["node", "main.js"], **given}
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", **options)

    assert str(refused.value) == f"Shop/Web: {message}"


def test_a_sibling_is_not_given_its_function_s_memory_for_none(
    stack: cdk.Stack, image: Path
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    with pytest.raises(PatternError) as refused:
        web.for_events(memory_size=0)

    assert str(refused.value) == (
        "Shop/Web/Events: memory_size must be a whole number of MB from 128 to 10240, got 0; "
        "omit it to get 1024"
    )
