"""How many invocations a queue's messages may cause at once, beside what is reserved for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._numbers import check_whole
from serverless_patterns._queues.facts import reserved_concurrency_of

if TYPE_CHECKING:
    from serverless_patterns._queues.polling_rules import Polling

_POLLERS = 200  # of a mapping in provisioned mode that sets no maximum
_ALL_THE_SAME = ", as the batches of one message group come one after another all the same"


def check_pollers(path: str, config: lambda_.ProvisionedPollerConfig | None) -> None:
    """Check provisioned pollers.

    Raises:
        PatternError: If AWS would refuse them.
    """
    name = "provisioned_poller_config"
    example = "lambda_.ProvisionedPollerConfig(maximum_pollers=10)"
    check_type(path, name, config, lambda_.ProvisionedPollerConfig, example)
    if config is None:
        return
    minimum, maximum = config.minimum_pollers, config.maximum_pollers
    for part, value, allowed in (
        ("minimum_pollers", minimum, _quotas.SQS_MINIMUM_POLLERS),
        ("maximum_pollers", maximum, _quotas.SQS_MAXIMUM_POLLERS),
    ):
        if value is None:
            continue
        count = int(value) if isinstance(value, float) and value.is_integer() else value
        check_whole(path, f"{name}.{part}", count, allowed, f"omit it to get {_default(part)}")
    lowest, highest = minimum or _default("minimum_pollers"), maximum or _POLLERS
    known = not cdk.Token.is_unresolved(lowest) and not cdk.Token.is_unresolved(highest)
    if known and lowest > highest:
        raise PatternError(
            path,
            f"{name}.minimum_pollers",
            rule=f"be at most the {highest:g} maximum_pollers",
            got=f"{lowest:g}",
            remedy="raise maximum_pollers, or lower it",
        )
    if config.poller_group_name is not None:
        raise PatternError(
            path,
            f"{name}.poller_group_name",
            rule="be left out for a queue",
            got=repr(config.poller_group_name),
            remedy="omit it: only Kafka's pollers form groups",
        )


def _default(part: str) -> int:
    return 2 if part == "minimum_pollers" else _POLLERS


def check_concurrency(
    path: str, polling: Polling, handler: lambda_.IFunction, *, fifo: bool
) -> int | None:
    """The most invocations at once, held against what is reserved for the handler.

    Lambda polls for more batches than a handler's reserved concurrency can take; each that is
    throttled was received all the same, which counts towards the dead-letter queue.

    Returns:
        The maximum concurrency; ``None`` if there is none.

    Raises:
        PatternError: If AWS would refuse it, or throttles would dead-letter messages.
    """
    given, config = polling.max_concurrency, polling.provisioned_poller_config
    if given is not None:
        remedy = "omit it to get what is reserved for handler"
        check_whole(path, "max_concurrency", given, _quotas.SQS_MAX_CONCURRENCY, remedy)
    if given is not None and config is not None:
        raise PatternError(
            path,
            "max_concurrency",
            rule="be left out with provisioned_poller_config",
            got=given,
            remedy="limit maximum_pollers instead, each of which invokes "
            f"{_quotas.SQS_INVOCATIONS_PER_POLLER} times at once",
        )
    reserved = reserved_concurrency_of(handler)
    if reserved is None or not polling.enabled:
        return given
    if reserved == 0:
        raise PatternError(
            path,
            "handler",
            rule="be allowed to run, because throttled receives end in the dead-letter queue",
            got="a reserved concurrency of 0",
            remedy="set enabled=False to pause the poller instead",
        )
    if config is not None:
        _check_pollers_against(path, config, reserved)
        return None
    least = _quotas.SQS_MAX_CONCURRENCY.start
    if reserved < least:
        raise PatternError(
            path,
            "handler",
            rule=f"be reserved at least {least} executions, the least that max_concurrency can be, "
            "because throttled receives end in the dead-letter queue",
            got=f"{reserved}",
            remedy=f"reserve {least} or more" + (_ALL_THE_SAME if fifo else ""),
        )
    if given is not None and not cdk.Token.is_unresolved(given) and given > reserved:
        raise PatternError(
            path,
            "max_concurrency",
            rule=f"be at most the {reserved} executions that are reserved for handler, because "
            "throttled receives end in the dead-letter queue",
            got=given,
            remedy=f"omit it to get {min(reserved, _quotas.SQS_MAX_CONCURRENCY.stop - 1)}",
        )
    if given is None:
        return min(reserved, _quotas.SQS_MAX_CONCURRENCY.stop - 1)
    return given


def _check_pollers_against(
    path: str, config: lambda_.ProvisionedPollerConfig, reserved: int
) -> None:
    most = config.maximum_pollers or _POLLERS
    each = _quotas.SQS_INVOCATIONS_PER_POLLER
    if cdk.Token.is_unresolved(most) or most * each <= reserved:
        return
    least = _quotas.SQS_MAXIMUM_POLLERS.start
    raise PatternError(
        path,
        "provisioned_poller_config.maximum_pollers",
        rule=f"invoke at most as often at once as the {reserved} executions that are reserved for "
        f"handler, {each} times each, because throttled receives end in the dead-letter queue",
        got=f"{most:g}" if config.maximum_pollers is not None else f"none, which is {_POLLERS}",
        remedy=f"set it to {reserved // each}, or reserve {most * each:g}"
        if reserved >= least * each
        else f"reserve {least * each} or more",
    )
