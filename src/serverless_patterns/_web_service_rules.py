"""What AWS would refuse, or what would cut requests short, of a web service's arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _function_rules, _quotas
from serverless_patterns._errors import PatternError, check_type, refusals_of
from serverless_patterns._numbers import check_whole, whole_seconds
from serverless_patterns._web_adapter_variables import check_no_variables

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

# What a t4g.medium or a t3.medium has for tasks: the rest of its 4 GiB is the system's.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html
_DEFAULT_CPU, _DEFAULT_MEMORY_MIB = 2048, 3584
_STOP_SECONDS = 30  # what ECS gives a task unless told otherwise


@dataclass(frozen=True)
class Times:
    """How long a request, and the end of a task, may take.

    Attributes:
        idle: How long the load balancer waits for an answer.
        deregistration_delay: How long a task goes on with what it was asked.
        stop: How long it then has after SIGTERM.
    """

    idle: cdk.Duration
    deregistration_delay: cdk.Duration
    stop: cdk.Duration

    @property
    def of_function(self) -> cdk.Duration:
        """How long the function may take, which Lambda ends sooner than a task."""
        longest = cdk.Duration.seconds(_quotas.LAMBDA_TIMEOUT_SECONDS[-1])
        if self.idle.is_unresolved() or self.idle.to_seconds() <= longest.to_seconds():
            return self.idle
        return longest


def times_of(path: str, idle: Any, deregistration_delay: Any, stop: Any) -> Times:
    """How long things take, as said or as is due.

    Raises:
        PatternError: If a duration is out of range, or a task would end before its answers.
    """
    waits = whole_seconds(path, "idle_timeout", idle, _quotas.LOAD_BALANCER_IDLE_TIMEOUT_SECONDS)
    delays = _quotas.DEREGISTRATION_DELAY_SECONDS
    drains = whole_seconds(path, "deregistration_delay", deregistration_delay, delays)
    whole_seconds(path, "stop_timeout", stop, _quotas.ECS_STOP_TIMEOUT_SECONDS)
    idle = idle or cdk.Duration.seconds(_quotas.LOAD_BALANCER_IDLE_SECONDS)
    if deregistration_delay is None:
        known = waits if waits is not None else _quotas.LOAD_BALANCER_IDLE_SECONDS
        deregistration_delay = cdk.Duration.seconds(min(known, delays[-1]))
    elif drains is not None:
        _check_draining(path, idle, drains)
    return Times(idle, deregistration_delay, stop or cdk.Duration.seconds(_STOP_SECONDS))


def _check_draining(path: str, idle: cdk.Duration, drains: int) -> None:
    if idle.is_unresolved():
        return
    waits = idle.to_seconds()
    most = _quotas.DEREGISTRATION_DELAY_SECONDS[-1]
    if drains < min(waits, most):
        raise PatternError(
            path,
            "deregistration_delay",
            rule=f"be at least the {waits:g} s of idle_timeout: a task is stopped after it, with "
            "requests that it hasn't answered",
            got=f"{drains} s",
            remedy="omit it to get the same",
        )


def check_task_size(path: str, cpu: Any, memory_limit_mib: Any) -> None:
    """Refuse a task that Fargate has no size for; EC2 is given the same.

    Raises:
        PatternError: If it is one.
    """
    sizes = _quotas.FARGATE_MEMORY_MIB
    if cdk.Token.is_unresolved(cpu):
        return
    if isinstance(cpu, bool) or cpu not in sizes:
        raise PatternError(
            path,
            "cpu",
            rule=f"be one of {', '.join(map(str, sizes))} CPU units",
            got=repr(cpu),
            remedy="omit it to get 512, half a core",
        )
    fits: Container[object] = sizes[cpu]
    if not cdk.Token.is_unresolved(memory_limit_mib) and memory_limit_mib not in fits:
        raise PatternError(
            path,
            "memory_limit_mib",
            rule=f"be {_memory(sizes[cpu])} MiB with {cpu} CPU units",
            got=repr(memory_limit_mib),
            remedy=f"the least is {sizes[cpu][0]}",
        )


def _memory(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        return f"from {sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
    return f"one of {', '.join(map(str, sizes))}"


def check_scaling(path: str, least: Any, most: Any, percent: Any, requests: Any) -> None:
    """Refuse bounds and targets that tasks can't be scaled by.

    Raises:
        PatternError: If they are such.
    """
    tasks = _quotas.ECS_TASKS_OF_A_SERVICE
    check_whole(path, "min_capacity", least, range(1, tasks + 1), "omit it to get 2")
    check_whole(path, "max_capacity", most, range(1, tasks + 1), "omit it to get 10")
    unknown = cdk.Token.is_unresolved(least) or cdk.Token.is_unresolved(most)
    if not unknown and least > most:
        raise PatternError(
            path,
            "max_capacity",
            rule=f"be at least the {least} tasks of min_capacity",
            got=most,
            remedy="raise it",
        )
    check_whole(path, "target_utilization_percent", percent, range(1, 100 + 1), "omit it to get 60")
    check_whole(path, "requests_per_target", requests, range(1, 10**6 + 1), "omit it to get 600")


def check_instances(path: str, instance_type: Any, architecture: lambda_.Architecture) -> None:
    """Refuse instances that the image doesn't run on.

    Raises:
        PatternError: If they are such.
    """
    check_type(
        path, "instance_type", instance_type, ec2.InstanceType, 'ec2.InstanceType("t4g.medium")'
    )
    if instance_type is None or cdk.Token.is_unresolved(str(instance_type.to_string())):
        return
    with refusals_of("ec2.InstanceType", path):
        is_arm = instance_type.architecture == ec2.InstanceArchitecture.ARM_64
    if is_arm != (architecture.name == lambda_.Architecture.ARM_64.name):
        raise PatternError(
            path,
            "instance_type",
            rule=f"be of {architecture.name}, as the image is",
            got=instance_type.to_string(),
            remedy="omit it to get one that is, or choose the other architecture",
        )


def check_grace(path: str, grace: Any) -> None:
    """Refuse a time for starting that Amazon ECS doesn't take.

    Raises:
        PatternError: If it is one.
    """
    whole_seconds(path, "health_check_grace_period", grace, _quotas.ECS_GRACE_PERIOD_SECONDS)


def check_room(path: str, instance_type: Any, cpu: Any, memory_limit_mib: Any) -> None:
    """Refuse a task that fits on no instance of the type that is taken unless told otherwise.

    Raises:
        PatternError: If it is one: Amazon ECS would start instances, and place no task on them.
    """
    if instance_type is not None:
        return
    known = [each for each in (cpu, memory_limit_mib) if not cdk.Token.is_unresolved(each)]
    if len(known) < 2 or (cpu <= _DEFAULT_CPU and memory_limit_mib <= _DEFAULT_MEMORY_MIB):  # noqa: PLR2004 - both
        return
    raise PatternError(
        path,
        "instance_type",
        rule=f"have room for a task of {cpu} CPU units and {memory_limit_mib} MiB",
        got=f"none, which means one with {_DEFAULT_CPU} and {_DEFAULT_MEMORY_MIB} MiB for tasks",
        remedy='give a larger one, such as ec2.InstanceType("m7g.2xlarge")',
    )


def check_environment(path: str, environment: Any) -> None:
    """Refuse variables that the library sets, and those that Lambda wouldn't take.

    They are refused without a function too, so that one can join later.

    Raises:
        PatternError: If there are such.
    """
    check_no_variables(path, environment or {})
    _function_rules.check_environment(path, environment or {})
