from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from serverless_patterns.testing import cdk_context

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent

# Where tests start programs, those of this environment are meant.
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


@pytest.fixture
def make_app() -> Callable[..., cdk.App]:
    """Makes apps as the CDK CLI would, without its validation, which costs seconds."""

    def make(*, bundle: bool = False, **context: Any) -> cdk.App:
        return cdk.App(
            context=cdk_context(ROOT, bundle=bundle) | context,
            builtin_cloud_formation_validation=False,
            analytics_reporting=False,
        )

    return make


@pytest.fixture
def stack(make_app: Callable[..., cdk.App]) -> cdk.Stack:
    return cdk.Stack(make_app(), "Shop")


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """A folder with a handler and nothing else."""
    folder = tmp_path / "entry"
    folder.mkdir()
    (folder / "index.py").write_text("def handler(event, context):\n    return {}\n")
    return folder
