"""How much is polled at once, and what is handled of it."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PythonFunction, SqsPoller
from tests.queues import function, mapping, warnings


def test_what_is_reserved_for_the_handler_is_not_polled_beyond(
    stack: cdk.Stack, reserved: Any
) -> None:
    SqsPoller(stack, "Intake", handler=reserved(7))

    assert mapping(stack)["ScalingConfig"] == {"MaximumConcurrency": 7}


def test_no_more_is_polled_at_once_than_lambda_can(stack: cdk.Stack, reserved: Any) -> None:
    SqsPoller(stack, "Intake", handler=reserved(5_000))

    assert mapping(stack)["ScalingConfig"] == {"MaximumConcurrency": 1_000}


def test_concurrency_can_be_lower_than_what_is_reserved(stack: cdk.Stack, reserved: Any) -> None:
    SqsPoller(stack, "Intake", handler=reserved(7), max_concurrency=3)

    assert mapping(stack)["ScalingConfig"] == {"MaximumConcurrency": 3}


def test_without_a_reservation_nothing_limits_concurrency(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler)

    assert "ScalingConfig" not in mapping(stack)


def test_pollers_can_be_provisioned_as_many_as_lambda_has(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    config = lambda_.ProvisionedPollerConfig(minimum_pollers=5, maximum_pollers=10_000)
    SqsPoller(stack, "Intake", handler=handler, provisioned_poller_config=config)

    assert mapping(stack)["ProvisionedPollerConfig"] == {
        "MinimumPollers": 5,
        "MaximumPollers": 10_000,
    }


def test_messages_can_be_filtered(stack: cdk.Stack, handler: PythonFunction) -> None:
    rule = {"body": {"kind": lambda_.FilterRule.is_equal("order")}}
    SqsPoller(stack, "Intake", handler=handler, filters=[lambda_.FilterCriteria.filter(rule)])

    assert mapping(stack)["FilterCriteria"] == {
        "Filters": [{"Pattern": '{"body":{"kind":["order"]}}'}]
    }
    assert not warnings(stack)


def test_a_poller_can_be_paused(stack: cdk.Stack, reserved: Any) -> None:
    SqsPoller(stack, "Intake", handler=reserved(0), enabled=False)

    assert mapping(stack)["Enabled"] is False


@pytest.fixture
def reserved(stack: cdk.Stack) -> Any:
    """Makes a handler for which executions are reserved."""

    def make(executions: int) -> lambda_.Function:
        return function(stack, reserved_concurrent_executions=executions)

    return make
