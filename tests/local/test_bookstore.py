"""The bookstore, deployed as it is and used over HTTP, with a look into its tables."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from serverless_patterns.local import deploy
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns.local import LocalCloud
    from tests.local.conftest import DeployApp

BOOK = {"title": "C", "author": "Kernighan", "price_cents": 4500, "stock": 5}


@pytest.fixture(scope="module")
def url(local_cloud: LocalCloud) -> str:
    """Where it answers. What other stacks of the app need, it does without."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SERVERLESS_PATTERNS_ADAPTER", "/nowhere/lambda-adapter")
        deploy(local_cloud, folder=ROOT, stacks=["Bookstore"])
    return local_cloud.outputs("Bookstore")["Url"]


@pytest.fixture
def api(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{url}api/", timeout=30) as client:
        yield client


@pytest.fixture
def isbn() -> str:
    return f"{uuid.uuid4().int % 10**13:013}"


def table(cloud: LocalCloud, name: str) -> Any:
    listed = cloud.client("cloudformation").list_stack_resources(StackName="Bookstore")
    resources = listed["StackResourceSummaries"]
    [physical] = [
        each["PhysicalResourceId"]
        for each in resources
        if each["ResourceType"] == "AWS::DynamoDB::GlobalTable"
        and each["LogicalResourceId"].startswith(name)
    ]
    dynamodb = boto3.resource(
        "dynamodb",
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    return dynamodb.Table(physical)


def test_a_book_is_created_listed_updated_and_read(
    api: httpx.Client, isbn: str, local_cloud: LocalCloud
) -> None:
    created = api.post("books", json={"isbn": isbn, **BOOK})
    listed = api.get("books", params={"limit": 100}).json()["books"]
    changed = api.put(f"books/{isbn}", json={**BOOK, "price_cents": 3900, "version": 1})
    read = api.get(f"books/{isbn}")

    assert (created.status_code, created.json()) == (201, {**BOOK, "id": isbn, "version": 1})
    assert created.json() in listed
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert read.json() == {**BOOK, "id": isbn, "price_cents": 3900, "version": 2}
    kept = table(local_cloud, "Books").get_item(Key={"id": isbn})["Item"]
    assert kept == {**BOOK, "id": isbn, "price_cents": 3900, "version": 2}


def test_books_come_in_pages(api: httpx.Client) -> None:
    added = {f"{number:013}" for number in range(5)}
    for number in added:
        api.post("books", json={"isbn": number, **BOOK})
    found: list[str] = []
    after: str | None = None
    while after is not None or not found:
        page = api.get("books", params={"limit": 2} | ({"after": after} if after else {})).json()
        assert len(page["books"]) <= 2
        found += [book["id"] for book in page["books"]]
        after = page["next"]

    assert len(found) == len({*found})
    assert added <= {*found}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "books", {"isbn": "1", **BOOK}),
        ("POST", "books", {"isbn": "9780131103627", **BOOK, "price_cents": 0}),
        ("POST", "books", {"title": "C"}),
        ("GET", "books/c", None),
        ("GET", "books?limit=0", None),
        ("POST", "orders", {"book_id": "9780131103627", "quantity": 0}),
    ],
)
def test_what_is_not_valid_is_unprocessable(
    api: httpx.Client, method: str, path: str, body: Any
) -> None:
    answer = api.request(method, path, json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"]


def test_a_second_book_of_the_same_id_is_a_conflict(api: httpx.Client, isbn: str) -> None:
    answers = [api.post("books", json={"isbn": isbn, **BOOK}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json() == {"detail": f"book {isbn} is there already"}


def test_a_change_from_an_old_version_is_a_conflict(api: httpx.Client, isbn: str) -> None:
    api.post("books", json={"isbn": isbn, **BOOK})
    answers = [api.put(f"books/{isbn}", json={**BOOK, "version": 1}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json() == {"detail": f"book {isbn} is at version 2, not 1"}


def test_what_is_not_there_is_not_found(api: httpx.Client, isbn: str) -> None:
    order = {"book_id": isbn, "quantity": 1}
    answers = [
        api.get(f"books/{isbn}"),
        api.put(f"books/{isbn}", json={**BOOK, "version": 1}),
        api.post("orders", json=order),
        api.get("orders/nothing"),
        api.get("shelves"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5


def test_an_order_takes_its_books_off_the_shelf_once(
    api: httpx.Client, isbn: str, local_cloud: LocalCloud
) -> None:
    api.post("books", json={"isbn": isbn, **BOOK})
    key = {"idempotency-key": uuid.uuid4().hex}
    order = {"book_id": isbn, "quantity": 2}

    placed = [api.post("orders", json=order, headers=key).json() for _ in range(3)]

    assert placed == [{**order, "id": key["idempotency-key"], "total_cents": 9000}] * 3
    assert api.get(f"orders/{placed[0]['id']}").json() == placed[0]
    assert api.get(f"books/{isbn}").json()["stock"] == 3
    kept = table(local_cloud, "Orders").get_item(Key={"id": placed[0]["id"]})["Item"]
    assert kept == placed[0]


def test_no_more_books_are_sold_than_there_are(api: httpx.Client, isbn: str) -> None:
    api.post("books", json={"isbn": isbn, **BOOK})

    def buy(_: int) -> int:
        return api.post("orders", json={"book_id": isbn, "quantity": 1}).status_code

    with ThreadPoolExecutor(8) as buyers:
        answers = [*buyers.map(buy, range(12))]

    assert {*answers} == {201, 409}
    assert api.get(f"books/{isbn}").json()["stock"] == 5 - answers.count(201)


def test_without_a_public_reason_only_signed_requests_are_answered(
    deploy_app: DeployApp, local_cloud: LocalCloud
) -> None:
    deploy_app("closed")
    books = f"{local_cloud.outputs('Closed')['Url']}api/books"
    signed = AWSRequest("GET", books)
    SigV4Auth(Credentials("test", "test"), "execute-api", "us-east-1").add_auth(signed)

    assert httpx.get(books, timeout=30).status_code == 403
    answer = httpx.get(books, headers=dict(signed.headers), timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"books": [], "next": None})
