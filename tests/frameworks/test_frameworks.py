"""One table of requests, sent to seven applications directly and through the adapter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.frameworks.rows import ALL_BYTES, GZIP, LINES, ROWS, Row, get

if TYPE_CHECKING:
    from tests.frameworks.conftest import Application

THROUGH = ["http-api", "load-balancer", "streamed"]
# What Rust's runtime client, which the adapter is made with, says of a stream without a type.
TYPE_IF_NONE = {"content-type": ["application/octet-stream"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_application_does_what_those_of_the_other_frameworks_do(
    application: Application, row: Row
) -> None:
    answer = application.ask("direct", row.request)

    assert row.status in {None, answer.status}
    assert row.check(answer), answer


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("way", THROUGH)
def test_the_adapter_changes_nothing(application: Application, way: str, row: Row) -> None:
    request = row.request
    if way == "http-api" and row.decoded:
        # API Gateway decodes the path, which makes of it the request for another.
        request = replace(request, path=row.decoded)

    direct = application.ask("direct", request)
    through = application.ask(way, row.request)

    if way == "http-api":
        direct = direct.first_headers  # the adapter keeps no others of a name for it
    expected = direct.compared()
    if way == "streamed":
        expected["headers"] = TYPE_IF_NONE | expected["headers"]
    assert through.compared() == expected


def test_a_streamed_answer_comes_in_parts(application: Application) -> None:
    answer = application.ask("streamed", get("/stream"))

    assert answer.body.decode() == LINES
    assert answer.moments[-1] - answer.moments[0] > 0.25


def test_the_adapter_compresses_what_the_application_does_not(application: Application) -> None:
    through = application.ask("compressed", get("/download", "", GZIP))

    assert through.header("content-encoding") == "gzip"
    assert through.decoded == ALL_BYTES
