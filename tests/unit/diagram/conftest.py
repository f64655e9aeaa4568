from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def app(make_app: Callable[..., cdk.App]) -> cdk.App:
    """An app whose templates tell the paths of their constructs, as the CDK CLI has it."""
    return make_app(**{"aws:cdk:enable-path-metadata": True})


@pytest.fixture
def shop(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Shop")
