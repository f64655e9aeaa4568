from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any

import pytest

from serverless_patterns.testing.delivery import Assumptions, Held, KinesisRecord, Outcome, deliver
from tests.unit.delivery.stream_templates import (
    DAY,
    REPORTS,
    STREAM,
    TABLE,
    Recorder,
    change,
    dynamodb,
    filtering,
    function,
    kinesis,
    mapping,
    record,
    records,
    run,
    template,
    throws_on,
)


def test_a_batch_has_at_most_its_size() -> None:
    handler = Recorder()
    delivery = run(kinesis(BatchSize=2), records("abcde"), handler)

    assert handler.batches == [["a", "b"], ["c", "d"], ["e"]]
    assert delivery.lost == delivery.pending == []


def test_a_batch_has_a_hundred_records_by_default() -> None:
    handler = Recorder()
    run(kinesis(), [record(f"{number}") for number in range(101)], handler)

    assert [len(batch) for batch in handler.batches] == [100, 1]


def test_a_batch_stays_below_6_mb() -> None:
    handler = Recorder(lambda *_: None)
    events = [
        KinesisRecord(data=b"x" * 1_000_000, partition_key="key", id=f"{number}")
        for number in range(6)
    ]
    run(kinesis(), events, handler)

    assert [len(batch) for batch in handler.batches] == [4, 2]


def test_a_window_gathers_a_batch() -> None:
    handler = Recorder()
    shape = kinesis(MaximumBatchingWindowInSeconds=10)
    delivery = run(shape, [record("a", 5), record("b", 14), record("c", 16)], handler)

    assert handler.batches == [["a", "b"], ["c"]]
    assert [leg.handled_at for leg in delivery.handled] == [15, 15, 26]


def test_6_mb_do_not_wait_for_their_window() -> None:
    events = [
        KinesisRecord(data=b"x" * 1_000_000, partition_key="key", id=f"{number}")
        for number in range(6)
    ]
    delivery = run(kinesis(MaximumBatchingWindowInSeconds=300), events)

    assert [leg.handled_at for leg in delivery.handled] == [0, 0, 0, 0, 300, 300]


def test_a_full_batch_does_not_wait_for_its_window() -> None:
    handler = Recorder()
    shape = kinesis(MaximumBatchingWindowInSeconds=10, BatchSize=2)
    delivery = run(shape, [record("a"), record("b", 3), record("c", 3)], handler)

    assert handler.batches == [["a", "b"], ["c"]]
    assert [leg.handled_at for leg in delivery.handled] == [3, 3, 13]


def test_a_blocked_shard_does_not_block_another() -> None:
    events = [record("poison", shard=0), record("a", shard=0), record("b", shard=1)]
    delivery = run(
        template(stream={"ShardCount": 2}, Mapping=mapping(BatchSize=1)),
        events,
        throws_on("poison"),
        until=100,
    )

    assert [leg.event for leg in delivery.handled] == ["b"]
    assert [leg.event for leg in delivery.pending] == ["poison", "a"]


