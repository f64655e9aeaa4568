"""The same requests, to the applications that the construct deployed to the local cloud."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.frameworks.app import title
from tests.frameworks.exchange import Direct
from tests.frameworks.rows import ROWS, Row

if TYPE_CHECKING:
    from tests.frameworks.conftest import Application
    from tests.frameworks.exchange import Answer, Request

# What the emulator's HTTP API makes of a path: it decodes it, and encodes it anew.
AGAIN = {"/hello/100%25": "/hello/100%25", "/hello/a%2Fb": "/hello/a/b"}
# What API Gateway says of an answer without a type.
TYPE_IF_NONE = {"content-type": ["application/json"]}
# Of a file, the time of its copy.
OF_THE_COPY = {"etag", "last-modified"}
FILES = {"/", "/static/style.css"}


@pytest.fixture
def deployed(application: Application, urls: dict[str, str]) -> tuple[Direct, str, str]:
    """The local cloud's server, with the host and the path of this framework's application."""
    url = urlsplit(urls[f"{title(application.framework)}Url"])
    return Direct(url.port or 80), url.netloc, url.path.rstrip("/")


def ask(deployed: tuple[Direct, str, str], request: Request) -> Answer:
    server, host, path = deployed
    return server.send(replace(request, host=host, path=f"{path}{request.path}"))


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.name != "options"], ids=lambda row: row.name
)
def test_deployed_it_answers_as_its_own_server_does(
    application: Application, deployed: tuple[Direct, str, str], row: Row
) -> None:
    path = AGAIN.get(row.request.path, row.request.path)

    answer = ask(deployed, row.request).compared()

    direct = application.ask("direct", replace(row.request, path=path, host=deployed[1]))
    expected = direct.first_headers.compared()
    expected["headers"] = TYPE_IF_NONE | expected["headers"]
    if path in FILES:
        for headers in (answer["headers"], expected["headers"]):
            headers.update(dict.fromkeys(OF_THE_COPY & headers.keys()))
    assert answer == expected


def test_the_emulator_answers_options_itself(
    application: Application, deployed: tuple[Direct, str, str]
) -> None:
    [row] = [row for row in ROWS if row.name == "options"]

    assert ask(deployed, row.request).status == 403
    assert application.ask("direct", row.request).status != 403
