"""Asynchronous invocation: what Lambda accepts, and invokes the function with later.

- A function error is tried again after 1 minute and after 2 more, ``MaximumRetryAttempts`` times;
  timeouts and crashes are function errors: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
- A throttle or a server error puts the event back for 1 second, growing to 5 minutes, until
  ``MaximumEventAgeInSeconds`` and without using up attempts: D, the same page. How it grows is A.
- The age is looked at ahead: an event that would be too old at its next try is discarded now, as
  ``EventAgeExceeded``. O for errors; A for throttles; equality is A.
- Waits count from the end of an attempt: A.
- A reserved concurrency of 0 discards the event without an attempt: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
  That it is called ``ZeroReservedConcurrency`` is O.
- What is discarded goes to the dead-letter queue as the event itself, and to the on-failure
  destination in a record of the invocation; to both where both are there: D, the same page.
- Every try of an event has the same request id: O.
- A destination that leads back to its function is refused: Lambda stops such a loop after about
  16 rounds: D, https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import _destinations
from serverless_patterns.testing.delivery._assumptions import waits
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._event_invoke_configs import LATEST, Configuration
from serverless_patterns.testing.delivery._history import Result
from serverless_patterns.testing.delivery._stamps import Stamps, arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.testing.delivery._functions import Answer
    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation

_RETRY_WAITS = (60.0, 120.0)


@dataclass
class _Request:
    """An event in Lambda's queue."""

    leg: Leg
    payload: str
    request_id: str
    accepted_at: float
    invocations: int = 0
    throttles: int = 0
    last: Answer | None = None

    @property
    def event(self) -> Any:
        return json.loads(self.payload)


class Asynchronous:
    """The queue that Lambda keeps of one function's events.

    Args:
        simulation: The run.
        function: The logical id of the function.
        qualifier: The logical id of the alias or version that is invoked. Default - ``$LATEST``.

    Raises:
        DeliveryError: If AWS would refuse its configuration, or it isn't known which holds.
    """

    def __init__(self, simulation: Simulation, function: str, qualifier: str | None) -> None:
        self._simulation = simulation
        self._clock = simulation.clock
        self._name = function
        self._qualifier = qualifier or LATEST
        self._function = simulation.function(function)
        self._configuration = Configuration.of(simulation.resources, function, qualifier)

    def accept(self, leg: Leg, event: Callable[[], Any] | dict[str, Any]) -> None:
        """Take an event for the function.

        Args:
            leg: The leg that ends in the function.
            event: The Lambda event, or what makes it.

        Raises:
            DeliveryError: If the event comes from the function itself.
        """
        if leg.path.count(self._name) > 1:
            raise DeliveryError(
                f"{self._name}: events must not lead back to their function, got "
                f"{' > '.join(leg.path)}; Lambda breaks such a loop after about 16 rounds, "
                "so send them somewhere else"
            )
        if leg.event in self._simulation.faults.dropped:
            leg.lose(self._clock.now, "dropped from Lambda's queue under overload")
            return
        payload = json.dumps(event() if callable(event) else event)
        request_id = self._simulation.part(Stamps).new_id()
        self._try(_Request(leg, payload, request_id, self._clock.now))

    def _try(self, request: _Request) -> None:
        leg, now = request.leg, self._clock.now
        faults = self._simulation.faults
        if self._function.reserved == 0:
            self._discard(request, "ZeroReservedConcurrency")
        elif self._name in faults.missing:
            leg.tried(now, self._name, Result.REFUSED)
            leg.lose(now, f"{self._name} was deleted")
        elif faults.is_unavailable(self._name, now):
            self._put_back(request, Result.UNAVAILABLE)
        elif not self._function.invoke(
            request.event,
            [leg],
            lambda answer: self._end(request, answer),
            request_id=request.request_id,
        ):
            self._put_back(request, Result.THROTTLED)

    def _put_back(self, request: _Request, result: Result) -> None:
        request.leg.tried(self._clock.now, self._name, result)
        request.throttles += 1
        assumed = self._simulation.assumptions
        self._wait(
            request,
            waits(
                assumed.throttle_delay,
                assumed.throttle_growth,
                assumed.throttle_limit,
                request.throttles,
            ),
        )

    def _end(self, request: _Request, answer: Answer) -> None:
        request.leg.tried(answer.started_at, self._name, answer.result)
        request.invocations += 1
        request.throttles = 0
        request.last = answer
        if answer.is_success:
            request.leg.handled(self._clock.now)
        elif request.invocations > self._configuration.retries:
            self._discard(request, "RetriesExhausted")
        else:
            delay, now = _RETRY_WAITS[request.invocations - 1], self._clock.now
            is_from_end = self._simulation.assumptions.retry_from_end
            since = now if is_from_end else answer.started_at
            self._wait(request, max(since + delay - now, 0.0))

    def _wait(self, request: _Request, delay: float) -> None:
        age = self._clock.now + delay - request.accepted_at
        is_equal = (
            age == self._configuration.max_age and self._simulation.assumptions.discard_at_equal_age
        )
        if age > self._configuration.max_age or is_equal:
            self._discard(request, "EventAgeExceeded")
        else:
            self._clock.after(delay, lambda: self._try(request))

    def _discard(self, request: _Request, reason: str) -> None:
        """Send an event to where it is kept; it is lost if that is nowhere."""
        legs = [request.leg]
        if self._configuration.dead_letters is not None:
            attributes = self._attributes(request, reason)
            loss = _destinations.Loss(legs, request.event, reason, attributes=attributes)
            _destinations.send(
                self._simulation,
                self._configuration.dead_letters,
                loss,
                self._name,
                failing="DeadLetterErrors",
            )
        if self._configuration.on_failure is not None:
            record = self._record(request, reason)
            _destinations.fail_to(
                self._simulation,
                self._configuration.on_failure,
                legs,
                record,
                reason=reason,
                owner=self._name,
            )
        if self._configuration.dead_letters is None and self._configuration.on_failure is None:
            request.leg.lose(self._clock.now, reason)

    def _attributes(self, request: _Request, reason: str) -> dict[str, str]:
        answer = request.last
        message = answer.error[1] if answer and answer.error else reason
        code = "200" if answer else "429"
        return {
            "RequestID": request.request_id,
            "ErrorCode": code,
            "ErrorMessage": message[:1024],
        }

    def _record(self, request: _Request, reason: str) -> dict[str, Any]:
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": self._simulation.part(Stamps).now(),
            "requestContext": {
                "requestId": request.request_id,
                "functionArn": arn("lambda", f"function:{self._name}:{self._qualifier}"),
                "condition": reason,
                "approximateInvokeCount": request.invocations,
            },
            "requestPayload": request.event,
        }
        if request.last is not None and request.last.error is not None:
            kind, message = request.last.error
            record["responseContext"] = {
                "statusCode": 200,
                "executedVersion": LATEST,
                "functionError": "Unhandled",
            }
            record["responsePayload"] = {"errorMessage": message, "errorType": kind}
        return record
