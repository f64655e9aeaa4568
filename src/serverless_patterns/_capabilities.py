"""Which endpoints can do what, and the error that names them."""

from __future__ import annotations

from serverless_patterns._errors import PatternError

_HTTP, _REST, _URL = "Endpoint.HTTP_API", "Endpoint.REST_API", "Endpoint.FUNCTION_URL"
_BALANCER = "Endpoint.load_balancer(vpc=...)"
_ABLE = {
    "api_key_required": (_REST,),
    "api_name": (_HTTP, _REST),
    "authorizer": (_HTTP, _REST, _BALANCER),
    "cors": (_HTTP, _URL),
    "description": (_HTTP, _REST),
    "endpoint": (_HTTP, _REST, _BALANCER),
    "request_parameters": (_REST,),
    "request_schema": (_REST,),
    "response_streaming": (_REST, _URL),
    "retention": (_HTTP, _REST),
    "scopes": (_HTTP, _REST),
    "throttle": (_HTTP, _REST),
}


def able(name: str) -> str:
    """The endpoints that can do what a keyword asks for: ``Endpoint.HTTP_API or …``."""
    *others, last = _ABLE[name]
    return f"{', '.join(others)} or {last}" if others else last


def asked_of_another(
    path: str,
    name: str,
    got: str,
    *,
    because: str = "",
    remedy: str = "choose that endpoint, or omit it",
) -> PatternError:
    """The error for what an endpoint can't do, which names those that can.

    Args:
        path: The construct path.
        name: The keyword.
        got: The endpoint, and the route if it is one's.
        because: What the endpoints do that can, to follow their names.
        remedy: What to do otherwise.
    """
    return PatternError(
        path, name, rule=f"be asked of {able(name)}{because}", got=got, remedy=remedy
    )
