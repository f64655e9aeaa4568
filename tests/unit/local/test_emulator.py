from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from serverless_patterns.local import emulator

if TYPE_CHECKING:
    from serverless_patterns.local.assembly import Template


class Resources:
    """A template with one resource."""

    def __init__(self, kind: str, **properties: Any) -> None:
        self.resources = {"It": {"Type": kind, "Properties": properties}}


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "known_types", lambda: frozenset({"AWS::CloudWatch::Alarm"}))


@pytest.mark.parametrize(
    ("resource", "deploys"),
    [
        (Resources("AWS::CloudWatch::Alarm", MetricName="Errors"), True),
        (Resources("AWS::CloudWatch::Alarm", Metrics=[{"Expression": "a + b"}]), False),
        (Resources("AWS::Odd::Thing"), False),
    ],
)
def test_what_would_fail_the_whole_stack_is_left_out(resource: Resources, *, deploys: bool) -> None:
    assert emulator.can_deploy(cast("Template", resource), "It") == deploys
