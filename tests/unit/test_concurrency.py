from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serverless_patterns._concurrency_chart import chart
from serverless_patterns.concurrency import Capacity, ConcurrencyError, Forecast, Load, forecast
from tests.messages import exactly

SETTINGS = settings(max_examples=15, deadline=None, derandomize=True)
LOADS = st.builds(
    Load,
    rate=st.floats(0.1, 3_000),
    duration=st.floats(0.001, 2),
    burst=st.floats(1, 4),
    burst_duration=st.floats(1, 5),
    init=st.floats(0, 2),
)


def columns(told: Forecast, *names: str) -> list[tuple[int, ...]]:
    return [tuple(getattr(each, name) for name in names) for each in told.seconds]


def test_littles_law_tells_how_many_executions_a_load_takes() -> None:
    told = forecast(Load(rate=200, duration=0.35))

    assert told.steady == pytest.approx(70)
    assert told.needed == 70
    assert {each.demanded for each in told.seconds} == {70}
    assert (told.throttled, told.throttled_at) == (0, None)


def test_a_burst_multiplies_it_for_a_while() -> None:
    told = forecast(Load(rate=10, duration=2, burst=3, burst_duration=20))

    assert (told.steady, told.peak) == (20, 60)
    assert told.needed == 60
    demanded = [each.demanded for each in told.seconds]
    assert demanded[:10] == [10] + [20] * 9
    assert demanded[10:13] == [40, 60, 60]
    assert demanded[-8:] == [20] * 8
    assert len(demanded) == 10 + 20 + 10


def test_random_arrivals_exceed_the_mean_and_by_how_much_is_told() -> None:
    # From tables of the Poisson distribution: P(X > 3) is 0.0037 and P(X > 4) 0.0006 for mean 0.7.
    assert forecast(Load(rate=2, duration=0.35)).peak_at_random == 4
    assert forecast(Load(rate=200, duration=0.35)).peak_at_random == 97
    nearly = forecast(Load(rate=9_999, duration=1)).peak_at_random
    normal = forecast(Load(rate=10_001, duration=1)).peak_at_random
    assert 0 <= normal - nearly <= 5


def test_a_short_request_takes_a_tenth_of_an_execution_for_a_second() -> None:
    told = forecast(Load(rate=20_000, duration=0.05))

    assert told.steady == 2_000
    assert {each.throttled for each in told.seconds} == {10_000}
    assert {*told.causes} == {"account"}


def test_the_first_requests_start_cold_and_the_others_find_warm_environments() -> None:
    told = forecast(Load(rate=200, duration=0.35))

    assert told.cold_starts == 70
    assert columns(told, "cold", "warm")[:2] == [(70, 130), (0, 200)]


def test_an_initialization_makes_more_requests_start_cold() -> None:
    told = forecast(Load(rate=200, duration=0.35, init=0.8))

    # Until the first environment is ready, after 1.15 s, every request needs one of its own.
    assert told.cold_starts == 230
    assert told.needed == 230


def test_provisioned_environments_start_nothing_cold() -> None:
    told = forecast(Load(rate=200, duration=0.35, init=0.8), Capacity(provisioned=70))

    assert (told.cold_starts, told.spilled) == (0, 0)
    idle = forecast(Load(rate=200, duration=0.35), Capacity(provisioned=100))
    assert idle.needed == 70  # what is provisioned and idle is demanded by nobody
    assert {each.on_provisioned for each in told.seconds} == {200}


def test_what_exceeds_provisioned_environments_spills_over() -> None:
    told = forecast(Load(rate=200, duration=0.35, init=0.8), Capacity(provisioned=35))

    assert told.seconds[0].on_provisioned == 3 * 35  # a round for every 0.35 s begun
    assert told.spilled == told.requests - sum(each.on_provisioned for each in told.seconds)
    assert told.cold_starts > 0


def test_the_ramp_starts_a_thousand_at_once_and_a_hundred_a_second() -> None:
    told = forecast(Load(rate=2_000, duration=1), Capacity(account_limit=10_000))

    assert [each.available for each in told.seconds[:3]] == [1_090, 1_190, 1_290]
    assert [each.cold for each in told.seconds[:3]] == [1_090, 100, 100]
    assert {*told.causes} == {"ramp"}
    assert told.throttled_at == (0, 9)
    assert told.ramp_seconds == 10
    assert forecast(Load(rate=1_000, duration=1)).ramp_seconds == 0


