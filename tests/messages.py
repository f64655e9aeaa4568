"""Messages, matched whole."""

import re


def exactly(message: str) -> str:
    """The pattern that matches ``message`` and nothing more."""
    return rf"\A{re.escape(message)}\Z"
