"""The agent that stands in for the Parameters and Secrets extension, over services made up."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from serverless_patterns.local.parameters_agent import ParametersAgent

TOKEN = {"X-Aws-Parameters-Secrets-Token": "token"}


class FakeServices:
    """Parameter Store and Secrets Manager of eu-west-1; any other region is empty."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.region = ""

    def client(self, _: str, region: str) -> FakeServices:
        self.region = region
        return self

    def get_parameter(self, **request: Any) -> Any:
        self.asked.append(request)
        moment = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
        answer = {"Parameter": {"Value": "v", "LastModifiedDate": moment}, "ResponseMetadata": {}}
        return self._there(request["Name"], answer)

    def get_secret_value(self, **request: Any) -> Any:
        self.asked.append(request)
        return self._there(request["SecretId"], {"SecretBinary": b"\x00\x01"})

    def _there(self, name: str, answer: Any) -> Any:
        if name == "down":
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1")
        if name == "":
            raise ParamValidationError(report="too short")
        if self.region != "eu-west-1" or name == "no":
            code = "DecryptionFailure" if name == "locked" else "ParameterNotFound"
            raise ClientError({"Error": {"Code": code, "Message": code}}, "Get")
        return answer


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def agent(services: FakeServices) -> ParametersAgent:
    return ParametersAgent(services.client, lambda: ["us-east-1", "eu-west-1"])


def asked(agent: ParametersAgent, target: str) -> tuple[int, Any]:
    answer = agent.answer(target, TOKEN)
    return answer.status, json.loads(answer.body)


def test_a_parameter_is_answered_as_aws_does(
    agent: ParametersAgent, services: FakeServices
) -> None:
    target = "/systemsmanager/parameters/get?name=%2Fa%2Fb&withDecryption=true"

    assert asked(agent, target) == (
        200,
        {"Parameter": {"Value": "v", "LastModifiedDate": "2026-01-02T00:00:00+00:00"}},
    )
    assert services.asked[-1] == {"Name": "/a/b", "WithDecryption": True}


def test_the_paths_of_awss_own_examples_end_in_a_slash(agent: ParametersAgent) -> None:
    assert asked(agent, "/systemsmanager/parameters/get/?name=a")[0] == 200
    assert asked(agent, "/secretsmanager/get/?secretId=a")[0] == 200


@pytest.mark.parametrize("query", ["version=3", "label=3"])
def test_a_version_or_a_label_is_asked_for(
    agent: ParametersAgent, services: FakeServices, query: str
) -> None:
    asked(agent, f"/systemsmanager/parameters/get?name=a&{query}")

    assert services.asked[-1] == {"Name": "a:3", "WithDecryption": False}


def test_a_binary_secret_is_answered_in_base64(
    agent: ParametersAgent, services: FakeServices
) -> None:
    target = "/secretsmanager/get?secretId=a&versionStage=s&versionId=i"

    assert asked(agent, target) == (200, {"SecretBinary": "AAE="})
    assert services.asked[-1] == {"SecretId": "a", "VersionStage": "s", "VersionId": "i"}


def test_a_request_without_the_token_is_refused(agent: ParametersAgent) -> None:
    answer = agent.answer("/secretsmanager/get?secretId=a", {})

    message = "the header X-Aws-Parameters-Secrets-Token is missing"
    assert (answer.status, json.loads(answer.body)) == (401, {"Message": message})


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        (
            "/secretsmanager/get?secretId=no",
            400,
            "An error occurred (ParameterNotFound) when calling the Get operation: "
            "ParameterNotFound",
        ),
        (
            "/secretsmanager/get?secretId=locked",
            400,
            "An error occurred (DecryptionFailure) when calling the Get operation: "
            "DecryptionFailure",
        ),
        ("/secretsmanager/get", 400, "Parameter validation failed:\ntoo short"),
        (
            "/secretsmanager/get?secretId=down",
            500,
            'Could not connect to the endpoint URL: "http://127.0.0.1"',
        ),
        (
            "http://[",
            404,
            "the path is none of /systemsmanager/parameters/get and /secretsmanager/get",
        ),
        (
            "/other",
            404,
            "the path is none of /systemsmanager/parameters/get and /secretsmanager/get",
        ),
    ],
)
def test_what_cannot_be_had_is_told(
    agent: ParametersAgent, target: str, status: int, message: str
) -> None:
    assert asked(agent, target) == (status, {"Message": message})


def test_what_is_refused_in_one_region_is_not_looked_for_in_the_next(
    agent: ParametersAgent, services: FakeServices
) -> None:
    asked(agent, "/secretsmanager/get?secretId=locked")

    assert services.region == "us-east-1"
