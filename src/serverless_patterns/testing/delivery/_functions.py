"""Functions of a template, invoked in virtual time."""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._faults import Fault, Invocation
from serverless_patterns.testing.delivery._history import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from serverless_patterns.testing.delivery._account import Account
    from serverless_patterns.testing.delivery._clock import Clock
    from serverless_patterns.testing.delivery._faults import Faults
    from serverless_patterns.testing.delivery._history import Leg

    Handler = Callable[[Any, "LambdaContext"], Any]
    Duration = float | Callable[[Any], float]

_IDS = uuid.UUID("f7f1ad8e-4c0f-4a0c-8f0a-6d1d2f5d5b11")


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda tells a handler about its invocation.

    Attributes:
        function_name: The function's logical id.
        aws_request_id: The request's id, which a retried asynchronous invocation keeps.
        memory_limit_in_mb: The function's memory.
        timeout: The function's timeout, in seconds.
    """

    function_name: str
    aws_request_id: str
    memory_limit_in_mb: int
    timeout: float
    function_version: str = "$LATEST"

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:us-east-1:123456789012:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """The function's log group."""
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        """The environment's log stream."""
        return "2026/01/01/[$LATEST]00000000000000000000000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """The time that is left: all of it, as virtual time passes after the handler only."""
        return int(self.timeout * 1000)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invocation ended in.

    Attributes:
        result: ``HANDLED`` where the handler returned, else how it failed.
        response: What it returned, after its way through JSON.
        error: What it raised, as Lambda tells it: type and message.
        started_at: When it began, in seconds.
    """

    result: Result
    response: Any
    error: tuple[str, str] | None
    started_at: float

    @property
    def is_success(self) -> bool:
        """Whether the handler returned."""
        return self.result is Result.HANDLED


class Function:
    """A function of a template.

    Args:
        logical_id: Its logical id.
        handler: What handles its events.
        timeout: Its timeout in seconds.
        memory: Its memory in MB.
        reserved: Its reserved concurrency, or ``None``.
        account: What it shares with others where it reserves none.
        duration: How long it takes, in seconds, or what tells that of an event.
        clock: The time.
        faults: What goes wrong.

    Attributes:
        running: How many invocations of it run now.
        invocations: How many have begun.
    """

    def __init__(
        self,
        logical_id: str,
        handler: Handler,
        *,
        timeout: float,
        memory: int,
        reserved: int | None,
        account: Account,
        duration: Duration,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self.logical_id = logical_id
        self.timeout = timeout
        self.memory = memory
        self.reserved = reserved
        self._account = account
        self.running = 0
        self.invocations = 0
        self._handler = handler
        self._duration = duration
        self._clock = clock
        self._faults = faults
        self._asked = 0

    def invoke(
        self,
        event: Any,
        legs: Sequence[Leg],
        done: Callable[[Answer], None],
        *,
        request_id: str | None = None,
    ) -> bool:
        """Invoke it now, if Lambda has an environment for it.

        ``done`` is called when it ends, in virtual time. The attempt is not recorded: what its
        answer means for each event the source alone knows.

        Args:
            event: The Lambda event.
            legs: What is in it.
            done: Takes the answer.
            request_id: The id of an earlier request that this one repeats. Default - a new one.

        Returns:
            Whether it runs; ``False`` if it is throttled.
        """
        number, self._asked = self._asked, self._asked + 1
        ids = tuple(leg.event for leg in legs)
        invocation = Invocation(self.logical_id, number, self._clock.now, event, ids)
        fault = self._faults.invocations(invocation) if self._faults.invocations else None
        if fault is not None and not isinstance(fault, Fault):
            raise DeliveryError(
                f"{self.logical_id}: faults.invocations must return a Fault or None, got "
                f"{fault!r}; for example Fault.{Fault.CRASH.name}"
            )
        if fault is Fault.THROTTLE or self.is_full:
            return False
        self._run_more(1)
        self.invocations += 1
        request_id = request_id or str(uuid.uuid5(_IDS, f"{self.logical_id}/{number}"))
        context = LambdaContext(self.logical_id, request_id, self.memory, self.timeout)
        started_at = self._clock.now
        duration = self._duration_of(event)
        if fault is Fault.CRASH:
            answer = _crashed(started_at)
        else:
            answer = self._run(event, context, started_at)
            if fault is Fault.CRASH_AFTER:
                answer = _crashed(started_at)
            if fault is Fault.TIMEOUT or duration > self.timeout:
                message = f"Task timed out after {self.timeout:.2f} seconds"
                answer = Answer(Result.TIMED_OUT, None, ("Sandbox.Timedout", message), started_at)
                duration = self.timeout

        def end() -> None:
            self._run_more(-1)
            done(answer)

        self._clock.after(duration, end)
        return True

    def _duration_of(self, event: Any) -> float:
        if not callable(self._duration):
            return self._duration
        found = self._duration(event)
        check_duration(self.logical_id, found)
        return found

    @property
    def is_full(self) -> bool:
        """Whether its reserved concurrency is in use, or what is not reserved in the account."""
        if self.reserved is None:
            return self._account.running >= self._account.unreserved
        return self.running >= self.reserved

    def _run_more(self, more: int) -> None:
        self.running += more
        if self.reserved is None:
            self._account.running += more

    def _run(self, event: Any, context: LambdaContext, started_at: float) -> Answer:
        try:
            returned = self._handler(event, context)
            response = None if returned is None else json.loads(json.dumps(returned))
        except KeyboardInterrupt:
            raise  # whoever runs the test
        except MemoryError:
            return _crashed(started_at)
        except Exception as error:  # noqa: BLE001 - as Lambda does
            told = (type(error).__name__, str(error))
            return Answer(Result.FAILED, None, told, started_at)
        except BaseException:  # noqa: BLE001 - such as SystemExit: it ends the process
            return _crashed(started_at)
        return Answer(Result.HANDLED, response, None, started_at)


def _crashed(started_at: float) -> Answer:
    error = ("Runtime.ExitError", "Runtime exited without providing a reason")
    return Answer(Result.CRASHED, None, error, started_at)


def check_duration(function: str, duration: Any) -> None:
    """Refuse what is no time that a function can take.

    Raises:
        DeliveryError: If it is none.
    """
    if not isinstance(duration, int | float) or not 0 <= duration < math.inf:
        raise DeliveryError(
            f"{function}: durations must be seconds, 0 or more, got {duration!r}; give how long "
            "the function takes"
        )
