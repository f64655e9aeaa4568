"""A real browser, and how what it shows is told apart from its background."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    It skips where ``make browser`` can't install one, and fails where it could have.
    """
    program = shutil.which("chromium")
    if program is None:
        reason = "there is no chromium: make browser"
        if os.environ.get("SERVERLESS_PATTERNS_REQUIRES_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Its sandbox refuses to be root's.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def contrast(one: str, other: str) -> float:
    """How far two colours, as ``rgb(1, 2, 3)``, are apart: 1 to 21, by WCAG's formula."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(found) / 255 for found in re.findall(r"\d+", colour)[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
