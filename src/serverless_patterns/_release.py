"""How the traffic of an alias moves to a new version: at once, or in steps through CodeDeploy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._release_rules import check_alarms, check_hook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

ALL_AT_ONCE, CANARY, LINEAR = "all at once", "canary", "linear"


@dataclass(frozen=True)
class Release:
    """How the traffic of an alias moves to a new version, through CodeDeploy.

    ``Release.canary()`` moves a share of it, and after an interval the rest. ``Release.linear()``
    moves the same share after each interval. ``Release.all_at_once()`` moves all of it between two
    hooks. A release that fails, is stopped or sets off an alarm is rolled back: the alias leads to
    the version before again, and CloudFormation rolls the stack back. The stack's first deployment
    makes the alias; there is nothing to move then.

    A hook is a function that CodeDeploy invokes before the first share of traffic moves, or after
    the last. It owes CodeDeploy an answer within an hour: ``Succeeded`` or ``Failed``, by
    ``PutLifecycleEventHookExecutionStatus`` with the ids in its event, which is granted to it.
    What it is to try is the new version: put ``version.function_arn`` of the ``SnapStartAlias``
    into its environment, and let it invoke that by ``version.grant_invoke``. The alias would wait
    for the hook, and the hook for the alias.

    Attributes:
        strategy: ``all at once``, ``canary`` or ``linear``.
        percent: The share of the traffic that moves in one step.
        interval: What is waited after it.
        alarms: What rolls the release back.
        pre_traffic_hook: What CodeDeploy invokes before traffic moves.
        post_traffic_hook: What CodeDeploy invokes after it has moved.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
    """

    strategy: str
    percent: int
    interval: cdk.Duration
    alarms: Sequence[cloudwatch.IAlarm] | None = None
    pre_traffic_hook: lambda_.IFunction | None = None
    post_traffic_hook: lambda_.IFunction | None = None

    @classmethod
    def all_at_once(
        cls,
        *,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        pre_traffic_hook: lambda_.IFunction | None = None,
        post_traffic_hook: lambda_.IFunction | None = None,
    ) -> Self:
        """All traffic moves at once, between the hooks.

        Args:
            alarms: What rolls the release back while it lasts, 50 at most.
            pre_traffic_hook: What CodeDeploy invokes before traffic moves. Default - nothing.
            post_traffic_hook: What CodeDeploy invokes after it has moved. Default - nothing.
        """
        none = cdk.Duration.minutes(0)
        return cls(ALL_AT_ONCE, 100, none, alarms, pre_traffic_hook, post_traffic_hook)

    @classmethod
    def canary(
        cls,
        *,
        percent: int = 10,
        interval: cdk.Duration | None = None,
        alarms: Sequence[cloudwatch.IAlarm] | None = None,
        pre_traffic_hook: lambda_.IFunction | None = None,
        post_traffic_hook: lambda_.IFunction | None = None,
    ) -> Self:
        """A share of the traffic moves, and after the interval the rest.

        Args:
            percent: The share that moves first, 1 to 99.
            interval: What is waited after it, in whole minutes, two days at most. Default - 5
                minutes.
            alarms: What rolls the release back, 50 at most. Default - an alarm that goes off at
                the first minute in which the new version fails.
            pre_traffic_hook: What CodeDeploy invokes before traffic moves. Default - nothing.
            post_traffic_hook: What CodeDeploy invokes after it has moved. Default - nothing.
        """
        interval = cdk.Duration.minutes(5) if interval is None else interval
        return cls(CANARY, percent, interval, alarms, pre_traffic_hook, post_traffic_hook)

    @classmethod
    def linear(
        cls,
        *,
        percent: int = 10,
        interval: cdk.Duration | None = None,
        alarms: Sequence[cloudwatch.IAlarm] | None = None,
        pre_traffic_hook: lambda_.IFunction | None = None,
        post_traffic_hook: lambda_.IFunction | None = None,
    ) -> Self:
        """The same share of the traffic moves after each interval, until all of it has.

        Args:
            percent: The share that moves in each step, 1 to 99.
            interval: What is waited after each, in whole minutes; two days at most for all of
                them. Default - 1 minute.
            alarms: What rolls the release back, 50 at most. Default - an alarm that goes off at
                the first minute in which the new version fails.
            pre_traffic_hook: What CodeDeploy invokes before traffic moves. Default - nothing.
            post_traffic_hook: What CodeDeploy invokes after it has moved. Default - nothing.
        """
        interval = cdk.Duration.minutes(1) if interval is None else interval
        return cls(LINEAR, percent, interval, alarms, pre_traffic_hook, post_traffic_hook)

    @property
    def hooks(self) -> Mapping[str, lambda_.IFunction]:
        """The hooks that there are, by their keywords."""
        named = {
            "pre_traffic_hook": self.pre_traffic_hook,
            "post_traffic_hook": self.post_traffic_hook,
        }
        return {name: hook for name, hook in named.items() if hook is not None}

    def check(self, path: str, scope: Construct, function: lambda_.Function) -> None:
        """Refuse what CodeDeploy would refuse, and what would never end well.

        Args:
            path: The construct path of the alias.
            scope: Where the alias stands.
            function: What it releases.

        Raises:
            PatternError: If it is that.
        """
        if self.strategy not in (ALL_AT_ONCE, CANARY, LINEAR):
            raise PatternError(
                path,
                "release",
                rule=f"be {ALL_AT_ONCE}, {CANARY} or {LINEAR}",
                got=repr(self.strategy),
                remedy="for example Release.canary()",
            )
        if self.strategy != ALL_AT_ONCE:
            self._check_steps(path)
        check_alarms(path, self.alarms, scope)
        for name, hook in self.hooks.items():
            check_hook(path, name, hook, scope, function)

    def _check_steps(self, path: str) -> None:
        percent: object = self.percent
        is_token = percent == percent and cdk.Token.is_unresolved(percent)  # noqa: PLR0124 - not NaN, which jsii can't be asked of
        if not is_token and (
            not isinstance(percent, int)
            or isinstance(percent, bool)
            or percent not in _quotas.CODEDEPLOY_PERCENT
        ):
            raise PatternError(
                path,
                "percent",
                rule="be a whole number from 1 to 99",
                got=repr(self.percent),
                remedy="Release.all_at_once() moves all of the traffic in one step",
            )
        check_type(path, "interval", self.interval, cdk.Duration, "cdk.Duration.minutes(5)")
        if self.interval.is_unresolved() or is_token:
            return
        minutes = self.interval.to_seconds(integral=False) / 60
        if minutes < 1 or minutes != int(minutes):
            raise PatternError(
                path,
                "interval",
                rule="be whole minutes, at least one",
                got=f"{minutes * 60:g} s",
                remedy="for example cdk.Duration.minutes(5)",
            )
        waits = 1 if self.strategy == CANARY else math.ceil(100 / self.percent) - 1
        if minutes * waits > _quotas.CODEDEPLOY_SHIFT_MINUTES:
            raise PatternError(
                path,
                "interval",
                rule="leave 48 hours at most from the first step to the last",
                got=f"{minutes * waits / 60:g} h",
                remedy="shorten it, or move more in each step",
            )
