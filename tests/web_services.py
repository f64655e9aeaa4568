"""What tests of web services make and ask of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from serverless_patterns import Compute, WebService

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ALL = {Compute.LAMBDA: 1, Compute.FARGATE: 0, Compute.EC2: 0}
DOCKERFILE = """\
FROM python:3.13-slim
COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0 /lambda-adapter \
/opt/extensions/lambda-adapter
ENTRYPOINT ["python", "-m", "http.server"]
"""


def write_image(folder: Path, dockerfile: str = DOCKERFILE) -> Path:
    """A folder with a Dockerfile."""
    folder.mkdir()
    (folder / "Dockerfile").write_text(dockerfile)
    return folder


def network(stack: cdk.Stack) -> ec2.IVpc:
    """A network that is there already, so that the template is the service's alone."""
    there = stack.node.try_find_child("Network")
    if there is not None:
        return cast("ec2.IVpc", there)
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Network",
        vpc_id="vpc-1",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=["us-east-1a", "us-east-1b"],
        public_subnet_ids=["public-1", "public-2"],
        public_subnet_route_table_ids=["rtb-1", "rtb-2"],
        private_subnet_ids=["private-1", "private-2"],
        private_subnet_route_table_ids=["rtb-3", "rtb-4"],
        isolated_subnet_ids=["isolated-1", "isolated-2"],
        isolated_subnet_route_table_ids=["rtb-5", "rtb-6"],
    )


def serve(stack: cdk.Stack, image: Any, **options: Any) -> WebService:
    """A service in that network, of everything unless weights say otherwise."""
    vpc = options.pop("vpc", None) or network(stack)
    return WebService(stack, "Web", image=image, vpc=vpc, **{"weights": ALL, **options})


def template(stack: cdk.Stack) -> dict[str, Any]:
    """The resources by their logical ids."""
    found: dict[str, Any] = assertions.Template.from_stack(stack).to_json()["Resources"]
    return found


def of_type(stack: cdk.Stack, kind: str) -> dict[str, Mapping[str, Any]]:
    """The properties of each resource of a type, by the path in the tree below the service."""
    found = {}
    for each in stack.node.find_all():
        if isinstance(each, cdk.CfnResource) and each.cfn_resource_type == kind:
            found[
                each.node.path.removeprefix(f"{stack.node.path}/Web/").removesuffix("/Resource")
            ] = template(stack)[stack.resolve(each.logical_id)]["Properties"]
    return found


def warnings(stack: cdk.Stack, path: str = "/Shop/Web") -> dict[str, str]:
    """The texts of warnings by their ids."""
    said = {}
    everything = assertions.Match.string_like_regexp(".*")
    for each in assertions.Annotations.from_stack(stack).find_warning(path, everything):
        text, _, name = str(each.entry.data).removesuffix("]").partition(" [ack: ")
        said[name.removeprefix("serverless-patterns:")] = text
    return said
