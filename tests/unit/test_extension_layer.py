from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import AppConfigExtension, ParametersExtension, PatternError
from tests.extensions import (
    FUNCTION,
    imported_layers,
    layer_arn,
    layers_of,
    plain_function,
    variables_of,
)
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

    from serverless_patterns import PythonFunction

NAME = "AWS-AppConfig-Extension"
ARM = lambda_.Architecture.ARM_64
X86 = lambda_.Architecture.X86_64


@pytest.fixture
def flags(stack: cdk.Stack) -> AppConfigExtension:
    return AppConfigExtension(stack, "Flags", feature_flags={"sale": True})


def flags_with(stack: cdk.Stack, layer: Any) -> AppConfigExtension:
    return AppConfigExtension(stack, "Flags", feature_flags={"sale": True}, layer=layer)


@pytest.mark.parametrize(("architecture", "part"), [(ARM, "arm64"), (X86, "x86")])
def test_the_newest_layer_for_the_functions_architecture_is_looked_up_at_deployment(
    stack: cdk.Stack, flags: AppConfigExtension, architecture: lambda_.Architecture, part: str
) -> None:
    flags.attach(plain_function(stack, "Reader", architecture=architecture))

    assert layers_of(stack) == [f"/aws/service/aws-appconfig/lambda-extension/{part}/latest"]
    parameters = assertions.Template.from_stack(stack).find_parameters("*")
    types = [each["Type"] for name, each in parameters.items() if "appconfig" in name]
    assert types == ["AWS::SSM::Parameter::Value<String>"]


def test_functions_of_one_stack_share_what_is_looked_up(
    stack: cdk.Stack, flags: AppConfigExtension
) -> None:
    for name in ("One", "Two"):
        flags.attach(plain_function(stack, name))

    template = assertions.Template.from_stack(stack)
    parameters = [name for name in template.find_parameters("*") if "appconfig" in name]
    assert len(parameters) == 1
    for function in template.find_resources(FUNCTION).values():
        assert function["Properties"]["Layers"] == [{"Ref": parameters[0]}]


def test_a_function_in_a_nested_stack_looks_it_up_there(
    stack: cdk.Stack, flags: AppConfigExtension
) -> None:
    nested = cdk.NestedStack(stack, "Inner")
    flags.attach(plain_function(nested, "Reader"))

    assert layers_of(nested) == ["/aws/service/aws-appconfig/lambda-extension/x86/latest"]


def test_two_extensions_of_a_kind_are_one_layer_and_of_two_kinds_are_two(
    stack: cdk.Stack, flags: AppConfigExtension
) -> None:
    function = plain_function(stack, "Reader")
    flags.attach(function)
    AppConfigExtension(stack, "Limits", content={}).attach(function, prefix="LIMITS_")
    secret = cdk.aws_secretsmanager.Secret(stack, "Secret")
    for name in ("One", "Two"):
        ParametersExtension(stack, name, secrets=[secret]).attach(function)

    assert layers_of(stack) == [
        "/aws/service/aws-appconfig/lambda-extension/x86/latest",
        "/aws/service/aws-parameters-and-secrets-lambda-extension/x86/latest",
    ]


def test_layers_that_a_function_has_stay(stack: cdk.Stack, flags: AppConfigExtension) -> None:
    arn = layer_arn("Mine")
    flags.attach(plain_function(stack, "Reader", layers=imported_layers(stack, arn)))

    assert layers_of(stack) == [arn, "/aws/service/aws-appconfig/lambda-extension/x86/latest"]


def test_a_layer_may_be_pinned(stack: cdk.Stack) -> None:
    arn = layer_arn(f"{NAME}-Arm64")
    [layer] = imported_layers(stack, arn)
    function = plain_function(stack, "Reader", architecture=ARM)
    flags_with(stack, layer).attach(function)
    AppConfigExtension(stack, "Limits", content={}, layer=layer).attach(function, prefix="LIMITS_")

    assert layers_of(stack) == [arn]


