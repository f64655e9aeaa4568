"""Events that are delivered more than once, handled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
import constructs
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _idempotency_rules as rules
from serverless_patterns._alarms import add_alarm
from serverless_patterns._arguments import check_grantee
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import new_path, refusals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._errors import PatternError

# What Powertools' DynamoDBPersistenceLayer calls, and nothing else.
_ACTIONS = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")


class IdempotencyTable(constructs.Construct):
    """A table in which functions remember what they have handled.

    Defines a DynamoDB table as ``DynamoDBPersistenceLayer`` of Powertools for AWS Lambda expects
    it: the key ``id``, records that expire by ``expiration``. It is billed on demand, can be
    restored to any second of the last 35 days, is protected against deletion, and stays when the
    stack goes: without it, what is delivered again is done again. ``protect(function)`` lets a
    function use it.

    The handler owes the idempotency utility five things:

    - The key that its source keeps across retries: ``messageId`` of SQS, ``MessageId`` of SNS,
      ``id`` of EventBridge, ``eventID`` of a stream; of S3 bucket, key, version, sequencer and
      event name together. A redrive gives SQS messages new ids.
    - ``raise_on_no_idempotency_key=True``: otherwise an event without the key is handled
      unprotected.
    - ``register_lambda_context``: without it, an event whose handler crashed stays locked until
      its record expires. With it, for as long as the invocation had left: a short timeout leaves
      retries that come at once, as those of a stream do, a chance.
    - ``expires_after_seconds``, one hour by default, longer than the event may take to come back:
      14 days for a queue with a dead-letter queue.
    - An effect that is conditional by itself. Between the effect and its record a crash leaves
      the effect done and the record open, and no table can close that window.

    Args:
        scope: The construct that the table belongs to.
        id: The construct id.
        sort_key: The attribute that holds the key of an event, for handlers that set
            ``sort_key_attr``. A function's records then share one partition, which takes 1,000
            writes a second. Default - the partition key holds it.
        encryption: CDK's encryption for the table; it holds what handlers return. With a key of
            your own, functions are granted its use. Default - a key that AWS owns, free of charge.
        removal_policy: What becomes of the table when it leaves the stack.
        deletion_protection: Whether DynamoDB refuses to delete the table. Default - it does,
            unless ``removal_policy`` destroys it.

    Attributes:
        table: The L2 of the table.

    Raises:
        PatternError: If an argument is one that DynamoDB or Powertools would refuse.

    See:
        https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        sort_key: str | None = None,
        encryption: dynamodb.TableEncryptionV2 | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        deletion_protection: bool | None = None,
    ) -> None:
        path = new_path(scope, id)
        rules.check_sort_key(path, sort_key)
        rules.check_removal(path, removal_policy, protected=deletion_protection)
        rules.check_encryption(path, encryption, cdk.Stack.of(scope).region)
        if deletion_protection is None:
            deletion_protection = removal_policy != cdk.RemovalPolicy.DESTROY
        super().__init__(scope, id)
        text = dynamodb.AttributeType.STRING
        with refusals_of("dynamodb.TableV2", path):
            self.table = dynamodb.TableV2(
                self,
                "Table",
                partition_key=dynamodb.Attribute(name=rules.KEY, type=text),
                sort_key=dynamodb.Attribute(name=sort_key, type=text) if sort_key else None,
                time_to_live_attribute=rules.EXPIRY,
                point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                    point_in_time_recovery_enabled=True
                ),
                encryption=encryption,
                removal_policy=removal_policy,
                deletion_protection=deletion_protection,
            )
        self._protected: dict[tuple[str, str], lambda_.Function] = {}
        check_at_synthesis(self, self._broken_rules)

    def protect(
        self, function: lambda_.IFunction, *, environment_variable: str = "IDEMPOTENCY_TABLE"
    ) -> iam.Grant:
        """Let a function remember here what it has handled.

        The name of the table goes into the function's environment, where its handler reads it:
        ``DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])``. Powertools itself
        reads no variable for that.

        Args:
            function: The function. Its aliases and versions are protected with it.
            environment_variable: The variable that names the table.

        Returns:
            The grant of what Powertools does with the table.

        Raises:
            PatternError: If the function's environment can't be changed here, or says otherwise.
        """
        path = self.node.path
        defined = rules.defined_function(path, function, environment_variable)
        rules.check_variable(defined, environment_variable)
        rules.check_reachable(path, defined, self.table)
        rules.check_environment(path, defined, environment_variable, self.table)
        self._protected[defined.node.path, environment_variable] = defined
        defined.add_environment(environment_variable, self.table.table_name)
        return self.grant_use(defined)

    def grant_use(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` what Powertools does with the table: to get, put, update and delete.

        Args:
            grantee: Who handles events, in the table's account. A function that is defined
                elsewhere needs the table's name in its environment as well.

        Raises:
            PatternError: If it has no policy that this app can change.
        """
        check_grantee(self.node.path, grantee)
        # To the principal alone: for a role that may be another account's, the L2's own `grant`
        # has the table's policy name the table, a cycle that CloudFormation refuses.
        grant = iam.Grant.add_to_principal(
            grantee=grantee, actions=[*_ACTIONS], resource_arns=[self.table.table_arn]
        )
        rules.check_granted(self.node.path, grant)
        key = self.table.encryption_key
        return grant.combine(key.grant_encrypt_decrypt(grantee)) if key else grant

    def metric_conditional_check_failed_requests(
        self, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """The number of duplicates that were met, done already or in progress."""
        return self.table.metric_conditional_check_failed_requests(**options)

    def metric_write_throttle_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of writes that DynamoDB throttled: an event that none is left for fails."""
        return self.table.metric("WriteThrottleEvents", **_summed(options))

    def metric_system_errors(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of times that DynamoDB failed to look for an event.

        That is done by ``PutItem``, with which every event begins.
        """
        operation = {"TableName": self.table.table_name, "Operation": "PutItem"}
        options = {"dimensions_map": operation, **options}
        return self.table.metric("SystemErrors", **_summed(options))

    def add_alarms(self, action: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter here: throttled writes, and errors of DynamoDB's.

        An event that can't be looked up fails and is delivered again; it isn't handled twice. The
        SDK tries again before that, so one bad value calls nobody, and two in a row do.

        Args:
            action: What an alarm does.

        Returns:
            The alarms.

        Raises:
            PatternError: If they are there already.
        """
        watched = [
            ("ThrottleAlarm", self.metric_write_throttle_events(), "is throttled"),
            ("SystemErrorAlarm", self.metric_system_errors(), "is failed by DynamoDB"),
        ]
        return [
            add_alarm(self, each, metric, action, threshold=1, says=says, evaluation_periods=2)
            for each, metric, says in watched
        ]

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Widgets for a dashboard: the duplicates that were met, throttles, and errors."""
        shown: list[tuple[str, cloudwatch.IMetric]] = [
            ("duplicates", self.metric_conditional_check_failed_requests()),
            ("throttled writes", self.metric_write_throttle_events()),
            ("system errors", self.metric_system_errors()),
        ]
        return [
            cloudwatch.GraphWidget(title=f"{self.node.path}: {what}", left=[metric])
            for what, metric in shown
        ]

    def _broken_rules(self) -> Iterator[PatternError]:
        """What was made of the environments of protected functions since."""
        for (_, variable), function in self._protected.items():
            yield from rules.broken_by_environment(self.node.path, function, variable, self.table)


def _summed(options: MetricOptions) -> MetricOptions:
    return {"statistic": "Sum", **options}
