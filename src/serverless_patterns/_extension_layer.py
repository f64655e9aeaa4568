"""Layers with which AWS ships Lambda extensions, found when a stack is deployed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm

from serverless_patterns import _function_rules, _quotas
from serverless_patterns._errors import PatternError, check_type, kind_of, refusals_of
from serverless_patterns._invocation import environment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How AWS's parameters and layers call what Lambda calls x86_64 and arm64.
_PARAMETER_PARTS = {"x86_64": "x86", "arm64": "arm64"}
_LAYER_SUFFIXES = {"x86_64": "", "arm64": "-Arm64"}


@dataclass(frozen=True)
class ExtensionLayer:
    """An extension of AWS's, and where its layers are.

    Attributes:
        construct_id: The id under which a function imports the layer.
        layer_name: What its layers are called, for x86_64.
        parameter: Where AWS publishes, in each region, the ARN of the newest one.
    """

    construct_id: str
    layer_name: str
    parameter: str

    def check(
        self, path: str, function: lambda_.Function, layer: lambda_.ILayerVersion | None
    ) -> None:
        """Refuse a function that can't load the extension.

        Args:
            path: The construct path of what the function is attached to.
            function: The function.
            layer: The layer to load. None - the newest, for the function's architecture.

        Raises:
            PatternError: If Lambda has no room for it, or it would fail the function's start.
        """
        if function.runtime.name == lambda_.Runtime.FROM_IMAGE.name:
            raise PatternError(
                path,
                "function",
                rule="be a zip, as a container image has no layers",
                got="a container image",
                remedy="copy the extension into the image and grant_read its function",
            )
        architecture = function.architecture.name
        if layer is None and architecture not in _PARAMETER_PARTS:
            raise PatternError(
                path,
                "layer",
                rule="be given for an architecture that AWS publishes no layer for",
                got=architecture,
                remedy="give the layer, or choose x86_64 or arm64",
            )
        if layer is not None:
            self._check_architecture(path, architecture, layer)
        there = _layers_of(function)
        if self._arn(function, layer) in there:
            return
        if any(self._is_one(each) for each in there) or self._imported(function):
            raise PatternError(
                path,
                "layer",
                rule="be the only one of its extension",
                got=f"another {self.layer_name} on {function.node.path}",
                remedy="remove it from the function's layers, or give the same one everywhere",
            )
        if len(there) >= _quotas.LAMBDA_LAYERS:
            raise PatternError(
                path,
                "function",
                rule=f"have room for one more layer than the {_quotas.LAMBDA_LAYERS} "
                "that Lambda takes",
                got=f"{len(there)} layers on {function.node.path}",
                remedy="put code of its own into its entry, or merge layers",
            )

    def add(self, function: lambda_.Function, layer: lambda_.ILayerVersion | None) -> None:
        """Let a function load the extension, once.

        Args:
            function: The function.
            layer: The layer to load. None - the newest, for the function's architecture.
        """
        arn = self._arn(function, layer)
        if arn in _layers_of(function):
            return
        if layer is None:
            layer = lambda_.LayerVersion.from_layer_version_arn(
                function, self.construct_id, self._newest(function)
            )
        with refusals_of("lambda_.Function.add_layers", function.node.path):
            function.add_layers(layer)

    def _arn(self, function: lambda_.Function, layer: lambda_.ILayerVersion | None) -> object:
        if layer is not None:
            return cdk.Stack.of(function).resolve(layer.layer_version_arn)
        imported = self._imported(function)
        return imported and cdk.Stack.of(function).resolve(imported.layer_version_arn)

    def _imported(self, function: lambda_.Function) -> lambda_.ILayerVersion | None:
        child = function.node.try_find_child(self.construct_id)
        return cast("lambda_.ILayerVersion", child) if child else None

    def _newest(self, function: lambda_.Function) -> str:
        # A parameter of the template: CloudFormation reads it in the region that it deploys to.
        part = _PARAMETER_PARTS[function.architecture.name]
        return ssm.StringParameter.value_for_string_parameter(
            cdk.Stack.of(function), f"{self.parameter}/{part}/latest"
        )

    def _check_architecture(
        self, path: str, architecture: str, layer: lambda_.ILayerVersion
    ) -> None:
        compatible = _architectures_of(layer)
        name = _layer_name(layer.layer_version_arn)
        for suited, suffix in _LAYER_SUFFIXES.items():
            if name == f"{self.layer_name}{suffix}":
                compatible = [suited]
        if compatible and architecture not in compatible:
            raise PatternError(
                path,
                "layer",
                rule=f"be one for {architecture}, as the function is",
                got=f"one for {' and '.join(compatible)}",
                remedy="omit it to get the newest for the function's architecture",
            )

    def _is_one(self, arn: object) -> bool:
        names = {f"{self.layer_name}{suffix}" for suffix in _LAYER_SUFFIXES.values()}
        return _layer_name(arn) in names


def _layers_of(function: lambda_.Function) -> Sequence[object]:
    """The ARNs of a function's layers, as its template has them."""
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    properties = cdk.Stack.of(function).resolve(resource._cfn_properties)  # noqa: SLF001
    layers: Sequence[object] = properties.get("layers") or ()
    return layers


