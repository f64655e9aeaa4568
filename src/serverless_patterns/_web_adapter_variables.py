"""The variables that the Lambda Web Adapter reads, and the values that it can."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "AWS_LWA_"
_DEPRECATED = ("READINESS_CHECK_", "REMOVE_BASE_PATH", "ASYNC_INIT", "HOST")
_OWN = ("PORT", "AWS_LAMBDA_EXEC_WRAPPER")
# What no keyword of ours says.
FREE = ("POOL_IDLE_TIMEOUT_SECONDS", "LAMBDA_RUNTIME_API_PROXY", "HOST")
_KEYWORDS = {
    "PORT": "port",
    "READINESS_CHECK_HEALTHY_STATUS": "readiness_healthy_status",
    "READINESS_CHECK_PATH": "readiness_path",
    "READINESS_CHECK_PORT": "readiness_port",
    "READINESS_CHECK_PROTOCOL": "readiness_protocol",
    "READINESS_CHECK_TIMEOUT_SECONDS": "readiness_timeout",
    **{
        name: name.lower()
        for name in (
            "ASYNC_INIT",
            "AUTHORIZATION_SOURCE",
            "ENABLE_COMPRESSION",
            "INVOKE_MODE",
            "REMOVE_BASE_PATH",
            "SNAPSTART_AFTER_RESTORE_PATH",
            "SNAPSTART_BEFORE_CHECKPOINT_PATH",
        )
    },
}
_OF_EVENTS = ("ERROR_STATUS_CODES", "PASS_THROUGH_PATH")


def remedy_for(name: str) -> str:
    """What to do about a variable of the adapter's in a Dockerfile.

    Args:
        name: The variable.
    """
    own = name.removeprefix(PREFIX)
    if own in _OF_EVENTS:
        return "remove it: for_events() sets it for a function of its own"
    return f"say the same by {_KEYWORDS[own]}, or remove it" if own in _KEYWORDS else "remove it"


def check_text(path: str, name: str, value: object, example: str) -> None:
    """Refuse what is no text, ``None`` among it, before it ends in a trace of Python's.

    Raises:
        PatternError: If it is none.
    """
    if not isinstance(value, str):
        raise PatternError(
            path, name, rule="be a str", got=repr(value), remedy=f"for example {example}"
        )


def check_path(path: str, name: str, value: str) -> None:
    """Refuse what is no path of a URL.

    Raises:
        PatternError: If it is none.
    """
    check_text(path, name, value, "'/health'")
    if cdk.Token.is_unresolved(value):
        return
    if not re.fullmatch(r"/[!-\"$->@-~]*", value):
        raise PatternError(
            path,
            name,
            rule="start with a slash and hold no query, fragment, space or character beyond ASCII",
            got=repr(value),
            remedy=f"write {'/' + value!r}"
            if re.fullmatch(r"[\w.-][\w./-]*", value)
            else "mend it",
        )


def check_status_codes(path: str, name: str, value: str) -> None:
    """Refuse status codes that the adapter would skip without a word in an answer.

    Raises:
        PatternError: If one is none.
    """
    check_text(path, name, value, "'200-399,404'")
    if cdk.Token.is_unresolved(value):
        return
    for part in value.split(","):
        found = re.fullmatch(r"([1-5]\d\d)(?:-([1-5]\d\d))?", part.strip(), re.ASCII)
        if not found or int(found[2] or found[1]) < int(found[1]):
            raise PatternError(
                path,
                name,
                rule="be status codes and ranges of them from 100 to 599, such as '200-399,404'",
                got=repr(value),
                remedy=f"mend {part.strip()!r}, which the adapter would skip",
            )


def check_no_variables(path: str, environment: Mapping[str, str]) -> None:
    """Refuse environment variables that a keyword writes, or the adapter no longer reads.

    Raises:
        PatternError: If there is one.
    """
    for name in environment:
        is_free = name.removeprefix(PREFIX) in FREE and name.startswith(PREFIX)
        if (name.startswith((PREFIX, *_DEPRECATED)) or name in _OWN) and not is_free:
            raise PatternError(
                path,
                "environment",
                rule="leave the adapter's variables to the keywords that write them",
                got=repr(name),
                remedy="use the keyword of that name; for_events() sets what events take",
            )
