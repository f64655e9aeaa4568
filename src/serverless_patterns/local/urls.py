"""URLs of AWS, as this machine can call them."""

from __future__ import annotations

import re

_PATH = r"(?P<path>/[^\s\"']*)?"
_DOMAIN = r"amazonaws\.com(?:\.cn)?"
# The emulator itself answers the second for the endpoint of an HTTP API.
_API = re.compile(rf"https?://(?P<id>\w+)\.execute-api\.(?:[\w-]+\.{_DOMAIN}|localhost:\d+){_PATH}")
_FUNCTION = re.compile(rf"https?://(?P<id>[\w-]+)\.lambda-url\.(?P<region>[\w-]+)\.on\.aws{_PATH}")
# A load balancer's host is its name, eight digits, and more.
_BALANCER = re.compile(rf"(?:https?://)?(?P<id>[\w-]+)-\w{{8}}\.[\w-]+\.elb\.{_DOMAIN}{_PATH}")


def local_urls(value: str, port: int) -> list[str]:
    """The ways to call a URL of AWS in the local cloud, the one for every client first.

    The second, where there is one, has a host name of its own, for pages that link to ``/``:
    curl and most browsers resolve ``*.localhost`` to this machine, many libraries don't.

    Args:
        value: The value of a stack's output.
        port: The port of the local cloud.

    Returns:
        The URLs; none where ``value`` is no URL of an API, a function or a load balancer.
    """
    here = f"http://127.0.0.1:{port}"
    if match := _API.fullmatch(value):
        path = match["path"] or "/"
        return [
            f"{here}/_aws/execute-api/{match['id']}{path}",
            f"http://{match['id']}.execute-api.localhost:{port}{path}",
        ]
    if match := _FUNCTION.fullmatch(value):
        path = match["path"] or "/"
        return [
            f"{here}/_aws/lambda-url/{match['id']}{path}",
            f"http://{match['id']}.lambda-url.{match['region']}.localhost:{port}{path}",
        ]
    if match := _BALANCER.fullmatch(value):
        path = match["path"] or "/"
        return [
            f"{here}/_alb/{match['id']}{path}",
            f"http://{match['id']}.alb.localhost:{port}{path}",
        ]
    return []