def test_provisioned_environments_are_none_that_the_ramp_must_start() -> None:
    load, limit = Load(rate=2_000, duration=1), 10_000

    assert forecast(load, Capacity(limit, provisioned=500)).ramp_seconds == 5
    assert forecast(load, Capacity(limit, provisioned=1_000)).throttled == 0


@pytest.mark.parametrize(
    ("capacity", "most", "cause"),
    [
        (Capacity(), 1_000, "account"),
        (Capacity(others=100), 900, "account"),
        (Capacity(reserved=800), 800, "reserved"),
    ],
    ids=str,
)
def test_what_exceeds_a_limit_is_throttled_by_it(capacity: Capacity, most: int, cause: str) -> None:
    told = forecast(Load(rate=2_000, duration=0.6), capacity)

    assert {*told.causes} == {cause}
    assert sum(told.causes.values()) == told.throttled > 0
    assert max(each.available for each in told.seconds) == most


def test_nothing_reserved_serves_nothing() -> None:
    told = forecast(Load(rate=5, duration=1), Capacity(reserved=0))

    assert told.throttled == told.requests == 5 * 50


def test_a_long_request_keeps_its_execution_until_it_ends() -> None:
    told = forecast(Load(rate=100, duration=2), Capacity(reserved=100))

    assert [each.throttled for each in told.seconds[:4]] == [0, 100, 0, 100]


def test_a_function_that_runs_for_a_quarter_of_an_hour_is_forecast_until_all_are_in_use() -> None:
    told = forecast(Load(rate=1, duration=900))

    assert told.needed == 900
    assert len(told.seconds) == 3 * 1_800


@SETTINGS
@given(LOADS, st.integers(0, 900))
def test_every_request_is_served_once_or_throttled(load: Load, reserved: int) -> None:
    told = forecast(load, Capacity(reserved=reserved, provisioned=reserved // 2))

    for each in told.seconds:
        served = each.on_provisioned + each.warm + each.cold
        assert served + each.throttled == each.requests
    assert told.requests == load.requests_until(load.seconds)
    assert sum(told.causes.values()) == told.throttled
    assert told.cold_starts <= reserved - reserved // 2


@SETTINGS
@given(LOADS)
def test_nothing_is_throttled_where_all_that_is_needed_may_start(load: Load) -> None:
    needed = forecast(load, Capacity(account_limit=10**6)).needed
    told = forecast(load, Capacity(account_limit=10**6, reserved=needed))

    assert told.throttled == 0 or {*told.causes} == {"ramp"}
    if needed <= 1_000:
        assert told.throttled == 0


@SETTINGS
@given(LOADS)
def test_what_is_said_to_start_nothing_cold_starts_nothing_cold(load: Load) -> None:
    provisioned = forecast(load, Capacity(account_limit=10**6)).provisioning
    told = forecast(load, Capacity(account_limit=10**6, provisioned=provisioned))

    assert (told.cold_starts, told.throttled) == (0, 0)
    assert provisioned <= math.ceil(load.rate * load.burst * (load.occupied + 0.01))


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (
            {"rate": 0},
            "rate must be more than 0 and at most 1,000,000,000 requests a second, got 0",
        ),
        (
            {"rate": math.nan},
            "rate must be more than 0 and at most 1,000,000,000 requests a second, got nan",
        ),
        (
            {"rate": math.inf},
            "rate must be more than 0 and at most 1,000,000,000 requests a second, got inf",
        ),
        (
            {"duration": 0},
            "duration must be more than 0 s and at most the 900 s that Lambda runs, got 0",
        ),
        (
            {"duration": 901},
            "duration must be more than 0 s and at most the 900 s that Lambda runs, got 901",
        ),
        (
            {"rate": 1e308},
            "rate must be more than 0 and at most 1,000,000,000 requests a second, got 1e+308",
        ),
        (
            {"burst": 0.5},
            "burst must be 1 or more times the rate, 1,000,000,000 requests a second together at "
            "most, got 0.5",
        ),
        (
            {"rate": 1_000, "burst": 1_000_001},
            "burst must be 1 or more times the rate, 1,000,000,000 requests a second together at "
            "most, got 1e+06",
        ),
        (
            {"burst": math.nan},
            "burst must be 1 or more times the rate, 1,000,000,000 requests a second together at "
            "most, got nan",
        ),
        ({"burst_duration": 0.5}, "burst_duration must be 1 to 3600 s, got 0.5"),
        ({"init": -1}, "init must be 0 to 900 s, got -1"),
    ],
)
def test_a_load_that_can_not_be_is_refused(load: dict[str, float], message: str) -> None:
    with pytest.raises(ConcurrencyError, match=exactly(message)):
        Load(**{"rate": 1, "duration": 1, **load})


