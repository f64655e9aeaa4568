"""Records of Kinesis, fetched as Lambda delivered them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from serverless_patterns import _quotas
from serverless_patterns.replay import ReplayError, replay
from tests.messages import exactly
from tests.unit.replay.answers import (
    SHARD,
    STREAM,
    Clients,
    delivered,
    expect_iterator,
    expect_records,
    failure,
    stored,
)


def test_a_pointer_leads_to_the_records_as_lambda_delivered_them(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11), [], stored(12, 13))

    events = list(replay(failure(), client=clients))

    assert events == [{"Records": delivered(10, 11, 12)}]
    assert clients.asked == [("kinesis", {"region_name": "eu-west-1"})]


def test_sequence_numbers_are_compared_as_numbers(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 99, 100))

    pointer = failure(endSequenceNumber="100")
    [event] = replay(pointer, client=clients)
    assert [each["eventID"] for each in event["Records"]] == [
        f"{SHARD}:{number}" for number in (10, 99, 100)
    ]


def test_enhanced_fan_out_is_read_from_its_stream(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12))
    consumer = f"{STREAM}/consumer/orders:1700000000"

    [event] = replay(failure(streamArn=consumer), client=clients)
    assert {each["eventSourceARN"] for each in event["Records"]} == {consumer}


def test_a_notification_in_a_queue_is_unwrapped(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12))
    body = json.dumps({"Type": "Notification", "Message": json.dumps(failure())})

    assert list(replay(body, client=clients)) == [{"Records": delivered(10, 11, 12)}]


def test_a_record_with_its_payload_needs_no_stream(clients: Clients) -> None:
    payload = json.dumps({"Records": delivered(8, 9, 10, 11, 12)})

    events = list(replay({**failure(), "payload": payload}, client=clients))

    assert events == [{"Records": delivered(10, 11, 12)}]
    assert clients.asked == []


def test_a_payload_of_only_some_failures_is_not_enough(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12))
    payload = json.dumps({"Records": delivered(11, 12)})

    events = list(replay({**failure(), "payload": payload}, client=clients))
    assert events == [{"Records": delivered(10, 11, 12)}]


def test_events_stay_below_what_one_invocation_takes(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12, data=b"x" * 2_000_000))

    events = list(replay(failure(), client=clients))

    assert [len(event["Records"]) for event in events] == [2, 1]
    assert max(len(json.dumps(event)) for event in events) <= _quotas.LAMBDA_PAYLOAD_BYTES


def test_events_hold_no_more_records_than_asked_for(clients: Clients) -> None:
    payload = {"Records": delivered(10, 11, 12)}

    events = list(replay({**failure(), "payload": payload}, batch_size=2, client=clients))
    assert events == [{"Records": delivered(10, 11)}, {"Records": delivered(12)}]


def test_a_record_that_the_stream_lost_is_told(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(11, 12))

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {STREAM}: record 10 can't be fetched: it is older than what the stream "
            "keeps"
        ),
    ):
        replay(failure(), client=clients)


def test_a_shard_that_ends_too_soon_is_told_and_what_the_record_holds(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11), ends=True)
    payload = {"Records": delivered(12)}

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {STREAM}: record 12 can't be fetched: the shard ends before it; the "
            "failure record itself holds 1 of 3"
        ),
    ):
        replay({**failure(), "payload": payload}, client=clients)


def test_an_empty_shard_ends_the_search(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, [])

    with pytest.raises(
        ReplayError,
        match=exactly(f"{SHARD} of {STREAM}: record 10 can't be fetched: the shard ends before it"),
    ):
        replay(failure(), client=clients)


def test_a_last_record_that_was_passed_is_told(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 13))

    with pytest.raises(
        ReplayError,
        match=exactly(f"{SHARD} of {STREAM}: record 12 can't be fetched: it isn't where it was"),
    ):
        replay(failure(), client=clients)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("ResourceNotFoundException", "the stream or the shard is gone"),
        ("InvalidArgumentException", "the stream doesn't know its sequence number any more"),
    ],
)
def test_what_kinesis_refuses_is_told(clients: Clients, code: str, why: str) -> None:
    clients["kinesis"].add_client_error("get_shard_iterator", code)

    with pytest.raises(
        ReplayError, match=exactly(f"{SHARD} of {STREAM}: record 10 can't be fetched: {why}")
    ):
        replay(failure(), client=clients)


def test_what_the_caller_may_not_read_stays_awss_own_error(clients: Clients) -> None:
    clients["kinesis"].add_client_error("get_shard_iterator", "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDeniedException"):
        replay(failure(), client=clients)
