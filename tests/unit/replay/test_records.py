"""What a failure record says, and what is said of one that is spoilt."""

from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.replay import FailedBatch, ReplayError, replay
from tests.messages import exactly
from tests.unit.replay.answers import FUNCTION, SHARD, STREAM, TABLE, failure


@pytest.mark.parametrize(
    ("record", "message"),
    [
        pytest.param("nonsense", "a failure record must be JSON, got 'nonsense'", id="no JSON"),
        pytest.param("[]", "a failure record must be a JSON object, got []", id="no object"),
        pytest.param(
            {"version": "1.0", "requestPayload": {}},
            "a failure record must hold KinesisBatchInfo or DDBStreamBatchInfo, got version, "
            "requestPayload; it is none of a stream's",
            id="of an asynchronous invocation",
        ),
        pytest.param(
            "{}",
            "a failure record must hold KinesisBatchInfo or DDBStreamBatchInfo, got nothing; it is "
            "none of a stream's",
            id="empty",
        ),
        pytest.param(
            "[" * 100_000, f"a failure record must be JSON, got '{'[' * 59}", id="deeper than deep"
        ),
        pytest.param(
            {"KinesisBatchInfo": None},
            "KinesisBatchInfo of a failure record must be an object, got None",
            id="nothing where it points to",
        ),
        pytest.param(
            {**failure(), "requestContext": "worker"},
            "requestContext of a failure record must be an object, got 'worker'",
            id="a text for the context",
        ),
        pytest.param(
            failure(streamArn="orders"),
            "streamArn of a failure record must be the ARN of a stream of kinesis, got 'orders'",
            id="no ARN",
        ),
        pytest.param(
            failure(streamArn=TABLE),
            "streamArn of a failure record must be the ARN of a stream of kinesis, got "
            f"{TABLE!r:.60}",
            id="the stream of a table",
        ),
        pytest.param(
            failure(shardId=7), "shardId of a failure record must be a text, got 7", id="a shard"
        ),
        pytest.param(
            failure(startSequenceNumber=10),
            "startSequenceNumber of a failure record must be a number in a text, got 10",
            id="a number that is none in a text",
        ),
        pytest.param(
            failure(endSequenceNumber="12a"),
            "endSequenceNumber of a failure record must be a number in a text, got '12a'",
            id="a text that is no number",
        ),
        pytest.param(
            failure(endSequenceNumber="9" * 5_000),
            f"endSequenceNumber of a failure record must be a number in a text, got '{'9' * 59}",
            id="longer than any number",
        ),
        *(
            pytest.param(
                failure(batchSize=size),
                f"batchSize of a failure record must be a number of records, got {size!r}",
                id=f"{size!r} records",
            )
            for size in ("3", 0, True, 2.5, None)
        ),
        pytest.param(
            {**failure(), "payload": 5},
            "a failure record must be a JSON object, got 5",
            id="a number for the payload",
        ),
        pytest.param(
            {**failure(), "payload": {"Records": {"a": 1}}},
            "Records of a failure record must be a list, got {'a': 1}",
            id="an object for the records",
        ),
        *(
            pytest.param(
                {**failure(), "payload": {"Records": [each]}},
                "Records of a failure record must be records of kinesis with their sequence "
                f"numbers, got {each!r}",
                id=f"{each!r} for a record",
            )
            for each in (7, {}, {"kinesis": None}, {"kinesis": {"sequenceNumber": "x"}})
        ),
        pytest.param(
            {"KinesisBatchInfo": {"streamArn": STREAM}},
            "a failure record must hold 'shardId', got none; was it cut?",
            id="cut",
        ),
    ],
)
def test_what_is_no_failure_record_is_refused(record: Any, message: str) -> None:
    with pytest.raises(ReplayError, match=exactly(message)):
        replay(record)


def test_a_failed_batch_says_where_its_records_are() -> None:
    batch = FailedBatch.from_record(failure())

    assert (batch.service, batch.start, batch.end, batch.batch_size) == ("kinesis", "10", "12", 3)
    assert batch.function_arn == FUNCTION
    assert str(batch) == f"{SHARD} of {STREAM}"
