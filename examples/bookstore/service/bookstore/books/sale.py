"""The sale, which a feature flag starts and ends while the store is open."""

from __future__ import annotations

import os
from functools import cache

from serverless_patterns.runtime.appconfig import AppConfig


@cache
def _flags() -> AppConfig | None:
    """The flags that the environment names, if it names any."""
    return AppConfig.from_environment() if "APPCONFIG_PROFILE" in os.environ else None


def percent_off() -> int:
    """What is taken off each price right now, in percent; nothing where no flag can be read."""
    flags = _flags()
    sale = flags.flag("sale", default=False) if flags else None
    return min(sale.attribute("percent", int, 0), 99) if sale else 0
