"""Load balancers, deployed and called over HTTP: every kind of route, bytes, queries, cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns.local import Deployed, LocalCloud
    from tests.local.conftest import DeployApp

STACK = "Balanced"
BYTES = bytes(range(256))


@pytest.fixture(scope="module")
def deployed(deploy_app: DeployApp) -> Deployed:
    return deploy_app("load_balancer")


@pytest.fixture(scope="module")
def inner(deployed: Deployed, local_cloud: LocalCloud) -> Iterator[httpx.Client]:
    assert deployed
    url = local_cloud.outputs(STACK)["InnerUrl"]
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "unit"),
    [
        ("GET", "books", "Listing"),
        ("GET", "books/new", "Listing"),
        ("GET", "books/7", "Book"),
        ("GET", "books/a%20b", "Book"),
        ("GET", "books/7/parts/3", "Parts"),
        ("GET", "files/a", "Files"),
        ("PUT", "files/a/b/c/d/e.txt", "Files"),
        ("POST", "books", "Rest"),
        ("POST", "books/7", "Rest"),
        ("GET", "books/", "Rest"),
        ("GET", "books/7/parts", "Rest"),
        ("GET", "books/7/parts/3/pages/1", "Rest"),
        ("GET", "files", "Rest"),
        ("GET", "Books", "Rest"),
        ("GET", "", "Rest"),
    ],
)
def test_a_request_reaches_the_function_of_its_route(
    inner: httpx.Client, method: str, path: str, unit: str
) -> None:
    answer = inner.request(method, path)

    assert (answer.status_code, answer.json()["unit"]) == (200, unit)
    assert answer.json()["method"] == method


def test_bytes_come_and_go_as_they_are(inner: httpx.Client) -> None:
    answer = inner.post("files/mirror", content=BYTES)

    assert (answer.status_code, answer.content) == (200, BYTES[::-1])
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_key_that_comes_twice_has_two_values(inner: httpx.Client) -> None:
    answer = inner.get("books?tag=a&tag=b&one=1")

    assert answer.json()["query"] == {"tag": ["a", "b"], "one": ["1"]}


def test_cookies_come_in_one_header_and_go_each_in_its_own(inner: httpx.Client) -> None:
    answer = inner.get("books", headers={"cookie": "one=1; two=2", "x-shop": "north"})

    headers = answer.json()["headers"]
    assert (headers["cookie"], headers["x-shop"]) == (["one=1; two=2"], ["north"])
    assert answer.headers.get_list("set-cookie") == ["first=1; Path=/", "second=2; Path=/"]


def test_without_a_catch_all_the_load_balancer_answers_404(
    deployed: Deployed, local_cloud: LocalCloud
) -> None:
    assert deployed
    url = local_cloud.outputs(STACK)["ClosedUrl"]

    answer = httpx.get(f"{url}nowhere", timeout=60)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    assert answer.headers["content-type"] == "application/json"
    assert httpx.get(f"{url}books/7", timeout=60).json()["unit"] == "Book"


def test_plain_http_is_sent_to_https_where_there_is_a_certificate(
    deployed: Deployed, local_cloud: LocalCloud
) -> None:
    name = urlsplit(deployed.outputs[STACK]["OuterUrl"]).hostname

    def get(port: int) -> httpx.Response:
        headers = {"host": f"{name}:{port}"}
        return httpx.get(f"{local_cloud.endpoint}/books?a=1", headers=headers, timeout=60)

    redirect, answer = get(80), get(443)
    assert redirect.status_code == 301
    assert redirect.headers["location"] == f"https://{name}:443/books?a=1"
    assert (answer.status_code, answer.json()["unit"]) == (200, "Files")


def test_what_is_written_otherwise_for_the_emulator_is_named(deployed: Deployed) -> None:
    assert len(deployed.translated) == 4
    assert all(path.startswith(f"{STACK}.") for path in deployed.translated)
    told = {limit.says for limit in deployed.unenforced}
    assert "access logs" in told
    assert "TLS of a load balancer: its listener answers plain requests that name its port" in told
