"""What a web function and a web service take from one region alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, WebAdapterFunction, WebService

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACCOUNT = "111111111111"


@pytest.fixture
def app(make_app: Callable[..., cdk.App]) -> cdk.App:
    return make_app()


@pytest.fixture
def here(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Here", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))


@pytest.fixture
def there(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "There", env=cdk.Environment(account=ACCOUNT, region="us-east-1"))


def code_of(scope: cdk.Stack) -> lambda_.EcrImageCode:
    repository = ecr.Repository(scope, "Images", repository_name="images")
    return lambda_.Code.from_ecr_image(repository, tag_or_digest="1.4.2")


def test_an_image_in_another_region_is_refused(here: cdk.Stack, there: cdk.Stack) -> None:
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(here, "Web", image=code_of(there))

    assert str(refused.value) == (
        "Here/Web: image must be in eu-west-1 as the function is, got a repository in us-east-1; "
        "replicate the repository there, and give that one"
    )


def test_an_image_in_the_same_region_is_taken(here: cdk.Stack, app: cdk.App) -> None:
    other = cdk.Stack(app, "Other", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))

    assert WebAdapterFunction(here, "Web", image=code_of(other))


def test_an_image_whose_region_is_known_at_deployment_is_not_guessed(
    app: cdk.App, there: cdk.Stack
) -> None:
    stack = cdk.Stack(app, "Shop")
    known = ecr.Repository.from_repository_name(there, "Images", "images")

    assert WebAdapterFunction(
        stack, "Web", image=lambda_.Code.from_ecr_image(known, tag_or_digest="1.4.2")
    )


def test_a_vpc_in_another_region_is_refused(here: cdk.Stack, there: cdk.Stack, image: Path) -> None:
    with pytest.raises(PatternError) as refused:
        WebService(here, "Web", image=image, vpc=ec2.Vpc(there, "Vpc"))

    assert str(refused.value) == (
        "Here/Web: vpc must be in eu-west-1 as the service is, got one in us-east-1; define both "
        "in stacks of one region"
    )