@pytest.mark.parametrize(
    ("stream", "count"),
    [
        ({}, 1),
        ({"ShardCount": 3}, 3),
        ({"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}, 4),
    ],
)
def test_partition_keys_are_spread_over_the_shards(stream: dict[str, Any], count: int) -> None:
    handler = Recorder()
    events = [record(f"{n}", partition_key=f"{n}") for n in range(50)]
    run(template(stream=stream, Mapping=mapping()), events, handler)

    shards = {each["eventID"].partition(":")[0] for e in handler.events for each in e["Records"]}
    assert shards == {f"shardId-{n:012}" for n in range(count)}


def test_a_partition_key_is_in_one_shard_by_its_md5_hash() -> None:
    handler = Recorder()
    shape = template(stream={"ShardCount": 2}, Mapping=mapping())
    run(shape, [record("a", partition_key="a"), record("b", partition_key="b")], handler)

    # md5("a") begins with 0c, md5("b") with 92.
    assert [event["Records"][0]["eventID"][:20] for event in handler.events] == [
        "shardId-000000000000",
        "shardId-000000000001",
    ]


def test_the_parallelization_factor_keeps_the_order_of_each_key() -> None:
    handler = Recorder()
    events = [record(f"{key}{n}", partition_key=key) for n in range(20) for key in "abcdefg"]
    delivery = run(
        kinesis(ParallelizationFactor=4, BatchSize=3), events, handler, durations={"Handler": 1}
    )

    seen = defaultdict(list)
    for name in [name for batch in handler.batches for name in batch]:
        seen[name[0]].append(int(name[1:]))
    assert dict(seen) == {key: list(range(20)) for key in "abcdefg"}
    starts = [attempt.time for leg in delivery.handled for attempt in leg.attempts]
    assert sum(1 for _ in groupby(sorted(starts))) < len(handler.batches)


def test_the_lanes_of_a_shard_do_not_block_each_other() -> None:
    handler = throws_on("poison")
    events = [record("poison", partition_key="a"), record("e", partition_key="e")]
    [handled] = run(kinesis(ParallelizationFactor=2), events, handler, until=100).handled

    assert handled.event == "e"


def test_several_mappings_each_get_every_record() -> None:
    shape = kinesis()
    shape["Resources"] |= {"Other": function(), "Mapping2": mapping(name="Other")}
    handlers = {"Handler": throws_on("a"), "Other": Recorder()}
    delivery = deliver(shape, records("a"), handlers=handlers, until=100)

    assert {leg.path: leg.outcome for leg in delivery.of("a")} == {
        ("Stream", "Handler"): Outcome.PENDING,
        ("Stream", "Other"): Outcome.HANDLED,
    }


def test_two_mappings_of_one_function_are_two_ways() -> None:
    filters = filtering({"data": {"kind": ["other"]}})
    shape = template(Mapping=mapping(**filters), Mapping2=mapping())
    delivery = run(shape, records("a"))

    assert {leg.path: leg.outcome for leg in delivery.of("a")} == {
        ("Stream", "Mapping", "Handler"): Outcome.FILTERED,
        ("Stream", "Mapping2", "Handler"): Outcome.HANDLED,
    }


def test_an_alias_leads_to_its_function() -> None:
    alias = {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Handler"}, "Name": "live"},
    }
    delivery = run(template(Live=alias, Mapping=mapping(name="Live")), records("a"))

    assert delivery.handled[0].path == ("Stream", "Handler")


def test_a_consumer_of_the_stream_leads_to_it() -> None:
    consumer = {
        "Type": "AWS::Kinesis::StreamConsumer",
        "Properties": {"ConsumerName": "fast", "StreamARN": STREAM},
    }
    handler = Recorder()
    shape = template(Consumer=consumer, Mapping=mapping({"Ref": "Consumer"}))
    delivery = run(shape, records("a"), handler)

    assert delivery.handled[0].path == ("Stream", "Handler")
    arn = handler.events[0]["Records"][0]["eventSourceARN"]
    assert arn.startswith("arn:aws:kinesis:us-east-1:123456789012:stream/Stream/consumer/fast:")


def test_more_than_two_readers_of_a_table_are_warned_of() -> None:
    shape = dynamodb()
    shape["Resources"] |= {"Mapping2": mapping(TABLE), "Mapping3": mapping(TABLE)}
    delivery = run(shape, [change("a")])

    assert delivery.warnings == (
        "Table: 3 mappings read the table's stream; DynamoDB throttles more than 2 readers of a "
        "shard",
    )


def test_as_many_mappings_as_one_likes_read_a_kinesis_stream() -> None:
    shape = template(Mapping=mapping(), Mapping2=mapping(), Mapping3=mapping())

    assert run(shape, records("a")).warnings == ()


def test_a_disabled_mapping_reads_nothing() -> None:
    delivery = run(kinesis(Enabled=False), records("a"))

    [leg] = delivery.lost
    assert (leg.attempts, leg.lost_at, leg.lost_because) == ([], DAY, "trimmed")


def test_a_stream_that_nobody_reads_holds_its_records() -> None:
    delivery = run(template(), [record("a", stream="Stream")])

    assert delivery.held[0].held == [Held("Stream", 0, "no mapping reads it", until=DAY)]


def test_a_table_has_as_many_shards_as_assumed() -> None:
    handler = Recorder()
    events = [change(f"{number}") for number in range(20)]
    run(dynamodb(), events, handler, assumptions=Assumptions(table_shards=3))

    assert len(handler.batches) == 3


def test_the_changes_of_an_item_are_in_order_in_one_shard() -> None:
    handler = Recorder()
    keys = [{"id": {"S": "1"}, "at": {"N": f"{number}"}} for number in range(20)]
    events = [change(f"{n}", keys=key) for n, key in enumerate(keys)]
    run(dynamodb(), events, handler, assumptions=Assumptions(table_shards=9))

    assert len(handler.batches) == 1


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"])
def test_both_kinds_of_tables_have_streams(kind: str) -> None:
    shape = dynamodb()
    shape["Resources"]["Table"]["Type"] = kind

    assert run(shape, [change("a")]).handled[0].path == ("Table", "Handler")


def test_a_hundred_thousand_records_are_handled() -> None:
    """What a quadratic model would take hours for."""
    events = [record(f"{n}", partition_key=f"{n}") for n in range(100_000)]
    shape = template(stream={"ShardCount": 4}, Mapping=mapping(**REPORTS))

    delivery = run(shape, events, lambda _, __: {"batchItemFailures": []})

    assert delivery.counts()["handled"] == 100_000
