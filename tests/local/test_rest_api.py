"""REST APIs, deployed and called over HTTP.

The emulator's importer takes neither models nor validators from a body, and streams nothing: unit
tests assert what the template says of them. Which resource AWS chooses beside a greedy one is
read in its documentation, not seen here: the body leaves nothing to that choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_patterns.local import LocalCloud
    from tests.local.conftest import DeployApp

    Client = Callable[[str], httpx.Client]

BYTES = bytes(range(256))
KEY = "a-key-of-at-least-twenty-characters"  # as the app says it


@pytest.fixture(scope="module")
def api(deploy_app: DeployApp, local_cloud: LocalCloud) -> Iterator[Client]:
    """Clients of the APIs of the app, by their names."""
    deploy_app("rest")
    outputs = local_cloud.outputs("Rest")
    clients = {
        name: httpx.Client(base_url=outputs[f"{name}Url"], timeout=30)
        for name in ("Shop", "Alone", "Keyed", "Guarded", "Closed")
    }
    yield clients.__getitem__
    for client in clients.values():
        client.close()


@pytest.fixture(scope="module")
def nested(deploy_app: DeployApp, local_cloud: LocalCloud) -> Iterator[httpx.Client]:
    deploy_app("rest_nested")
    url = local_cloud.outputs("RestNested")["Url"]
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "who", "parameters"),
    [
        ("GET", "books", "Books", None),
        ("GET", "books/17", "Books", {"id": "17"}),
        ("GET", "api/v1/authors/3", "Books", {"id": "3"}),
        ("DELETE", "files/a/b.txt", "Books", {"path": "a/b.txt"}),
        ("GET", "", "Everything", None),
        ("POST", "unknown", "Everything", None),
        ("GET", "unknown/deeper/still", "Everything", None),
        ("DELETE", "books", "Everything", None),
        ("OPTIONS", "books/17", "Everything", {"id": "17"}),
        ("PUT", "books/17", "Everything", {"id": "17"}),
        ("GET", "books/17/pages", "Everything", None),
        ("GET", "api", "Everything", None),
        ("GET", "api/unknown", "Everything", None),
        ("GET", "api/v1", "Everything", None),
        ("GET", "api/v1/authors", "Everything", None),
        ("PATCH", "api/v1/authors/3", "Everything", {"id": "3"}),
        ("GET", "files", "Everything", None),
    ],
)
def test_a_request_reaches_its_route_or_the_catch_all(
    api: Client, method: str, path: str, who: str, parameters: dict[str, str] | None
) -> None:
    answer = api("Shop").request(method, path)

    assert answer.status_code == 200
    told = answer.json()
    assert (told["who"], told["method"]) == (who, method)
    assert told["path"].strip("/") == path
    if parameters:
        assert told["parameters"] == parameters


def test_head_reaches_the_catch_all(api: Client) -> None:
    answer = api("Shop").head("books")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "unknown"), ("DELETE", "books/17"), ("GET", "books")]
)
def test_without_a_catch_all_the_api_answers_what_no_route_matches(
    api: Client, method: str, path: str
) -> None:
    assert api("Alone").get("books/17").status_code == 200
    answer = api("Alone").request(method, path)

    assert answer.status_code == 403
    assert answer.json() == {"message": "Missing Authentication Token"}


def test_bytes_come_and_go_as_they_are(api: Client) -> None:
    kind = {"Content-Type": "application/octet-stream", "Accept": "*/*"}
    answer = api("Shop").post("mirror", content=BYTES, headers=kind)

    assert (answer.status_code, answer.content) == (200, BYTES[::-1])


def test_a_key_that_comes_twice_has_two_values(api: Client) -> None:
    answer = api("Shop").get("books?tag=a&tag=b%26c")

    assert answer.json()["query"] == {"tag": ["a", "b&c"]}


def test_a_route_is_throttled_alone(api: Client) -> None:
    answers = [api("Shop").get("rare").status_code for _ in range(2)]

    assert answers == [200, 429]
    assert [api("Shop").get("books").status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 403), ({"x-api-key": "another"}, 403), ({"x-api-key": KEY}, 200)]
)
def test_a_key_is_asked_for(api: Client, headers: dict[str, str], status: int) -> None:
    assert api("Keyed").get("books", headers=headers).status_code == status


def test_an_authorizer_is_asked(api: Client) -> None:
    statuses = [
        api("Guarded").get("books", headers=headers).status_code
        for headers in ({}, {"Authorization": "open"}, {"Authorization": "open sesame"})
    ]
    assert statuses == [401, 403, 200]
    answer = api("Guarded").get("books", headers={"Authorization": "open sesame"})
    assert answer.json()["caller"] == "Ali Baba"


def test_a_closed_api_asks_for_a_signature(api: Client) -> None:
    answer = api("Closed").get("books")

    assert answer.status_code == 403
    assert answer.json() == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize(
    ("method", "path", "who"),
    [
        ("GET", "books/17", "Books"),
        ("POST", "authors", "Authors"),
        ("DELETE", "authors", "Everything"),
        ("GET", "unknown", "Everything"),
    ],
)
def test_functions_in_nested_stacks_are_reached(
    nested: httpx.Client, method: str, path: str, who: str
) -> None:
    answer = nested.request(method, path)

    assert (answer.status_code, answer.json()["who"]) == (200, who)
