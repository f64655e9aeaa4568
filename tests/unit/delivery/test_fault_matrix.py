"""No pattern of the library loses an event, whatever goes wrong: the fault matrix."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.fault_matrix.__main__ import table
from tests.fault_matrix.faults import FAULTS, MatrixFault, run
from tests.fault_matrix.patterns import PATTERNS, Pattern


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(count=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_no_event_is_lost(pattern: Pattern, fault: MatrixFault, count: int, seed: int) -> None:
    found = run(pattern, fault, count=count, seed=seed, plain=False)

    delivery = found.delivery
    assert delivery.lost == delivery.pending == delivery.filtered == []
    accounted = {leg.event for leg in delivery.legs}
    assert len(accounted) == max(count, fault.at_least)
    if fault.answers is None:  # an answer that says nothing of them is all that can hide events
        assert delivery.acknowledged == []
        assert found.unhandled == frozenset()


def test_the_table_in_the_readme_is_what_the_model_says() -> None:
    readme = (ROOT / "README.md").read_text()
    [shown] = re.findall(r"<!-- fault matrix -->\n(.*?)\n<!-- end -->", readme, re.DOTALL)
    assert shown == table()
