"""No pattern of the library loses an event, whatever goes wrong: the fault matrix."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.fault_matrix.__main__ import SEED, table
from tests.fault_matrix.faults import FAULTS, Load, MatrixFault, run
from tests.fault_matrix.patterns import PATTERNS, Pattern


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    count=st.integers(1, 60),
    seed=st.integers(0, 2**32),
    load=st.builds(
        Load,
        seconds=st.just(0) | st.floats(0.1, 60),  # at once, or one after another
        duration=st.just(0) | st.floats(0, 2.9),  # of the 3 s that the handler may take
    ),
)
def test_no_event_is_lost(
    pattern: Pattern, fault: MatrixFault, count: int, seed: int, load: Load
) -> None:
    found = run(pattern, fault, count=count, seed=seed, plain=False, load=load)

    delivery = found.delivery
    assert delivery.lost == delivery.pending == delivery.filtered == []
    accounted = {leg.event for leg in delivery.legs}
    assert len(accounted) == max(count, fault.at_least)
    if fault.answers is None:  # an answer that says nothing of them is all that can hide events
        assert delivery.acknowledged == []
        assert found.unhandled == frozenset()
        if fault.strikes is None and pattern.name != "SQS FIFO":  # whose groups stay in order
            assert found.given_up == frozenset()


@pytest.mark.parametrize(
    ("name", "full"), [("Kinesis", 20), ("DynamoDB", 40), ("SQS", 10), ("SQS FIFO", 10)]
)
def test_the_table_is_of_full_batches(name: str, full: int) -> None:
    [pattern] = [each for each in PATTERNS if each.name == name]
    [fault] = [each for each in FAULTS if each.name == "poison record"]
    found = run(pattern, fault, count=40, seed=SEED, plain=False)

    assert found.batches[0] == full  # of Kinesis that is all that its shard has


def test_the_table_in_the_readme_is_what_the_model_says() -> None:
    readme = (ROOT / "README.md").read_text()
    [shown] = re.findall(r"<!-- fault matrix -->\n(.*?)\n<!-- end -->", readme, re.DOTALL)
    assert shown == table()
