"""Changes of a table, fetched as Lambda delivered them."""

from __future__ import annotations

import json

import boto3
import pytest

from serverless_patterns.replay import ReplayError, replay
from tests.messages import exactly
from tests.unit.replay.answers import (
    ARRIVED,
    FIRST_CHANGE,
    SHARD,
    TABLE,
    Clients,
    change,
    expect_changes,
    failed_changes,
)


def test_changes_of_a_table_come_as_lambda_delivered_them(clients: Clients) -> None:
    expired = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    expect_changes(clients, [], [change(0)], [change(1), change(2, userIdentity=expired)])

    [event] = replay(failed_changes(), client=clients)

    assert [each["eventID"] for each in event["Records"]] == ["id0", "id1", "id2"]
    assert event["Records"][2] == {
        "eventID": "id2",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": int(ARRIVED.timestamp()),
            "Keys": {"id": {"S": "2"}},
            "NewImage": {"id": {"S": "2"}, "blob": {"B": "AA=="}, "set": {"BS": ["YQ=="]}},
            "SequenceNumber": str(FIRST_CHANGE + 2),
            "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
        "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
        "eventSourceARN": TABLE,
    }
    assert json.loads(json.dumps(event)) == event
    assert clients.asked == [("dynamodbstreams", {"region_name": "eu-west-1"})]


def test_changes_of_a_day_ago_are_told(clients: Clients) -> None:
    clients["dynamodbstreams"].add_client_error("get_shard_iterator", "TrimmedDataAccessException")

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {TABLE}: record {FIRST_CHANGE} can't be fetched: it is older than what "
            "the stream keeps"
        ),
    ):
        replay(failed_changes(), client=clients)


def test_a_pointer_that_was_spoilt_is_told() -> None:
    session = boto3.session.Session("test", "test", region_name="eu-west-1")
    with pytest.raises(
        ReplayError,
        match=exactly(
            f"shardId-1 of {TABLE}: record {FIRST_CHANGE} can't be fetched: Parameter validation "
            "failed: Invalid length for parameter ShardId, value: 9, valid min length: 28"
        ),
    ):
        replay(failed_changes(shardId="shardId-1"), client=session.client)


def test_an_open_shard_without_changes_ends_the_search(clients: Clients) -> None:
    expect_changes(clients, [change(0)], *[[]] * 50)

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {TABLE}: record {FIRST_CHANGE + 2} can't be fetched: the shard ends "
            "before it"
        ),
    ):
        replay(failed_changes(), client=clients)
