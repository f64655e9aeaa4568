from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Compute, PatternError
from tests.load_balancers import one
from tests.messages import exactly
from tests.web_services import DOCKERFILE, serve, write_image

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]

NAMED = "tag_or_digest must name one image, which each compute pulls at a time of its own"
UNMOVED = "give a digest, or a tag that isn't moved"


def test_one_image_is_built_for_all(make_app: MakeApp, image: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    serve(stack, image)

    [container] = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    assert one(stack, "AWS::Lambda::Function")["Code"] == {"ImageUri": container["Image"]}
    manifest = Path(app.synth().directory, "Shop.assets.json").read_text()
    [built] = json.loads(manifest)["dockerImages"].values()
    assert built["source"]["platform"] == "linux/arm64"


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        (lambda_.Architecture.X86_64, ("x86_64", "X86_64", "t3.medium")),
        (lambda_.Architecture.ARM_64, ("arm64", "ARM64", "t4g.medium")),
        (None, ("arm64", "ARM64", "t4g.medium")),
    ],
)
def test_all_are_of_one_architecture(
    stack: cdk.Stack, image: Path, architecture: Any, expected: tuple[str, str, str]
) -> None:
    serve(stack, image, architecture=architecture)

    [of_function] = one(stack, "AWS::Lambda::Function")["Architectures"]
    of_tasks = one(stack, "AWS::ECS::TaskDefinition")["RuntimePlatform"]["CpuArchitecture"]
    data = one(stack, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    assert (of_function, of_tasks, data["InstanceType"]) == expected
    parameters = assertions.Template.from_stack(stack).to_json()["Parameters"]
    published = parameters[data["ImageId"]["Ref"]]["Default"]
    assert ("arm64" in published) is (of_function == "arm64")


def test_an_image_can_be_one_of_a_repository(stack: cdk.Stack) -> None:
    repository = ecr.Repository(stack, "Repository")
    serve(stack, repository, tag_or_digest="1.4.2")

    [container] = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    assert one(stack, "AWS::Lambda::Function")["Code"] == {"ImageUri": container["Image"]}
    assert ":1.4.2" in json.dumps(container["Image"])


def test_an_image_can_be_an_asset(stack: cdk.Stack, image: Path) -> None:
    asset = ecr_assets.DockerImageAsset(
        stack, "Built", directory=str(image), build_args={"SHOP": "books"}
    )
    serve(stack, asset)

    [container] = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    assert asset.image_tag in json.dumps(container["Image"])
    assert one(stack, "AWS::Lambda::Function")["Code"] == {"ImageUri": container["Image"]}


def test_a_folder_without_a_dockerfile_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    remedy = "a path starts where the app is run: Path(__file__).parent makes it yours"
    message = f"Shop/Web: image must be a folder with a Dockerfile, got {tmp_path}, which has none"
    with pytest.raises(PatternError, match=exactly(f"{message}; {remedy}")):
        serve(stack, tmp_path)

    there = tmp_path / "there"
    message = f"Shop/Web: image must be a folder with a Dockerfile, got {there}, which is no folder"
    with pytest.raises(PatternError, match=exactly(f"{message}; {remedy}")):
        serve(stack, str(there))


@pytest.mark.parametrize("given", [7, ecr.Repository])
def test_what_is_no_image_is_refused(stack: cdk.Stack, given: Any) -> None:
    message = (
        "Shop/Web: image must be a folder with a Dockerfile, a DockerImageAsset or a repository, "
        f"got {given!r}; for a repository, give tag_or_digest as well"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, given)


@pytest.mark.parametrize("tag", [None, "latest", " "])
def test_a_tag_that_moves_is_refused(stack: cdk.Stack, tag: Any) -> None:
    repository = ecr.Repository(stack, "Repository")

    message = f"Shop/Web: {NAMED}, got {tag!r}; {UNMOVED}"
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, repository, tag_or_digest=tag)


def test_a_tag_that_is_known_at_deployment_is_not_guessed(stack: cdk.Stack) -> None:
    repository = ecr.Repository(stack, "Repository")
    tag = cdk.CfnParameter(stack, "Tag").value_as_string

    assert serve(stack, repository, tag_or_digest=tag).function


def test_a_tag_that_is_no_text_is_refused(stack: cdk.Stack) -> None:
    repository = ecr.Repository(stack, "Repository")

    message = "Shop/Web: tag_or_digest must be a str, got 7; for example 'sha256:...'"
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, repository, tag_or_digest=7)


def test_an_image_without_the_adapter_is_refused_where_lambda_runs_it(
    stack: cdk.Stack, tmp_path: Path
) -> None:
    folder = write_image(tmp_path / "plain", "FROM python:3.13-slim\n")

    message = (
        "Shop/Web: image must hold the adapter in /opt/extensions/, where Lambda starts it, got a "
        "Dockerfile that copies none there; write COPY "
        "--from=public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0 /lambda-adapter "
        "/opt/extensions/lambda-adapter"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, folder)
    assert serve(stack, folder, weights={Compute.FARGATE: 1}).tasks


def test_a_dockerfile_that_says_otherwise_is_refused_where_lambda_runs_it(
    stack: cdk.Stack, tmp_path: Path
) -> None:
    folder = write_image(tmp_path / "exposed", f"{DOCKERFILE}EXPOSE 9000\n")

    message = (
        "Shop/Web: port must be one that the Dockerfile exposes, got 8080 where it says EXPOSE "
        "9000; listen where the variable PORT says, and expose that"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, folder)
    assert serve(stack, folder, port=9000).function