@pytest.mark.parametrize(
    ("capacity", "message"),
    [
        ({"account_limit": 0}, "account_limit must be 1 or more, got 0"),
        ({"others": 1_000}, "others must be 0 or more and less than the account's 1000, got 1000"),
        (
            {"reserved": 901},
            "reserved must be 0 to 900, because 100 of the account's 1000 stay unreserved, got 901",
        ),
        (
            {"reserved": 401, "others": 500},
            "reserved must be 0 to 400, because 100 of the account's 1000 stay unreserved and "
            "others have 500, got 401",
        ),
        (
            {"provisioned": 11, "reserved": 10},
            "provisioned must be 0 to the 10 that are reserved, got 11",
        ),
        (
            {"provisioned": 901},
            "provisioned must be 0 to 900, because 100 of the account's 1000 stay unreserved, "
            "got 901",
        ),
        (
            {"reserved": 1, "account_limit": 10},
            "reserved must be 0 to 0, because 100 of the account's 10 stay unreserved, got 1",
        ),
    ],
)
def test_a_capacity_that_lambda_would_refuse_is_refused(
    capacity: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConcurrencyError, match=exactly(message)):
        Capacity(**capacity)


def test_it_is_all_in_the_json() -> None:
    load = Load(rate=200, duration=0.35, burst=10, init=0.8)
    told = json.loads(json.dumps(forecast(load, Capacity(provisioned=100)).to_dict()))

    seconds = told.pop("seconds")
    assert told == {
        "load": {
            "rate": 200,
            "duration": 0.35,
            "burst": 10,
            "burst_duration": None,
            "init": 0.8,
        },
        "capacity": {
            "account_limit": 1_000,
            "others": 0,
            "reserved": None,
            "provisioned": 100,
            "ceiling": 1_000,
        },
        "steady": 70.0,
        "peak": 700.0,
        "peak_at_random": 783,
        "needed": 2_080,
        "provisioning": 700,
        "ramp_seconds": 10,
        "requests": 64_000,
        "throttled": 1_080,
        "throttled_at": [10, 11],
        "throttled_by": {"account": 1_080},
        "cold_starts": 900,
        "spilled": 50_340,
    }
    assert seconds[10] == {
        "second": 10,
        "requests": 2_000,
        "demanded": 1_810,
        "available": 1_000,
        "on_provisioned": 290,
        "warm": 0,
        "cold": 900,
        "throttled": 810,
    }


def test_a_chart_says_in_words_what_it_shows() -> None:
    drawn = chart(forecast(Load(rate=200, duration=0.35, burst=10, init=0.8)))

    assert "200 requests a second of 0.35 s, 10 times as many at the peak</title>" in drawn
    assert (
        "At most 1,820 executions at once are demanded, and 1,000 are available. 820 of 64,000 "
        "requests are throttled, in seconds 10 to 11.</desc>"
    ) in drawn
    assert drawn.count("<polyline") == 2
    assert drawn.count('fill="#d9822b"') == 2  # a bar for each second that throttles


def test_a_chart_of_a_load_that_is_served_has_no_bars() -> None:
    drawn = chart(forecast(Load(rate=200, duration=0.35)))

    assert "Nothing is throttled.</desc>" in drawn
    assert "#d9822b" not in drawn


def test_a_chart_of_an_hour_draws_no_more_than_can_be_told_apart() -> None:
    drawn = chart(forecast(Load(rate=5, duration=900)))

    assert drawn.count("<rect") < 330
