"""Forms that no other site can send in a shop-keeper's name."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request

FIELD = "csrf"


def csrf_token(session: str) -> str:
    """What the forms of a session hold: only who can read its cookie can tell it."""
    return hmac.new(session.encode(), b"office forms", hashlib.sha256).hexdigest()


def is_own(session: str, sent: object) -> bool:
    """Whether a form holds the token of its session."""
    return isinstance(sent, str) and hmac.compare_digest(
        csrf_token(session).encode(), sent.encode()
    )


def is_same_origin(request: Request) -> bool:
    """Whether a form was sent from this site, as every browser tells of a ``POST``.

    It stands for the token where nobody is signed in yet.
    """
    origin = urlsplit(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("Host")
