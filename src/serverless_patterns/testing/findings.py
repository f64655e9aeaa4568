"""What cdk-nag finds in an app, the acknowledged included."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPORT = "validation-report.json"


@dataclass(frozen=True, order=True)
class Finding:
    """One rule that one resource breaks.

    Attributes:
        rule: The rule's id, such as ``AwsSolutions-IAM4``.
        path: The resource's construct path.
        reason: Why it may be broken there, or ``None`` where nobody says so.
        acknowledged_at: The construct path at which somebody does.
    """

    rule: str
    path: str
    reason: str | None = None
    acknowledged_at: str | None = None


def nag_findings(app: cdk.App, *packs: cdk.IPolicyValidationPlugin) -> list[Finding]:
    """Synthesize ``app`` and return what rule packs find in it.

    Args:
        app: An app that was not synthesized yet.
        packs: The packs, such as ``cdk_nag.AwsSolutionsChecks(app)``.

    Raises:
        RuntimeError: If the synthesis fails for another reason.
    """
    cdk.Validations.of(app).add_plugins(*packs)
    report = Path(app.outdir) / _REPORT
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    plugins = json.loads(report.read_text())["pluginReports"] if report.is_file() else []
    return sorted(finding for plugin in plugins for finding in _findings(plugin))


def _findings(plugin: dict[str, Any]) -> Iterator[Finding]:
    for kind in ("violations", "suppressedViolations"):
        for violation in plugin.get(kind, ()):
            for construct in violation["violatingConstructs"]:
                yield Finding(
                    violation["ruleName"],
                    construct["constructPath"],
                    violation.get("reason"),
                    violation.get("acknowledgedAt"),
                )
