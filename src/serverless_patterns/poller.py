"""A queue that Lambda polls for a function, with a dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._arguments import check_grantee
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import new_path, refusals_of
from serverless_patterns._invocation import acknowledge_polled, check_takes_events, function_behind
from serverless_patterns._mapping_filters import check_filters
from serverless_patterns._queues.competing_pollers import CompetingPollers, Polled
from serverless_patterns._queues.definition import define_letters, define_queue
from serverless_patterns._queues.existing_queue import check_existing
from serverless_patterns._queues.facts import QueueFacts
from serverless_patterns._queues.own_queue import QueueOptions, check_own
from serverless_patterns._queues.poller_metrics import PolledQueue
from serverless_patterns._queues.polling_concurrency import check_concurrency, check_pollers
from serverless_patterns._queues.polling_places import check_near, check_no_circle
from serverless_patterns._queues.polling_rules import Polling, check_batch
from serverless_patterns._queues.rules import check_queue
from serverless_patterns._role_policies import takes_policies
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

_REASON = (
    "Lambda polls a queue for the function: a message that always fails goes to the dead-letter "
    "queue of that queue."
)


_REDRIVE_ACTIONS = (
    "sqs:StartMessageMoveTask",
    "sqs:ListMessageMoveTasks",
    "sqs:CancelMessageMoveTask",
    "sqs:ListDeadLetterSourceQueues",
)


class SqsPoller(PolledQueue):
    """A queue, and a function that Lambda invokes for its messages.

    Defines the queue, its dead-letter queue, the event source mapping, and the permission of the
    function's role to consume from the queue. Both queues are encrypted and refuse anything but
    TLS; the dead-letter queue keeps its messages for 14 days. The queue may hold messages, so it
    outlives the stack. Of a batch only what failed is delivered again, and what always fails moves
    to the dead-letter queue.

    The handler owes ``{"batchItemFailures": [{"itemIdentifier": messageId}, ...]}``, naming what
    it did not handle; of a FIFO queue the first such message of a group and all after it. An
    empty answer means that all of it was handled. It owes the same effect to a message that comes
    twice: at least once is all that SQS promises.

    Args:
        scope: The construct that the poller belongs to.
        id: The construct id.
        handler: The function, or an alias or a version of one.
        queue: A queue that exists. One that is defined in this app is held to the same rules;
            of one that is imported nothing can be read, so nothing about it is checked.
            Default - one of the poller's own.
        dead_letter_queue: Where messages go that always fail: a queue of the same kind, region and
            account. With an imported ``queue``, the one that it has. Default - that of ``queue``,
            or one of the poller's own.
        fifo: Whether the poller's own queue is a FIFO queue.
        queue_name: A physical name; it forbids replacement. The poller's own dead-letter queue
            then serves this queue alone, where otherwise any queue of the account may name it.
            Default - made by CloudFormation.
        visibility_timeout: How long a received message stays hidden, at least the handler's
            timeout and the batching window together, at most 12 hours. Default - six times that
            timeout, plus the window.
        retention_period: How long a message is kept, 1 minute to 14 days. Default - 4 days.
        max_receive_count: After how many receives a message is dead-lettered, 1 to 1,000.
        content_based_deduplication: Whether a FIFO queue takes equal bodies for one message.
        deduplication_scope: Within what a FIFO queue deduplicates. Default - the queue.
        fifo_throughput_limit: What a FIFO queue's quota counts for; with ``PER_MESSAGE_GROUP_ID``
            throughput is high. Default - the queue.
        batch_size: The most messages of one invocation, 1 to 10,000; of a FIFO queue, and without
            a batching window, to 10. Lambda invokes earlier with 6 MB. In a batch of a FIFO queue
            what stands behind a message that always fails is received as often, and dead-lettered
            with it; with 1 it goes on after it.
        max_batching_window: How long Lambda gathers a batch, 0 to 300 s; not of a FIFO queue.
            Default - not at all.
        max_concurrency: The most invocations at once, 2 to 1,000. Default - what is reserved for
            the handler, or no limit.
        provisioned_poller_config: Pollers of the mapping's own, 2 to 200 at least and 2 to 10,000
            at most. Default - Lambda's shared pollers.
        filters: What ``lambda_.FilterCriteria.filter`` returns, up to 5. A message that matches
            none of them is deleted, unhandled. Default - every message is handled.
        report_batch_item_failures: Whether the handler's answer is read. Without, one failure
            repeats its whole batch, and failures that an answer names are deleted: it suits an
            unmodified handler that raises, with a ``batch_size`` of 1.
        enabled: Whether Lambda polls. A poller that doesn't keeps its messages.

    Attributes:
        queue: The queue.
        dead_letter_queue: Its dead-letter queue; ``None`` for an imported queue without.
        event_source_mapping: The mapping, an ``lambda_.EventSourceMapping``.
        handler: The function.

    Raises:
        PatternError: If AWS would refuse an argument, or the queue, the handler and the mapping
            together would lose messages, repeat them or give them up too early.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        queue: sqs.IQueue | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        fifo: bool = False,
        queue_name: str | None = None,
        visibility_timeout: cdk.Duration | None = None,
        retention_period: cdk.Duration | None = None,
        max_receive_count: int = 5,
        content_based_deduplication: bool = False,
        deduplication_scope: sqs.DeduplicationScope | None = None,
        fifo_throughput_limit: sqs.FifoThroughputLimit | None = None,
        batch_size: int = 10,
        max_batching_window: cdk.Duration | None = None,
        max_concurrency: int | None = None,
        provisioned_poller_config: lambda_.ProvisionedPollerConfig | None = None,
        filters: Sequence[Mapping[str, Any]] | None = None,
        report_batch_item_failures: bool = True,
        enabled: bool = True,
    ) -> None:
        path = new_path(scope, id)
        check_takes_events(path, handler)
        check_queue(path, "queue", queue)
        check_queue(path, "dead_letter_queue", dead_letter_queue)
        check_near(path, scope, handler, queue)
        check_no_circle(path, scope, handler, queue)
        is_fifo = fifo if queue is None else bool(queue.fifo)
        options = QueueOptions(
            fifo=fifo,
            queue_name=queue_name,
            visibility_timeout=visibility_timeout,
            retention_period=retention_period,
            max_receive_count=max_receive_count,
            dead_letter_queue=dead_letter_queue,
            content_based_deduplication=content_based_deduplication,
            deduplication_scope=deduplication_scope,
            fifo_throughput_limit=fifo_throughput_limit,
        )
        polling = Polling(
            batch_size=batch_size,
            max_batching_window=max_batching_window,
            max_concurrency=max_concurrency,
            provisioned_poller_config=provisioned_poller_config,
            filters=filters,
            report_batch_item_failures=report_batch_item_failures,
            enabled=enabled,
        )
        window = check_batch(path, polling, fifo=is_fifo)
        check_pollers(path, provisioned_poller_config)
        warnings = check_filters(path, filters, "sqs")
        most = check_concurrency(path, polling, handler, fifo=is_fifo)
        visibility = visibility_timeout
        if queue is None:
            visibility, more = check_own(path, scope, options, handler, window)
        else:
            more = check_existing(path, queue, options, handler, window)
        super().__init__(scope, id)
        self.handler = handler
        if queue is None:
            self.dead_letter_queue = dead_letter_queue or define_letters(self, options)
            self.queue = define_queue(self, options, self.dead_letter_queue, visibility)
        else:
            self.queue = queue
            facts = QueueFacts.of(queue)
            self.dead_letter_queue = (facts and facts.dead_letter_queue) or dead_letter_queue
        with refusals_of("lambda_.EventSourceMapping", path):
            self.event_source_mapping = lambda_.EventSourceMapping(
                self,
                "Mapping",
                target=handler,
                event_source_arn=self.queue.queue_arn,
                batch_size=batch_size,
                max_batching_window=max_batching_window,
                max_concurrency=most,
                filters=filters,
                report_batch_item_failures=report_batch_item_failures,
                enabled=enabled,
            )
        self._polled = Polled(self.event_source_mapping, function_behind(handler), most)
        self._provision(provisioned_poller_config)
        check_at_synthesis(self, CompetingPollers(self, self._polled).broken_rules)
        self._permit(warnings | more)

    def grant_send(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody send messages to the queue.

        Raises:
            PatternError: If nothing can be granted to them.
        """
        check_grantee(self.node.path, grantee)
        return self.queue.grant_send_messages(grantee)

    def grant_redrive(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody move dead letters back, as ``serverless-patterns redrive`` does.

        Raises:
            PatternError: If this app doesn't tell which queue is the dead-letter queue, or nothing
                can be granted to them.
        """
        check_grantee(self.node.path, grantee)
        letters = self._dead_letters("grant_redrive")
        tasks = letters.grant(grantee, *_REDRIVE_ACTIONS)
        moved = letters.grant_consume_messages(grantee).combine(
            self.queue.grant_send_messages(grantee)
        )
        return tasks.combine(moved)

    def _provision(self, config: lambda_.ProvisionedPollerConfig | None) -> None:
        if config is not None:  # by the resource, as the L2 refuses more than 2,000 pollers
            kind = lambda_.CfnEventSourceMapping.ProvisionedPollerConfigProperty
            self._polled.resource.provisioned_poller_config = kind(
                minimum_pollers=config.minimum_pollers, maximum_pollers=config.maximum_pollers
            )

    def _permit(self, warnings: dict[str, str]) -> None:
        """Let the handler consume before Lambda polls, and say what is to be said."""
        if self.handler.role is None:
            warnings = warnings | {
                "sqs-handler-role": "the handler is imported without its role, so that nothing "
                f"lets it consume from {self.queue.node.path}: import it with its role, or grant "
                "that there"
            }
        elif not takes_policies(self, self.handler.role):
            warnings = warnings | {
                "sqs-handler-role": f"the role of the handler, {self.handler.role.node.path}, "
                f"takes no policies, so that nothing lets it consume from {self.queue.node.path}: "
                "import it without mutable=False, or grant that there"
            }
        else:
            grant = self.queue.grant_consume_messages(self.handler)
            grant.apply_before(self.event_source_mapping)
        acknowledge(
            self.event_source_mapping,
            "Serverless-LambdaEventSourceMappingDestination",
            reason=_REASON,
        )
        acknowledge_polled(self, self.handler, _REASON)
        warn(self, warnings)
