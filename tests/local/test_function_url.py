"""Function URLs, deployed and called over HTTP: open to anyone, and closed with IAM enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns.local import LocalCloud
    from serverless_patterns.testing.plugin import StartCloud
    from tests.local.conftest import DeployApp

BYTES = bytes(range(256))
PREFLIGHT = {"Access-Control-Request-Method": "PUT"}


@pytest.fixture(scope="module")
def shop(deploy_app: DeployApp, local_cloud: LocalCloud) -> Iterator[httpx.Client]:
    deploy_app("function_url")
    url = local_cloud.outputs("FunctionUrl")["OpenUrl"]
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def enforcing(deploy_app: DeployApp, start_local_cloud: StartCloud) -> LocalCloud:
    cloud = start_local_cloud(enforce_iam=True)
    deploy_app("function_url", cloud=cloud)
    return cloud


def signed_get(cloud: LocalCloud, role: str) -> httpx.Response:
    """A request that the role signs."""
    outputs = cloud.outputs("FunctionUrl")
    taken = cloud.client("sts").assume_role(RoleArn=outputs[f"{role}Arn"], RoleSessionName="test")
    secret = taken["Credentials"]
    credentials = Credentials(
        secret["AccessKeyId"], secret["SecretAccessKey"], secret["SessionToken"]
    )
    url = f"{outputs['ClosedUrl']}books"
    request = AWSRequest("GET", url)
    SigV4Auth(credentials, "lambda", "us-east-1").add_auth(request)
    return httpx.get(url, headers=dict(request.headers), timeout=30)


def test_bytes_come_and_go_as_they_are(shop: httpx.Client) -> None:
    answer = shop.post("mirror", content=BYTES)

    assert (answer.status_code, answer.content) == (200, BYTES[::-1])
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_key_that_comes_twice_has_two_values(shop: httpx.Client) -> None:
    answer = shop.get("query?tag=a&tag=b%26c&empty=&name=caf%C3%A9")

    assert answer.json() == {"tag": ["a", "b&c"], "empty": [""], "name": ["café"]}


def test_a_path_reaches_the_application_decoded(shop: httpx.Client) -> None:
    assert shop.get("people/Ada%20Lovelace/a%2Bb").json() == {"name": "Ada Lovelace/a+b"}


def test_cookies_and_headers_that_come_twice_arrive_and_two_cookies_are_set(
    shop: httpx.Client,
) -> None:
    headers = [("cookie", "a=1; b=2"), ("x-tag", "one"), ("x-tag", "two")]
    answer = shop.get("visit", headers=headers)

    asked = answer.json()
    assert asked["cookies"] == {"a": "1", "b": "2"}
    assert [tag.strip() for tag in asked["tags"].split(",")] == ["one", "two"]
    assert sorted(answer.headers.get_list("set-cookie")) == [
        "basket=7; HttpOnly; Path=/",
        "seen=yes; Path=/",
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "", 404), ("GET", "nowhere", 404), ("DELETE", "query", 405), ("GET", "broken", 500)],
)
def test_the_application_itself_answers_what_it_does_not_know(
    shop: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = shop.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_lambda_answers_a_preflight_request_for_the_origins_that_are_named(
    shop: httpx.Client,
) -> None:
    named = shop.options("query", headers={**PREFLIGHT, "Origin": "https://shop.example"})
    other = shop.options("query", headers={**PREFLIGHT, "Origin": "https://else.example"})

    assert named.headers["access-control-allow-origin"] == "https://shop.example"
    assert named.headers["access-control-allow-methods"] == "PUT"
    assert "access-control-allow-origin" not in other.headers


def test_a_closed_url_answers_whom_it_was_granted_to_and_nobody_else(
    enforcing: LocalCloud,
) -> None:
    url = f"{enforcing.outputs('FunctionUrl')['ClosedUrl']}books"

    granted = signed_get(enforcing, "Caller")
    assert (granted.status_code, granted.json()) == (200, {"path": "/books"})
    assert signed_get(enforcing, "Stranger").status_code == 403
    assert httpx.get(url, timeout=30).status_code == 403


def test_an_open_url_answers_unsigned_requests_where_iam_is_enforced(
    enforcing: LocalCloud,
) -> None:
    url = enforcing.outputs("FunctionUrl")["OpenUrl"]

    assert httpx.get(f"{url}query?a=1", timeout=30).json() == {"a": ["1"]}


def test_a_name_is_deployed_and_refuses_plain_http(
    shop: httpx.Client, deploy_app: DeployApp, local_cloud: LocalCloud
) -> None:
    # The emulator's CloudFront calls nothing of AWS's: what lies behind it, templates must tell.
    deployed = deploy_app("function_url", named="yes")

    listed = local_cloud.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    [distribution] = [each for each in listed if "api.shop.example" in each["Aliases"]["Items"]]
    host = {"host": distribution["DomainName"]}
    assert not deployed.left_out
    assert httpx.get(f"{local_cloud.endpoint}/books", headers=host, timeout=30).status_code == 403
    assert shop.get("query?a=1").json() == {"a": ["1"]}