def _layer_name(arn: object) -> str | None:
    """What a layer is called, as far as its ARN tells before it is deployed."""
    found = re.search(r":layer:([\w-]+)", arn) if isinstance(arn, str) else None
    return found[1] if found else None


def _architectures_of(layer: lambda_.ILayerVersion) -> Sequence[str]:
    """What a layer of this app says that it was built for."""
    resource = layer.node.default_child
    if isinstance(resource, lambda_.CfnLayerVersion):
        return resource.compatible_architectures or ()
    return ()


def defined_function(path: str, function: object) -> lambda_.Function:
    """The function, if its layers and its environment can be changed here.

    Raises:
        PatternError: If they can't.
    """
    if isinstance(function, lambda_.Function):
        return function
    if isinstance(function, lambda_.Alias | lambda_.Version):
        kind = "an alias" if isinstance(function, lambda_.Alias) else "a version"
        got = f"{kind}, whose layers and environment are published"
        remedy = "attach the function that it leads to before publishing: its attribute lambda_"
    elif hasattr(function, "grant_principal") and not isinstance(function, type):
        got = "one that is defined elsewhere"
        remedy = "attach it where it is defined, before publishing"
    else:
        got, remedy = kind_of(function), "make one with PythonFunction"
    raise PatternError(
        path, "function", rule="be a function that this app defines", got=got, remedy=remedy
    )


def check_layer(path: str, layer: object) -> None:
    """Refuse what is no layer.

    Raises:
        PatternError: If it has no ARN.
    """
    if isinstance(layer, type) or (layer is not None and not hasattr(layer, "layer_version_arn")):
        example = "lambda_.LayerVersion.from_layer_version_arn(self, 'Layer', arn)"
        check_type(path, "layer", layer, lambda_.LayerVersion, example)


def check_variables(
    path: str, function: lambda_.Function, variables: Mapping[str, str], remedy: str
) -> None:
    """Refuse a function whose environment says otherwise, or has no room.

    Args:
        path: The construct path of what the function is attached to.
        function: The function.
        variables: What its environment is to say.
        remedy: What to do about another value.

    Raises:
        PatternError: If a variable has another value, or Lambda would refuse the environment.
    """
    stack = cdk.Stack.of(function)
    there = environment_of(function)
    for name, value in variables.items():
        got = there.get(name)
        if name in there and stack.resolve(value) != got:
            raise PatternError(
                path,
                "function",
                rule=f"have {value} in {name}",
                got=f"{got!r} in {function.node.path}",
                remedy=remedy,
            )


def check_room(function: lambda_.Function, variables: Mapping[str, str]) -> None:
    """Refuse variables that Lambda can't name, or has no room for beside those that are there.

    Raises:
        PatternError: If Lambda would refuse the environment.
    """
    there = environment_of(function)
    known = {name: value for name, value in there.items() if isinstance(value, str)}
    _function_rules.check_environment(function.node.path, {**known, **variables})
