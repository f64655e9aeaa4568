"""One application, asked the same in-process and deployed: at every cut, through every endpoint.

What differs is in one table, with the reason, and each row really differs: a difference that
goes away fails as one that comes does. Docs list the same rows.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from serverless_patterns import RouteTable
from tests.conftest import ROOT
from tests.local.requests import REQUESTS, Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_patterns.local import LocalCloud
    from tests.local.conftest import DeployApp

    Call = Callable[[str], httpx.Response]

SERVICE = ROOT / "tests" / "local" / "apps" / "many_service"
HTTP, REST, URL, BALANCER = "HTTP_API", "REST_API", "FUNCTION_URL", "load_balancer"
DEPLOYED = [
    *((HTTP, cut) for cut in ("monolith", "module", "route")),
    *((REST, cut) for cut in ("monolith", "route")),
    (URL, "monolith"),
    *((BALANCER, cut) for cut in ("monolith", "route")),
]
# What a server says of itself and of the connection, not the application.
OF_THE_SERVER = {"connection", "date", "server", "transfer-encoding"}
IDS = re.compile(
    r"apigw-requestid|x-amz-apigw-id|x-amz-request-id|x-amzn-requestid|x-amzn-trace-id"
)


@dataclass(frozen=True)
class Difference:
    """A request that is answered otherwise than in-process.

    Attributes:
        asks: The requests.
        endpoints: The endpoints that answer otherwise.
        what: ``status``, ``body``, or the header that differs.
        why: The reason.
    """

    asks: tuple[str, ...]
    endpoints: tuple[str, ...]
    what: tuple[str, ...]
    why: str


GATEWAYS = (HTTP, REST, URL)
EVERY = (*GATEWAYS, BALANCER)
DIFFERENCES = [
    Difference(
        ("GET /files/empty", "GET /items/7/moved", "HEAD /account/probe"),
        GATEWAYS,
        ("content-type",),
        "an answer without a content type is called application/json",
    ),
    Difference(("DELETE /items/7",), EVERY, ("content-length",), "an empty body has its length"),
    Difference(
        ("GET /account/not-modified",), EVERY, ("content-length",), "an empty body has its length"
    ),
    Difference(
        ("GET /account/not-modified",),
        GATEWAYS,
        ("content-type",),
        "an answer without a content type is called application/json",
    ),
    Difference(("GET /files/stream",), EVERY, ("content-length",), "the answer is buffered"),
    Difference(
        ("OPTIONS /account/options", "OPTIONS /items/7"),
        (HTTP,),
        ("status", "body", "content-length", "allow"),
        "the emulator answers OPTIONS itself; an HTTP API without CORS passes it on",
    ),
    Difference(
        ("OPTIONS /account/options",),
        GATEWAYS,
        ("content-type",),
        "an answer without a content type is called application/json",
    ),
    Difference(
        ("GET /items/",),
        (HTTP,),
        ("status", "body", "content-length", "content-type", "location"),
        "the emulator drops the slash at a path's end, so that nothing is left to redirect",
    ),
    Difference(
        ("GET /items/",),
        (REST, URL),
        ("content-type",),
        "an answer without a content type is called application/json",
    ),
    Difference(
        ("GET /items/a%252Fb",),
        (REST, URL, BALANCER),
        ("status", "body", "content-length"),
        "the path is decoded twice, by the emulator and by Mangum",
    ),
    Difference(
        ("POST /items/7/echo (bytes called text)",),
        (HTTP, URL),
        ("body", "content-length"),
        "a body that says it is text is passed on as text, in UTF-8",
    ),
    Difference(
        ("GET /items?tag=a%26b&tag=c%3Dd&q=e%2Bf",),
        (BALANCER,),
        ("body",),
        "the query is decoded twice, by the emulator and by Mangum",
    ),
]


@pytest.fixture(scope="module")
def in_process() -> Iterator[dict[str, httpx.Response]]:
    """What the application answers in this process, by the request."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SERVICE)
        from many.main import app  # noqa: PLC0415 - on the path for this long

        async def answers() -> dict[str, httpx.Response]:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://many") as client:
                return {ask.key: await client.send(_request(client, ask)) for ask in REQUESTS}

        yield asyncio.run(answers())


