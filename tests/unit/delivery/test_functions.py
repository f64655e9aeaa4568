from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    DeliveryError,
    Fault,
    Faults,
    Invocation,
    LambdaContext,
    Leg,
    Result,
)
from serverless_patterns.testing.delivery._simulation import Simulation
from serverless_patterns.testing.delivery._template import Resources

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.testing.delivery._functions import Answer

TIMEOUT = 10


def simulate(
    handler: Callable[..., Any],
    faults: Callable[[Invocation], Fault | None] | None = None,
    **options: Any,
) -> Simulation:
    properties = {"Timeout": TIMEOUT, "MemorySize": 512, **options.pop("properties", {})}
    function = {"Type": "AWS::Lambda::Function", "Properties": properties}
    return Simulation(
        Resources({"Resources": {"Handler": function}}),
        {"Handler": handler},
        {"Handler": options.pop("duration", 0.0)},
        Assumptions(),
        Faults(invocations=faults),
    )


def invoked(simulation: Simulation, event: Any = None) -> Answer:
    answers: list[Answer] = []
    leg = simulation.leg("order-1")
    assert simulation.function("Handler").invoke(event, [leg], answers.append)
    simulation.clock.run(100)
    (answer,) = answers
    return answer


def raises(error: BaseException) -> Callable[..., Any]:
    def handler(_event: Any, _context: Any) -> None:
        raise error

    return handler


def test_a_handler_gets_the_event_and_a_context_and_answers_through_json() -> None:
    seen: list[tuple[Any, LambdaContext]] = []

    def handler(event: Any, context: LambdaContext) -> Any:
        seen.append((event, context))
        return {"ids": ("a", "b")}

    answer = invoked(simulate(handler), {"x": 1})

    (event, context), *_ = seen
    assert event == {"x": 1}
    assert (context.function_name, context.memory_limit_in_mb) == ("Handler", 512)
    assert context.get_remaining_time_in_millis() == TIMEOUT * 1000
    assert context.invoked_function_arn.endswith(":function:Handler")
    assert answer.is_success
    assert answer.response == {"ids": ["a", "b"]}


@pytest.mark.parametrize(
    ("handler", "result", "error"),
    [
        (raises(KeyError("x")), Result.FAILED, ("KeyError", "'x'")),
        (raises(SystemExit(1)), Result.CRASHED, ("Runtime.ExitError", None)),
        (raises(MemoryError()), Result.CRASHED, ("Runtime.ExitError", None)),
        (lambda *_: object(), Result.FAILED, ("TypeError", None)),
    ],
    ids=["raises", "exits", "out of memory", "no JSON"],
)
def test_a_handler_that_does_not_return_json_fails(
    handler: Any, result: Result, error: tuple[str, str | None]
) -> None:
    answer = invoked(simulate(handler))
    assert answer.result is result
    assert answer.error is not None
    kind, message = error
    assert answer.error[0] == kind
    assert message is None or answer.error[1] == message


def test_a_handler_that_takes_longer_than_its_timeout_ends_with_it() -> None:
    simulation = simulate(lambda *_: None, duration=11.0)
    answer = invoked(simulation)
    assert answer.result is Result.TIMED_OUT
    assert answer.error == ("Sandbox.Timedout", "Task timed out after 10.00 seconds")
    assert simulation.clock.now == TIMEOUT


def test_a_duration_may_depend_on_the_event() -> None:
    simulation = simulate(lambda *_: None, duration=lambda event: event["takes"])
    invoked(simulation, {"takes": 4})
    assert simulation.clock.now == 4


@pytest.mark.parametrize(
    ("fault", "result", "runs"),
    [
        (Fault.CRASH, Result.CRASHED, 0),
        (Fault.CRASH_AFTER, Result.CRASHED, 1),
        (Fault.TIMEOUT, Result.TIMED_OUT, 1),
        (None, Result.HANDLED, 1),
    ],
)
def test_a_fault_hits_before_or_after_the_handler_does_its_work(
    fault: Fault | None, result: Result, runs: int
) -> None:
    ran = []
    assert invoked(simulate(lambda *_: ran.append(1), lambda _: fault)).result is result
    assert len(ran) == runs


def test_a_fault_is_asked_for_with_what_is_invoked() -> None:
    asked: list[Invocation] = []

    def faults(invocation: Invocation) -> None:
        asked.append(invocation)

    simulation = simulate(lambda *_: None, faults)
    invoked(simulation, "one")
    invoked(simulation, "two")

    assert [(each.function, each.number, each.event, each.ids) for each in asked] == [
        ("Handler", 0, "one", ("order-1",)),
        ("Handler", 1, "two", ("order-1",)),
    ]


def test_an_invocation_past_reserved_concurrency_is_throttled_until_one_ends() -> None:
    simulation = simulate(
        lambda *_: None, duration=5.0, properties={"ReservedConcurrentExecutions": 1}
    )
    function, legs = simulation.function("Handler"), [simulation.leg("order-1")]

    assert function.invoke(None, legs, lambda _: None)
    assert function.is_full
    assert not function.invoke(None, legs, lambda _: None)
    simulation.clock.run(5)
    assert function.invoke(None, legs, lambda _: None)


def test_a_throttle_on_purpose_runs_nothing() -> None:
    simulation = simulate(raises(AssertionError()), lambda _: Fault.THROTTLE)
    assert not simulation.function("Handler").invoke(None, [], lambda _: None)
    assert simulation.function("Handler").invocations == 0


def test_a_request_id_is_kept_where_it_is_given() -> None:
    seen: list[str] = []
    simulation = simulate(lambda _, context: seen.append(context.aws_request_id))
    function, legs = simulation.function("Handler"), list[Leg]()
    function.invoke(None, legs, lambda _: None, request_id="kept")
    function.invoke(None, legs, lambda _: None)
    function.invoke(None, legs, lambda _: None)

    assert seen[0] == "kept"
    assert len({*seen}) == 3


def test_a_function_without_a_handler_is_refused() -> None:
    simulation = simulate(lambda *_: None)
    simulation._handlers = {}
    with pytest.raises(DeliveryError) as refused:
        simulation.function("Handler")
    assert str(refused.value) == (
        "Handler: handlers must hold what handles its events, got none; add 'Handler' to handlers"
    )
