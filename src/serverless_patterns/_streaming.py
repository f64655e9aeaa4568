"""Whether a function answers in the way in which its endpoint asks: at once, or as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from serverless_patterns._capabilities import able
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import (
    ERROR_STATUS_CODES,
    environment_of,
    function_behind,
    tells_adapter,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"
_INVOKE_MODE = "AWS_LWA_INVOKE_MODE"
_STREAMING_FAMILIES = (lambda_.RuntimeFamily.NODEJS, lambda_.RuntimeFamily.OTHER, None)


def check_answers(
    path: str, handler: lambda_.IFunction, who: str, *, streaming: bool | None
) -> None:
    """Refuse a handler that answers in another way than it is asked.

    Args:
        path: The construct path of what invokes it.
        handler: What is invoked.
        who: The caller.
        streaming: Whether the caller takes a stream. None - it never does.

    Raises:
        PatternError: If its answers would not arrive, or not as its application gives them.
    """
    function = function_behind(handler)
    if function is None:
        return
    said = environment_of(function)
    if tells_adapter(said):
        _check_adapter(path, function.node.path, said, who, streaming=streaming)
    elif streaming and _WRAPPER not in said:
        _check_runtime(path, function.runtime, who)


def _check_adapter(
    path: str, name: str, said: Mapping[str, object], who: str, *, streaming: bool | None
) -> None:
    if ERROR_STATUS_CODES in said:
        raise PatternError(
            path,
            "handler",
            rule=f"leave error statuses to the clients of {who}: a function for events turns each "
            "into a failed invocation, which they see as a 502",
            got=f"{name}, whose invocations fail at {said[ERROR_STATUS_CODES]}",
            remedy="give the web function itself",
        )
    streams = said.get(_INVOKE_MODE) == "response_stream"
    if streaming and not streams:
        raise PatternError(
            path,
            "response_streaming",
            rule=f"be asked of {who} whose handler streams",
            got=f"{name}, whose adapter answers at once",
            remedy="give it invoke_mode=lambda_.InvokeMode.RESPONSE_STREAM, or omit it",
        )
    if streams and not streaming:
        raise PatternError(
            path,
            "handler",
            rule=f"answer {who} at once",
            got=f"{name}, whose adapter streams",
            remedy=f"choose {able('response_streaming')} with response_streaming, or omit its "
            "invoke_mode"
            if streaming is None
            else "set response_streaming, or omit its invoke_mode",
        )


def _check_runtime(path: str, runtime: lambda_.Runtime | None, who: str) -> None:
    # Neither an image nor a runtime that CDK doesn't know has a family.
    if runtime is None or runtime.family in _STREAMING_FAMILIES:
        return
    raise PatternError(
        path,
        "response_streaming",
        rule=f"be asked of {who} whose handler streams: in Node.js, with a runtime of its own, "
        "or by the Lambda Web Adapter",
        got=f"a handler in {runtime.name}",
        remedy="run the application by a WebAdapterFunction, or omit it",
    )
