"""What a web service relies on that its function, behind a load balancer, can't do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serverless_patterns import _quotas

if TYPE_CHECKING:
    import aws_cdk as cdk

_INSTEAD = "leave Compute.LAMBDA out of weights, or see to it that those requests don't need it"


def beyond_the_function(
    *,
    idle_timeout: cdk.Duration,
    max_body_size: cdk.Size | None,
    response_streaming: bool,
    web_sockets: bool,
) -> dict[str, str]:
    """Warnings, by their ids, of what containers do and the function doesn't."""
    longest = _quotas.LAMBDA_TIMEOUT_SECONDS[-1]
    largest = _quotas.LOAD_BALANCER_LAMBDA_BYTES
    found = {}
    if not idle_timeout.is_unresolved() and idle_timeout.to_seconds() > longest:
        found["lambda-timeout"] = (
            f"containers have the {idle_timeout.to_seconds():g} s of idle_timeout for an answer, "
            f"the function {longest} s; {_INSTEAD}"
        )
    if (
        max_body_size is not None
        and not max_body_size.is_unresolved()
        and max_body_size.to_bytes() > largest
    ):
        found["lambda-body-size"] = (
            f"bodies of {max_body_size.to_bytes():,.0f} bytes pass to containers, to the function "
            f"and back {largest:,} do; {_INSTEAD}"
        )
    if response_streaming:
        found["lambda-streaming"] = (
            "containers stream their answers, the function's come when they are complete; "
            f"{_INSTEAD}"
        )
    if web_sockets:
        found["lambda-web-sockets"] = (
            f"containers take WebSocket connections, the function takes none; {_INSTEAD}"
        )
    return found
