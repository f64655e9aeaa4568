"""A function that is invoked with what it failed on."""

from __future__ import annotations

import pytest

from serverless_patterns.replay import ReplayError, invoke
from tests.messages import exactly
from tests.unit.replay.answers import Clients, expect_invocation


@pytest.mark.parametrize(
    "answer", ["null", "{}", '{"batchItemFailures": []}', '{"batchItemFailures": null}', '"done"']
)
def test_a_function_that_handles_all_is_done(clients: Clients, answer: str) -> None:
    expect_invocation(clients, [], answer)

    invoke("worker", {"Records": []}, client=clients)

    [(_, options)] = clients.asked
    assert options["config"].read_timeout > 900
    assert options["config"].retries == {"total_max_attempts": 1}


def test_a_function_that_fails_is_told(clients: Clients) -> None:
    expect_invocation(clients, [], '{"errorMessage": "no"}', FunctionError="Unhandled")

    with pytest.raises(ReplayError, match=exactly('worker failed: {"errorMessage": "no"}')):
        invoke("worker", {"Records": []}, client=clients)


def test_a_function_that_answers_no_json_is_told(clients: Clients) -> None:
    expect_invocation(clients, [], "done")

    with pytest.raises(ReplayError, match=exactly("worker answered no JSON: done")):
        invoke("worker", {"Records": []}, client=clients)


def test_a_function_that_fails_on_a_record_is_told(clients: Clients) -> None:
    expect_invocation(clients, [], '{"batchItemFailures": [{"itemIdentifier": "11"}]}')

    with pytest.raises(
        ReplayError, match=exactly('worker failed on records: [{"itemIdentifier": "11"}]')
    ):
        invoke("worker", {"Records": []}, client=clients)


def test_a_function_is_invoked_where_its_arn_says(clients: Clients) -> None:
    arn = "arn:aws:lambda:us-east-2:111122223333:function:worker"
    expect_invocation(clients, [], name=arn)

    invoke(arn, {"Records": []}, client=clients)

    [(_, options)] = clients.asked
    assert options["region_name"] == "us-east-2"
