"""What a template asks AWS for the newest of, layers and machine images, where there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from serverless_patterns.local.agents import PORT_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.local.assembly import Template

_PARAMETER = re.compile(
    r"/aws/service/(?:aws-appconfig/lambda-extension|aws-parameters-and-secrets-lambda-extension)"
    r"/[^/]+/[^/]+"
)
# A layer of an account that the emulator doesn't hold: it takes it, and there is nothing in it.
_LAYER = "arn:aws:lambda:{region}:123456789012:layer:stands-in-for-an-extension:1"

_IMAGE_ID = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
_IMAGE = "ami-0123456789abcdef0"  # the emulator starts no machine


def use_local_ports(templates: Sequence[Template]) -> None:
    """Have functions find the agents of the local cloud, whatever port they name."""
    for template in templates:
        for resource in template.resources.values():
            if resource["Type"] == "AWS::Lambda::Function":
                environment = resource.get("Properties", {}).get("Environment", {})
                for name in PORT_VARIABLES:
                    environment.get("Variables", {}).pop(name, None)


def name_layers(templates: Sequence[Template], region: str) -> None:
    """Name layers and machine images where a template asks AWS for the newest.

    The emulator has none of AWS's public parameters.

    Args:
        templates: What is deployed to one region.
        region: That region.
    """
    for template in templates:
        for parameter in template.content.get("Parameters", {}).values():
            default = parameter.get("Default")
            is_looked_up = parameter.get("Type", "").startswith("AWS::SSM::Parameter::Value<")
            if is_looked_up and isinstance(default, str) and _PARAMETER.fullmatch(default):
                parameter |= {"Type": "String", "Default": _LAYER.format(region=region)}
            elif parameter.get("Type") == _IMAGE_ID and str(default).startswith("/aws/service/"):
                parameter |= {"Type": "String", "Default": _IMAGE}
