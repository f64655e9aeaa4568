"""An app, synthesized once for each granularity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns._cdk_app import WITHOUT_BUNDLES, SynthesisError
from serverless_patterns._context import CONTEXT_GRANULARITY, CONTEXT_PLAN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serverless_patterns._cdk_app import CdkApp


class PlanError(Exception):
    """A plan that can't be made; the message says why, and what to do about it."""


def plan_context(context: Mapping[str, Any], granularity: str) -> dict[str, Any]:
    """The context that has an app cut otherwise, tell its units and bundle nothing."""
    return {
        **context,
        CONTEXT_GRANULARITY: granularity,
        CONTEXT_PLAN: True,
        **WITHOUT_BUNDLES,
    }


def synthesize_cut(app: CdkApp, granularity: str, output: Path) -> None:
    """Write the assembly that an app makes at a granularity.

    Args:
        app: The app.
        granularity: The cut of each ``ModularApi``.
        output: The folder of the assembly.

    Raises:
        PlanError: If the app fails before the assembly is written.
    """
    try:
        app.synthesize(output, plan_context(app.context, granularity))
    except SynthesisError as error:
        raise PlanError(f"the app can't be cut by {granularity}: {error}") from error
