"""What a local deployment makes of AWS's extension layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local.assembly import Template
from serverless_patterns.local.extension_layers import name_layers, use_local_ports

if TYPE_CHECKING:
    from pathlib import Path

LOOKED_UP = "AWS::SSM::Parameter::Value<String>"


def template(folder: Path, content: dict[str, Any]) -> Template:
    return Template("Shop", folder / "shop.json", content)


@pytest.mark.parametrize(
    "name",
    [
        "/aws/service/aws-appconfig/lambda-extension/x86/latest",
        "/aws/service/aws-appconfig/lambda-extension/arm64/latest",
        "/aws/service/aws-parameters-and-secrets-lambda-extension/arm64/latest",
    ],
)
def test_a_layer_that_aws_names_is_named_here(tmp_path: Path, name: str) -> None:
    parameters = {"Layer": {"Type": LOOKED_UP, "Default": name}}

    shop = template(tmp_path, {"Parameters": parameters})
    name_layers([shop], "eu-west-1")

    assert shop.content["Parameters"]["Layer"] == {
        "Type": "String",
        "Default": "arn:aws:lambda:eu-west-1:123456789012:layer:stands-in-for-an-extension:1",
    }


@pytest.mark.parametrize(
    "parameter",
    [
        {"Type": LOOKED_UP, "Default": "/cdk-bootstrap/hnb659fds/version"},
        {"Type": "String", "Default": "/aws/service/aws-appconfig/lambda-extension/x86/latest"},
        {"Type": LOOKED_UP},
        {"Type": "Number", "Default": 1},
    ],
)
def test_any_other_parameter_stays(tmp_path: Path, parameter: dict[str, Any]) -> None:
    shop = template(tmp_path, {"Parameters": {"Some": dict(parameter)}})
    name_layers([shop], "eu-west-1")

    assert shop.content["Parameters"]["Some"] == parameter


def test_a_function_looks_for_the_agents_of_the_local_cloud(tmp_path: Path) -> None:
    variables = {
        "AWS_APPCONFIG_EXTENSION_HTTP_PORT": "3000",
        "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": "3001",
        "TABLE": "books",
    }
    resources = {
        "Named": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Environment": {"Variables": variables}},
        },
        "Bare": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }

    shop = template(tmp_path, {"Resources": resources})
    use_local_ports([shop])

    named = shop.resources["Named"]["Properties"]["Environment"]["Variables"]
    assert named == {"TABLE": "books"}
    assert shop.resources["Bare"]["Properties"] == {}
