"""How EventBridge hands an event to one target of a rule.

- A server error or a throttle is tried again, 185 times within 24 hours or as ``RetryPolicy``
  says, with waits that grow: D,
  https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
  The waits, and that the age is looked at ahead, are A.
- A missing target or permission is not tried again: D,
  https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
- What can't be delivered goes to the target's dead-letter queue, a standard one whose policy must
  let EventBridge send for the rule, or is lost: D, the same page.
- A function is invoked asynchronously: what it does never comes back: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
- Refused if a rule matches: targets other than functions, queues and topics, ``InputTransformer``,
  and an ``InputPath`` that is more than names or that the event doesn't have.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import (
    _asynchronous,
    _destinations,
    _queues,
    _topics,
)
from serverless_patterns.testing.delivery._assumptions import waits
from serverless_patterns.testing.delivery._destination_kinds import (
    FUNCTION,
    QUEUE,
    TOPIC,
    check_destination,
    outside_name,
    warn_of_outside,
)
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._history import Held, Result
from serverless_patterns.testing.delivery._permissions import may_invoke, may_send, role_may
from serverless_patterns.testing.delivery._stamps import Stamps, arn
from serverless_patterns.testing.delivery._values import within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation

_PRINCIPAL = "events.amazonaws.com"
_RETRIES = (0, 185)
_AGES = (60, 86_400)
_PATH = re.compile(r"\$((?:\.[A-Za-z0-9_-]+)*)")


class RuleTarget:
    """A target of a rule.

    Args:
        simulation: The run.
        rule: The logical id of the rule.
        properties: What the rule has for it.

    Raises:
        DeliveryError: If EventBridge would refuse it.
    """

    def __init__(self, simulation: Simulation, rule: str, properties: Mapping[str, Any]) -> None:
        self._simulation = simulation
        self._rule = rule
        self._properties = properties
        self._label = f"{rule}: target {properties.get('Id')}"
        retry = properties.get("RetryPolicy", {})
        label = self._label
        self._retries = within(label, retry, "MaximumRetryAttempts", _RETRIES[1], _RETRIES)
        self._max_age = within(label, retry, "MaximumEventAgeInSeconds", _AGES[1], _AGES)
        self._dead_letters = properties.get("DeadLetterConfig", {}).get("Arn")
        resources = simulation.resources
        self._arn = properties.get("Arn")
        self._function = resources.function_of(self._arn)
        self._target = self._function[0] if self._function else resources.target(self._arn)
        check_destination(resources, self._dead_letters, self._label, kinds=(QUEUE,))

    def deliver(self, leg: Leg, event: dict[str, Any]) -> None:
        """Hand an event to the target.

        Args:
            leg: The leg that ends in the rule.
            event: The event.

        Raises:
            DeliveryError: If it isn't known what the target would do.
        """
        now, kind = self._simulation.clock.now, self._simulation.resources.kind(self._target or "")
        resources = self._simulation.resources
        if self._function is None:
            resources.known(self._arn, self._label, "Arn")
        if self._target is None:
            name = outside_name(self._arn)
            warn_of_outside(resources, self._label, self._arn, _PRINCIPAL)
            leg.via(name).hold(Held(name, now, "handed to it"))
            return
        if kind not in (
            FUNCTION,
            QUEUE,
            TOPIC,
        ):
            raise DeliveryError(
                f"{self._label} must be a function, a queue or a topic, got {self._target} "
                f"({kind}); what others do is not modelled, so test it on AWS"
            )
        self._try(leg.via(self._target), self._input(event), now, 0)

    def _input(self, event: dict[str, Any]) -> str:
        """What the target gets, as JSON text."""
        if "InputTransformer" in self._properties:
            raise DeliveryError(
                f"{self._label} must have no InputTransformer, got one; it is not modelled, "
                "so transform the event in the function"
            )
        if "Input" in self._properties:
            return self._constant(self._properties["Input"])
        path = str(self._properties.get("InputPath", "$"))
        found = _PATH.fullmatch(path)
        value: Any = event
        for name in found[1].split(".")[1:] if found else ():
            value = value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT
        if found is None or value is _ABSENT:
            raise DeliveryError(
                f"{self._label}: InputPath must be names that the event has, got {path}; "
                "others are not modelled, so pass the whole event"
            )
        return json.dumps(value)

    def _constant(self, text: str) -> str:
        """The text that the target gets whatever the event is."""
        try:
            json.loads(text)
        except (RecursionError, ValueError):
            raise DeliveryError(
                f"{self._label}: Input must be JSON, got {text!r}; correct it"
            ) from None
        return text

    def _try(self, leg: Leg, text: str, since: float, retries: int) -> None:
        now, target = self._simulation.clock.now, str(self._target)
        if target in self._simulation.faults.missing:
            leg.tried(now, target, Result.REFUSED)
            self._give_up(leg, text, "NO_RESOURCE")
        elif not self._is_allowed:
            leg.tried(now, target, Result.REFUSED)
            self._give_up(leg, text, "NO_PERMISSIONS")
        elif not self._simulation.faults.is_unavailable(target, now):
            self._hand_over(leg, text, target)
        else:
            leg.tried(now, target, Result.UNAVAILABLE)
            self._wait(leg, text, since, retries)

    def _wait(self, leg: Leg, text: str, since: float, retries: int) -> None:
        assumed = self._simulation.assumptions
        delay = waits(assumed.push_delay, assumed.push_growth, assumed.push_limit, retries + 1)
        age = self._simulation.clock.now + delay - since
        if retries >= self._retries:
            self._give_up(leg, text, "MaximumRetryAttempts")
        elif age > self._max_age or (assumed.discard_at_equal_age and age == self._max_age):
            self._give_up(leg, text, "MaximumEventAgeInSeconds")
        else:
            self._simulation.clock.after(delay, lambda: self._try(leg, text, since, retries + 1))

    @cached_property
    def _is_allowed(self) -> bool:
        resources, target = self._simulation.resources, str(self._target)
        if "RoleArn" in self._properties:
            return role_may(resources, self._properties["RoleArn"], target)
        if self._function is not None:
            return may_invoke(resources, *self._function, _PRINCIPAL, self._rule)
        return may_send(resources, target, _PRINCIPAL, self._rule)

    def _hand_over(self, leg: Leg, text: str, target: str) -> None:
        if self._function is not None:
            part = self._simulation.part(_asynchronous.Asynchronous, *self._function)
            part.accept(leg, lambda: json.loads(text))
            return
        group = self._properties.get("SqsParameters", {}).get("MessageGroupId")
        message_id = self._simulation.part(Stamps).new_id()
        if self._simulation.resources.kind(target) == TOPIC:
            self._simulation.part(_topics.Topic, target).publish(leg, text, message_id=message_id)
        else:
            self._simulation.part(_queues.Queue, target).send(
                leg, text, message_id=message_id, attributes={}, group=group
            )

    def _give_up(self, leg: Leg, text: str, reason: str) -> None:
        is_refusal = reason.startswith("NO_")
        attributes = {
            "RULE_ARN": arn("events", f"rule/{self._rule}"),
            "TARGET_ARN": str(self._target),
            "ERROR_CODE": reason if is_refusal else "ERROR_FROM_TARGET",
            "ERROR_MESSAGE": f"{self._target} did not take the event",
        }
        if not is_refusal:
            attributes["EXHAUSTED_RETRY_CONDITION"] = reason
        loss = _destinations.Loss([leg], text, reason, attributes=attributes)
        _destinations.dead_letter(
            self._simulation,
            self._dead_letters,
            loss,
            principal=_PRINCIPAL,
            source=self._rule,
        )


_ABSENT = object()