@pytest.fixture(scope="module")
def url_of(deploy_app: DeployApp, local_cloud: LocalCloud) -> Callable[..., str]:
    """Deploys the application behind an endpoint, cut, and tells where it answers."""

    def url_of(endpoint: str, granularity: str, **context: str) -> str:
        deploy_app("many", endpoint=endpoint, granularity=granularity, **context)
        name = f"Many-{endpoint}-{granularity}".replace("_", "-")
        return local_cloud.outputs(name)["Url"]

    return url_of


def test_the_requests_are_many_and_reach_every_route() -> None:
    table = RouteTable.from_app("many.main:app", entry=SERVICE)
    asked = {(ask.method, f"/{ask.target.partition('?')[0]}") for ask in REQUESTS}

    assert len({ask.key for ask in REQUESTS}) == len(REQUESTS) >= 60
    for route in table:
        path = re.sub(r"\{\w+(\+?)\}", lambda found: ".+" if found[1] else "[^/]+", route.path)
        reached = [target for method, target in asked if method == route.method]
        assert any(re.fullmatch(path, target) for target in reached), route.key


@pytest.mark.parametrize(("endpoint", "granularity"), DEPLOYED)
def test_an_application_answers_as_in_process_but_for_what_is_listed(
    url_of: Callable[..., str],
    in_process: dict[str, httpx.Response],
    endpoint: str,
    granularity: str,
) -> None:
    url = url_of(endpoint, granularity)
    with httpx.Client(timeout=30) as client:
        found = {}
        for ask in REQUESTS:
            client.cookies.clear()
            answer = client.send(_request(client, ask, url))
            differing = _differing(in_process[ask.key], answer)
            if differing:
                found[ask.key] = differing

    listed: dict[str, set[str]] = {}
    for difference in DIFFERENCES:
        for key in difference.asks if endpoint in difference.endpoints else ():
            listed.setdefault(key, set()).update(difference.what)
    assert found == listed


def test_without_a_catch_all_the_endpoint_answers_what_no_route_matches(
    url_of: Callable[..., str],
) -> None:
    url = url_of(HTTP, "module", catch_all="false")

    answer = httpx.get(f"{url}nowhere", timeout=30)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    assert httpx.get(f"{url}items/7", timeout=30).json() == {"item": "7"}


def test_a_redirect_to_a_path_of_the_applications_own_loses_the_stage_of_a_rest_api(
    url_of: Callable[..., str],
) -> None:
    answer = httpx.get(f"{url_of(REST, 'monolith')}items/", timeout=30)

    assert answer.status_code == 307
    assert httpx.URL(answer.headers["location"]).path == "/items"


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.asks[0])
def test_the_docs_list_every_difference(difference: Difference) -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "differences.md").read_text().splitlines()
        if line.startswith("|") and difference.why in line
    ]
    for key in difference.asks:
        assert any(f"`{key}`" in row for row in rows), f"{key}: {difference.why}"


def _request(
    client: httpx.Client | httpx.AsyncClient, ask: Ask, url: str = "http://many/"
) -> httpx.Request:
    return client.build_request(
        ask.method, f"{url}{ask.target}", headers=list(ask.headers), content=ask.body
    )


def _differing(expected: httpx.Response, answer: httpx.Response) -> set[str]:
    """What differs: the status, the body, or headers by their names."""
    wanted, got = _headers(expected), _headers(answer)
    differing = {name for name in wanted.keys() | got.keys() if wanted.get(name) != got.get(name)}
    if expected.status_code != answer.status_code:
        differing.add("status")
    if expected.content != answer.content:
        differing.add("body")
    return differing


def _headers(answer: httpx.Response) -> dict[str, Any]:
    """Headers as lists, those of the server aside, and places without the host they are at."""
    found: dict[str, Any] = {}
    for name, value in answer.headers.multi_items():
        if name not in OF_THE_SERVER and not IDS.fullmatch(name):
            shown = httpx.URL(value).path if name == "location" else value
            found.setdefault(name, []).append(shown)
    return found