@pytest.mark.parametrize(
    ("name", "architecture", "message"),
    [
        (f"{NAME}-Arm64", X86, "be one for x86_64, as the function is, got one for arm64"),
        (NAME, ARM, "be one for arm64, as the function is, got one for x86_64"),
    ],
)
def test_a_layer_of_another_architecture_is_refused(
    stack: cdk.Stack, name: str, architecture: lambda_.Architecture, message: str
) -> None:
    [layer] = imported_layers(stack, layer_arn(name))
    function = plain_function(stack, "Reader", architecture=architecture)
    flags = flags_with(stack, layer)

    told = (
        f"Shop/Flags: layer must {message}; "
        "omit it to get the newest for the function's architecture"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(function)


def test_a_layer_of_this_app_is_refused_for_what_it_was_not_built_for(
    stack: cdk.Stack, entry: Path
) -> None:
    layer = lambda_.LayerVersion(
        stack,
        "Copy",
        code=lambda_.Code.from_asset(str(entry)),
        compatible_architectures=[ARM],
    )
    flags = flags_with(stack, layer)

    told = (
        "Shop/Flags: layer must be one for x86_64, as the function is, got one for arm64; "
        "omit it to get the newest for the function's architecture"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(plain_function(stack, "Reader"))


def test_a_layer_that_says_nothing_of_architectures_is_taken(stack: cdk.Stack, entry: Path) -> None:
    layer = lambda_.LayerVersion(stack, "Copy", code=lambda_.Code.from_asset(str(entry)))
    flags_with(stack, layer).attach(plain_function(stack, "Reader"))

    [resolved] = layers_of(stack)
    assert resolved == stack.resolve(layer.layer_version_arn)


def test_a_second_layer_of_the_extension_is_refused(
    stack: cdk.Stack, flags: AppConfigExtension
) -> None:
    [arm, mine] = imported_layers(stack, layer_arn(f"{NAME}-Arm64"), layer_arn("Mine"))
    had = plain_function(stack, "Had", layers=[arm])
    got = plain_function(stack, "Got")
    flags.attach(got)
    limits = AppConfigExtension(stack, "Limits", content={}, layer=mine)

    told = (
        "{}: layer must be the only one of its extension, got another AWS-AppConfig-Extension on "
        "{}; remove it from the function's layers, or give the same one everywhere"
    )
    with pytest.raises(PatternError, match=exactly(told.format("Shop/Flags", "Shop/Had"))):
        flags.attach(had)
    with pytest.raises(PatternError, match=exactly(told.format("Shop/Limits", "Shop/Got"))):
        limits.attach(got, prefix="LIMITS_")


def test_five_layers_are_taken_and_six_are_refused(
    stack: cdk.Stack, flags: AppConfigExtension
) -> None:
    layers = imported_layers(stack, *(layer_arn(f"Layer{index}") for index in range(5)))
    full = plain_function(stack, "Full", layers=layers)
    flags.attach(plain_function(stack, "Four", layers=layers[:4]))

    told = (
        "Shop/Flags: function must have room for one more layer than the 5 that Lambda takes, "
        "got 5 layers on Shop/Full; put code of its own into its entry, or merge layers"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(full)


def test_a_refused_function_stays_as_it_was(stack: cdk.Stack) -> None:
    [layer] = imported_layers(stack, layer_arn(NAME))
    function = plain_function(stack, "Reader", architecture=ARM, environment={"MINE": "1"})
    with pytest.raises(PatternError):
        flags_with(stack, layer).attach(function)

    assert layers_of(stack) == []
    assert variables_of(stack) == {"MINE": "1"}


def test_an_image_is_refused(stack: cdk.Stack, flags: AppConfigExtension) -> None:
    image = lambda_.DockerImageFunction(
        stack,
        "Image",
        code=lambda_.DockerImageCode.from_ecr(ecr.Repository(stack, "Repository")),
    )

    told = (
        "Shop/Flags: function must be a zip, as a container image has no layers, "
        "got a container image; copy the extension into the image and grant_read its function"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(image)


def test_an_architecture_without_a_layer_of_awss_wants_a_layer(
    stack: cdk.Stack, flags: AppConfigExtension
) -> None:
    function = plain_function(
        stack, "Reader", architecture=lambda_.Architecture.custom("riscv", "linux/riscv64")
    )

    told = (
        "Shop/Flags: layer must be given for an architecture that AWS publishes no layer for, "
        "got riscv; give the layer, or choose x86_64 or arm64"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(function)


def test_what_is_no_layer_is_refused(stack: cdk.Stack) -> None:
    told = (
        "Shop/Flags: layer must be a LayerVersion, got 'arn:aws:lambda'; for example "
        "lambda_.LayerVersion.from_layer_version_arn(self, 'Layer', arn)"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags_with(stack, "arn:aws:lambda")


@pytest.mark.parametrize("kind", ["alias", "version"])
def test_what_is_published_is_refused(
    stack: cdk.Stack, flags: AppConfigExtension, handler: PythonFunction, kind: str
) -> None:
    version = handler.current_version
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=version)
    got = {"alias": "an alias", "version": "a version"}[kind]

    told = (
        f"Shop/Flags: function must be a function that this app defines, got {got}, whose layers "
        "and environment are published; attach the function that it leads to before publishing: "
        "its attribute lambda_"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(alias if kind == "alias" else version)


def test_what_is_defined_elsewhere_is_refused(stack: cdk.Stack, flags: AppConfigExtension) -> None:
    imported = lambda_.Function.from_function_name(stack, "Imported", "reader")

    told = (
        "Shop/Flags: function must be a function that this app defines, got one that is defined "
        "elsewhere; attach it where it is defined, before publishing"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(imported)


def test_what_is_no_function_is_refused(flags: AppConfigExtension) -> None:
    told = (
        "Shop/Flags: function must be a function that this app defines, got str; "
        "make one with PythonFunction"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach("reader")  # type: ignore[arg-type] # what is refused
