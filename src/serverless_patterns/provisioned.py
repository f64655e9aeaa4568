"""Execution environments that are initialized before anybody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
import constructs
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _provisioned_rules as rules
from serverless_patterns._account_concurrency import check_of_account
from serverless_patterns._alarms import add_alarm
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import PatternError, new_path, refusals_of
from serverless_patterns._queues.facts import reserved_concurrency_of
from serverless_patterns._scaling_schedules import check_schedules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_patterns._cdk_options import MetricOptions

# Application Auto Scaling makes it in every account that scales Lambda, and takes no other.
_SERVICE_ROLE = (
    "role/aws-service-role/lambda.application-autoscaling.amazonaws.com",
    "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
)
_TRACKED_AFTER_MINUTES = 5
_HALF = 12  # of the columns of a dashboard


class ProvisionedConcurrency(constructs.Construct):
    """Environments of an alias that are initialized beforehand, as many as its load takes.

    Defines the scalable target of the alias and, unless ``utilization_target`` is ``None``, the
    policy that keeps this share of its environments in use. ``schedules`` move the bounds between
    which it does. Each environment is billed for as long as it is provisioned, used or not.
    Requests beyond them spill over to environments that start cold; ``add_alarms`` tells of it.

    The handler owes an initialization that runs long before the first request, maybe hours: what
    expires meanwhile, such as connections and credentials, is to be renewed when it is used.
    Only calls of the alias are served by these environments, so give the alias to what invokes it.

    Args:
        scope: The construct that it belongs to.
        id: The construct id.
        alias: The alias of a published version. With ``SnapStart`` an alias needs none of this.
        min_capacity: The fewest environments. At least 1, or 0 where schedules alone scale.
        max_capacity: The most environments, at most what is reserved for the function.
        utilization_target: The share of environments that is to be in use at the busiest, 0.1 to
            0.9. Scaling out takes minutes: the lower, the larger the rise that is met. With
            ``None``, schedules alone scale.
        schedules: New bounds by the name of the action, each from its ``schedule`` on until
            another action's. Default - the bounds stay.

    Attributes:
        alias: The alias.
        target: The L2 of the scalable target.
        policy: The L2 of the policy; ``None`` without a ``utilization_target``.

    Raises:
        PatternError: If Lambda or Application Auto Scaling would refuse an argument, or something
            else provisions the alias, its version or its function's other aliases beyond what is
            reserved.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        alias: lambda_.IAlias,
        min_capacity: int,
        max_capacity: int,
        utilization_target: float | None = 0.7,
        schedules: Mapping[str, appscaling.ScalingSchedule] | None = None,
    ) -> None:
        path = new_path(scope, id)
        schedules = {} if schedules is None else schedules
        tracked = utilization_target is not None
        rules.check_alias(path, scope, alias)
        rules.check_capacity(path, min_capacity, max_capacity, tracked=tracked)
        rules.check_tracking(path, utilization_target)
        check_schedules(path, schedules, (min_capacity, max_capacity), tracked=tracked)
        actions = dict(schedules)
        bounds = [max_capacity, *(each.max_capacity or 0 for each in actions.values())]
        known = [int(each) for each in bounds if not cdk.Token.is_unresolved(each)]
        self._most = max(known, default=0)
        self._resource_id = f"function:{alias.function_name}"
        for error in rules.broken_by_alias(path, alias, self._most):
            raise error
        for error in self._scaled_twice(path, scope, None):
            raise error
        super().__init__(scope, id)
        check_of_account(self, path, "max_capacity", self._most)
        self.alias = alias
        role = cdk.Stack.of(self).format_arn(
            service="iam", region="", resource=_SERVICE_ROLE[0], resource_name=_SERVICE_ROLE[1]
        )
        with refusals_of("appscaling.ScalableTarget", path):
            self.target = appscaling.ScalableTarget(
                self,
                "Target",
                service_namespace=appscaling.ServiceNamespace.LAMBDA,
                scalable_dimension=rules.DIMENSION,
                resource_id=self._resource_id,
                min_capacity=min_capacity,
                max_capacity=max_capacity,
                role=iam.Role.from_role_arn(self, "ServiceRole", role),
            )
            for name, each in actions.items():
                self.target.scale_on_schedule(
                    name,
                    schedule=each.schedule,
                    min_capacity=each.min_capacity,
                    max_capacity=each.max_capacity,
                    start_time=each.start_time,
                    end_time=each.end_time,
                    time_zone=each.time_zone,
                )
        self.policy = self._track(utilization_target)
        check_at_synthesis(self, self._broken_rules)

    def metric_spillover_invocations(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The requests that found every provisioned environment busy: those may start cold."""
        return self._metric("ProvisionedConcurrencySpilloverInvocations", "Sum", options)

    def metric_invocations(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The requests that provisioned environments served."""
        return self._metric("ProvisionedConcurrencyInvocations", "Sum", options)

    def metric_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The share of provisioned environments in use, 0 to 1: what is paid for and needed."""
        return self._metric("ProvisionedConcurrencyUtilization", "Maximum", options)

    def metric_concurrent_executions(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many provisioned environments are in use."""
        return self._metric("ProvisionedConcurrentExecutions", "Maximum", options)

    def add_alarms(self, action: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Add the alarm that matters here: requests spill over and scaling doesn't help.

        Target tracking scales out after three minutes, so five in a row mean that ``max_capacity``
        or a schedule is too low.

        Args:
            action: What the alarm does.

        Returns:
            ``SpilloverAlarm``.

        Raises:
            PatternError: If it is there already.
        """
        spilled = self.metric_spillover_invocations(period=cdk.Duration.minutes(1))
        return [
            add_alarm(
                self,
                "SpilloverAlarm",
                spilled,
                action,
                threshold=1,
                says="is too small: requests spill over to environments that start cold",
                evaluation_periods=_TRACKED_AFTER_MINUTES,
            )
        ]

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard: requests served and spilled over, and the environments' use."""
        return [
            cloudwatch.GraphWidget(
                title=f"{self.node.path}: requests",
                width=_HALF,
                left=[self.metric_invocations(), self.metric_spillover_invocations()],
            ),
            cloudwatch.GraphWidget(
                title=f"{self.node.path}: environments",
                width=_HALF,
                left=[self.metric_concurrent_executions()],
                right=[self.metric_utilization()],
            ),
        ]

    def _track(self, target: float | None) -> appscaling.TargetTrackingScalingPolicy | None:
        if target is None:
            return None
        return appscaling.TargetTrackingScalingPolicy(
            self,
            "Tracking",
            scaling_target=self.target,
            target_value=target,
            predefined_metric=appscaling.PredefinedMetric.LAMBDA_PROVISIONED_CONCURRENCY_UTILIZATION,
        )

    def _metric(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        function = self.alias.version.lambda_.function_name
        settings: MetricOptions = {
            "statistic": statistic,
            "dimensions_map": {
                "FunctionName": function,
                "Resource": f"{function}:{self.alias.alias_name}",
            },
            **options,
        }
        metric = cloudwatch.Metric(namespace="AWS/Lambda", metric_name=name, **settings)
        return metric.attach_to(self)

    def _broken_rules(self) -> Iterator[PatternError]:
        """What was made of the alias and its function since, and of other aliases of it."""
        path = self.node.path
        yield from rules.broken_by_alias(path, self.alias, self._most)
        yield from self._scaled_twice(path, self, self.target.node.default_child)
        yield from self._beyond_reserved(path)

    def _scaled_twice(
        self, path: str, scope: constructs.IConstruct, own: constructs.IConstruct | None
    ) -> Iterator[PatternError]:
        for other in rules.other_targets(scope, self._resource_id, own):
            yield PatternError(
                path,
                "alias",
                rule="be scaled by one target alone",
                got=f"{other} as well",
                remedy="remove either",
            )

    def _beyond_reserved(self, path: str) -> Iterator[PatternError]:
        """Other aliases of the function that together exceed what is reserved for it."""
        reserved = reserved_concurrency_of(self.alias)
        function = self.alias.version.lambda_
        siblings = [
            each
            for each in self.node.root.node.find_all()
            if isinstance(each, ProvisionedConcurrency)
            and each.alias.version.lambda_.node.path == function.node.path
        ]
        total = sum(each._most for each in siblings)  # noqa: SLF001 - its own kind
        if reserved is None or self._most > reserved or total <= reserved:
            return
        others = ", ".join(each.node.path for each in siblings if each is not self)
        yield PatternError(
            path,
            "max_capacity",
            rule=f"be at most the {reserved} executions that are reserved for the function, "
            f"together with that of {others}",
            got=total,
            remedy="reserve more, or lower them",
        )
