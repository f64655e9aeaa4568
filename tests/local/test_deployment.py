"""Apps that are not this repository's: what is dropped, left out, lost and not enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from serverless_patterns.local import LocalCloudError
from tests.messages import exactly

if TYPE_CHECKING:
    from serverless_patterns.local import Deployed, LocalCloud
    from tests.local.conftest import DeployApp


@pytest.fixture(scope="module")
def everything(deploy_app: DeployApp) -> Deployed:
    return deploy_app("everything")


def output(deployed: Deployed, name: str) -> str:
    return deployed.outputs["Everything"][name]


def physical_id(cloud: LocalCloud, resource_type: str) -> str:
    listed = cloud.client("cloudformation").list_stack_resources(StackName="Everything")
    [found] = [
        each["PhysicalResourceId"]
        for each in listed["StackResourceSummaries"]
        if each["ResourceType"] == resource_type
    ]
    return str(found)


def rest_url(cloud: LocalCloud, path: str) -> str:
    api = physical_id(cloud, "AWS::ApiGateway::RestApi")
    return f"{cloud.endpoint}/_aws/execute-api/{api}/prod/{path}"


def test_what_the_emulator_cannot_deploy_is_left_out_and_named(everything: Deployed) -> None:
    types = sorted(left.type for left in everything.left_out)

    assert types == [
        "AWS::EC2::EIP",
        "AWS::EC2::NatGateway",
        "AWS::IAM::Policy",
        "AWS::Kinesis::StreamConsumer",
        "AWS::Kinesis::StreamConsumer",
        "Custom::S3AutoDeleteObjects",
        "Custom::VpcRestrictDefaultSG",
    ]


def test_what_referred_to_it_is_named(everything: Deployed) -> None:
    lost = {path.partition(".")[2] for path in everything.lost}

    assert "Outputs.ConsumerArn" in lost
    assert "ConsumerArn" not in everything.outputs["Everything"]
    assert any(path.endswith("DefaultRoute060D2087.NatGatewayId") for path in lost)


def test_a_request_validator_validates(everything: Deployed, local_cloud: LocalCloud) -> None:
    assert everything
    assert httpx.get(rest_url(local_cloud, "strict"), timeout=30).status_code == 400
    assert httpx.get(rest_url(local_cloud, "strict?page=1"), timeout=30).status_code == 200


def test_a_methods_throttle_throttles(everything: Deployed, local_cloud: LocalCloud) -> None:
    assert everything
    answers = [httpx.get(rest_url(local_cloud, "slow"), timeout=30) for _ in range(4)]

    assert {answer.status_code for answer in answers} == {200, 429}


def test_a_load_balancer_reaches_its_function(
    everything: Deployed, local_cloud: LocalCloud
) -> None:
    assert output(everything, "BalancerUrl")
    answer = httpx.get(local_cloud.outputs("Everything")["BalancerUrl"], timeout=30)

    assert (answer.status_code, answer.json()) == (200, {"path": "/"})


def test_a_function_url_answers(everything: Deployed, local_cloud: LocalCloud) -> None:
    assert output(everything, "FunctionUrl")
    url = local_cloud.outputs("Everything")["FunctionUrl"]

    assert httpx.get(f"{url}books", timeout=30).json() == {"path": "/books"}


def test_reserved_concurrency_is_set_in_nested_stacks_too(
    everything: Deployed, local_cloud: LocalCloud
) -> None:
    client = local_cloud.client("lambda")
    names = [function["FunctionName"] for function in client.list_functions()["Functions"]]
    reserved = {
        name: client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
        for name in names
        if "Everything" in name
    }

    assert reserved.pop(output(everything, "FunctionName")) == 3
    assert 2 in reserved.values()


def test_cdks_provider_framework_works(everything: Deployed) -> None:
    assert output(everything, "Answer") == "42"


def test_what_was_set_is_named(everything: Deployed) -> None:
    properties = {path.rpartition(".")[2] for path in everything.repaired}

    assert properties == {
        *("ReservedConcurrentExecutions", "RestApiId", "RequestValidatorId"),
        *("MethodSettings", "Targets"),
    }


def test_outputs_that_a_deployment_adds_for_itself_are_not_shown(
    everything: Deployed, local_cloud: LocalCloud
) -> None:
    shown = {*everything.outputs["Everything"], *local_cloud.outputs("Everything")}

    assert not [name for name in shown if name.startswith("LocalRepair")]


def test_nested_stacks_are_not_listed_beside_their_parent(
    everything: Deployed, local_cloud: LocalCloud
) -> None:
    assert everything
    names = [stack["StackName"] for stack in local_cloud.stacks()]

    assert "Everything" in names
    assert not [name for name in names if "Nested" in name]


def test_a_stack_that_was_left_unfinished_is_not_taken_for_unchanged(
    everything: Deployed, deploy_app: DeployApp, local_cloud: LocalCloud
) -> None:
    assert everything
    client = local_cloud.client("cloudformation")
    unfinished = {"Stacks": [{"StackStatus": "CREATE_IN_PROGRESS"}]}

    message = (
        "Everything is still CREATE_IN_PROGRESS, since a deployment was broken off; "
        "empty the local cloud with `reset`"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "describe_stacks", lambda **_: unfinished)
        with pytest.raises(LocalCloudError, match=exactly(message)):
            deploy_app("everything")


def test_what_is_not_enforced_is_told(everything: Deployed) -> None:
    says = {limit.says: limit.constructs for limit in everything.unenforced}

    assert "Everything/Function" in says["memory and the CPU that comes with it"]
    assert any(text.startswith("privileges") for text in says)


def test_a_second_deployment_sets_what_came_and_unsets_what_went(
    everything: Deployed, deploy_app: DeployApp, local_cloud: LocalCloud
) -> None:
    name = output(everything, "FunctionName")
    client = local_cloud.client("lambda")

    deploy_app("everything", letters="yes")
    function = client.get_function_configuration(FunctionName=name)
    assert "Letters" in function["DeadLetterConfig"]["TargetArn"]
    concurrency = client.get_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in concurrency

    deploy_app("everything")
    function = client.get_function_configuration(FunctionName=name)
    assert not function.get("DeadLetterConfig", {}).get("TargetArn")
    concurrency = client.get_function_concurrency(FunctionName=name)
    assert concurrency["ReservedConcurrentExecutions"] == 3


def test_a_variable_that_would_be_missing_is_an_error(deploy_app: DeployApp) -> None:
    with pytest.raises(LocalCloudError) as refused:
        deploy_app("everything", **{"needs-consumer": "yes"})

    message = str(refused.value)
    assert message.startswith("these environment variables would be missing: Everything.Function")
    assert ".Environment.Variables.CONSUMER, because the emulator can't deploy " in message
    assert message.endswith(
        "; give them a value of their own in a local deployment, for example from context"
    )


def test_a_variable_missing_in_a_stack_that_stays_out_is_not(deploy_app: DeployApp) -> None:
    deployed = deploy_app("everything", "Neighbour", **{"needs-consumer": "yes"})

    assert [*deployed.outputs] == ["Neighbour"]


def test_a_failed_deployment_is_told_in_cloudformations_words(
    everything: Deployed, deploy_app: DeployApp
) -> None:
    assert everything
    message = "Everything: Impossible (AWS::CloudFormation::CustomResource): out of paper"
    with pytest.raises(LocalCloudError, match=exactly(message)):
        deploy_app("everything", fails="yes")


def test_a_flask_application_runs_unmodified_behind_cors(
    deploy_app: DeployApp, local_cloud: LocalCloud
) -> None:
    deploy_app("wsgi")
    url = f"{local_cloud.outputs('Wsgi')['Url']}books/7"
    preflight = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "GET",
    }

    answer = httpx.get(url, headers={"user-agent": "tester"}, timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"id": 7, "agent": "tester"})
    assert httpx.get(f"{url}x", timeout=30).status_code == 404
    allowed = httpx.options(url, headers=preflight, timeout=30)
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    refused = httpx.options(url, headers={**preflight, "Origin": "https://x.example"}, timeout=30)
    assert "access-control-allow-origin" not in refused.headers
