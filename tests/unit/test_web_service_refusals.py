from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Compute, PatternError, WebService
from tests.messages import exactly
from tests.web_services import ALL, network, serve

if TYPE_CHECKING:
    from pathlib import Path

LAMBDA, FARGATE, EC2 = Compute
SECONDS = cdk.Duration.seconds
EXAMPLE = "for example {Compute.LAMBDA: 9, Compute.FARGATE: 1}"
LIST = "weights must be by Compute.LAMBDA, Compute.FARGATE, Compute.EC2"
RANGE = "weights must be whole numbers from 0 to 999"
NUMBER = "weights must give each Compute that is to be made a number"

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"weights": {}}, f"{NUMBER}, got {{}}; {EXAMPLE}"),
    ({"weights": [LAMBDA]}, f"{NUMBER}, got [Compute.LAMBDA]; {EXAMPLE}"),
    ({"weights": {"lambda": 1}}, f"{LIST}, got 'lambda'; {EXAMPLE}"),
    ({"weights": {LAMBDA: 1000}}, f"{RANGE}, got 1000 for Compute.LAMBDA; {EXAMPLE}"),
    ({"weights": {EC2: -1}}, f"{RANGE}, got -1 for Compute.EC2; {EXAMPLE}"),
    ({"weights": {FARGATE: 0.5}}, f"{RANGE}, got 0.5 for Compute.FARGATE; {EXAMPLE}"),
    ({"weights": {FARGATE: True}}, f"{RANGE}, got True for Compute.FARGATE; {EXAMPLE}"),
    (
        {"weights": {LAMBDA: 0, EC2: 0}},
        "weights must give one Compute more than 0, got 0 for all; a weight of 0 keeps one ready "
        "beside others; leave out what isn't to be made",
    ),
    (
        {"idle_timeout": SECONDS(4001)},
        "idle_timeout must be whole seconds from 1 to 4,000, got 4,001 s; for example "
        "cdk.Duration.seconds(30)",
    ),
    (
        {"deregistration_delay": SECONDS(3601)},
        "deregistration_delay must be whole seconds from 0 to 3,600, got 3,601 s; for example "
        "cdk.Duration.seconds(30)",
    ),
    (
        {"deregistration_delay": SECONDS(59)},
        "deregistration_delay must be at least the 60 s of idle_timeout: a task is stopped after "
        "it, with requests that it hasn't answered, got 59 s; omit it to get the same",
    ),
    (
        {"stop_timeout": SECONDS(121)},
        "stop_timeout must be whole seconds from 2 to 120, got 121 s; for example "
        "cdk.Duration.seconds(30)",
    ),
    (
        {"cpu": 500},
        "cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got 500; omit it "
        "to get 512, half a core",
    ),
    (
        {"memory_limit_mib": 512},
        "memory_limit_mib must be from 1024 to 4096 in steps of 1024 MiB with 512 CPU units, got "
        "512; the least is 1024",
    ),
    (
        {"cpu": 256, "memory_limit_mib": 4096},
        "memory_limit_mib must be one of 512, 1024, 2048 MiB with 256 CPU units, got 4096; the "
        "least is 512",
    ),
    (
        {"cpu": 4096},
        "memory_limit_mib must be from 8192 to 30720 in steps of 1024 MiB with 4096 CPU units, "
        "got 1024; the least is 8192",
    ),
    (
        {"min_capacity": 0},
        "min_capacity must be a whole number from 1 to 5,000, got 0; omit it to get 2",
    ),
    (
        {"max_capacity": 5001},
        "max_capacity must be a whole number from 1 to 5,000, got 5001; omit it to get 10",
    ),
    (
        {"max_capacity": 1},
        "max_capacity must be at least the 2 tasks of min_capacity, got 1; raise it",
    ),
    (
        {"target_utilization_percent": 101},
        "target_utilization_percent must be a whole number from 1 to 100, got 101; omit it to get "
        "60",
    ),
    (
        {"requests_per_target": 0},
        "requests_per_target must be a whole number from 1 to 1,000,000, got 0; omit it to get 600",
    ),
    (
        {"architecture": "arm64"},
        "architecture must be an Architecture, got 'arm64'; for example "
        "lambda_.Architecture.ARM_64",
    ),
    (
        {"weights": {EC2: 1}, "cpu": 2048, "memory_limit_mib": 4096},
        "instance_type must have room for a task of 2048 CPU units and 4096 MiB, got none, which "
        "means one with 2048 and 3584 MiB for tasks; give a larger one, such as "
        'ec2.InstanceType("m7g.2xlarge")',
    ),
    (
        {"weights": {EC2: 1}, "cpu": 4096, "memory_limit_mib": 8192},
        "instance_type must have room for a task of 4096 CPU units and 8192 MiB, got none, which "
        "means one with 2048 and 3584 MiB for tasks; give a larger one, such as "
        'ec2.InstanceType("m7g.2xlarge")',
    ),
    (
        {"instance_type": "t3.medium"},
        "instance_type must be an InstanceType, got 't3.medium'; for example "
        'ec2.InstanceType("t4g.medium")',
    ),
    (
        {"instance_type": ec2.InstanceType("t3.medium")},
        "instance_type must be of arm64, as the image is, got t3.medium; omit it to get one that "
        "is, or choose the other architecture",
    ),
    (
        {
            "instance_type": ec2.InstanceType("m7g.large"),
            "architecture": lambda_.Architecture.X86_64,
        },
        "instance_type must be of x86_64, as the image is, got m7g.large; omit it to get one that "
        "is, or choose the other architecture",
    ),
    (
        {"tag_or_digest": "1.4.2"},
        "tag_or_digest must be given with a repository, got '1.4.2'; omit it: what is built has a "
        "tag of its content",
    ),
    (
        {"port": 3000},
        "port must not be the one where the extension of CloudWatch Lambda Insights listens, got "
        "3000; let the application listen where the variable PORT says, and omit it",
    ),
    (
        {"readiness_path": "health"},
        "readiness_path must start with a slash and hold no query, fragment, space or "
        "character beyond ASCII, got 'health'; write '/health'",
    ),
    (
        {"environment": {"PORT": "80"}},
        "environment must leave the adapter's variables to the keywords that write them, got "
        "'PORT'; use the keyword of that name; for_events() sets what events take",
    ),
    (
        {"environment": {"AWS_REGION": "x"}, "weights": {FARGATE: 1}},
        "environment must leave alone the names that Lambda sets itself, got 'AWS_REGION'; choose "
        "another name",
    ),
    (
        {"max_body_size": 10},
        "max_body_size must be a Size, got 10; for example cdk.Size.mebibytes(10)",
    ),
    (
        {"service_subnets": "private"},
        "service_subnets must be a SubnetSelection, got 'private'; for example "
        "ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)",
    ),
    (
        {"service_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)},
        "service_subnets must be private, as nothing but the load balancer has a public address, "
        "got public ones; give the VPC subnets of type PRIVATE_WITH_EGRESS",
    ),
    (
        {"public": " "},
        "public must say why the API may be open to anyone, got ' '; for example "
        'public="The catalogue is for everyone"',
    ),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=str)
def test_it_refuses_what_aws_would(
    stack: cdk.Stack, image: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Web: {message}")):
        serve(stack, image, **options)

    assert stack.node.try_find_child("Web") is None


@pytest.mark.parametrize(
    "options",
    [
        {"weights": {FARGATE: 1}},
        {"weights": {EC2: 1}, "instance_type": ec2.InstanceType("m7g.2xlarge")},
    ],
    ids=str,
)
def test_a_large_task_is_taken_where_there_is_room(
    stack: cdk.Stack, image: Path, options: dict[str, Any]
) -> None:
    service = serve(stack, image, cpu=4096, memory_limit_mib=8192, **options)

    assert service.tasks


def test_an_instance_type_that_is_none_is_refused(stack: cdk.Stack, image: Path) -> None:
    with pytest.raises(
        PatternError,
        match=r"\AShop/Web: arguments must be what ec2.InstanceType takes, got CDK's refusal: "
        r"MalformedInstanceTypeIdentifier: Malformed instance type identifier; "
        r"change the argument that it names\Z",
    ):
        serve(stack, image, instance_type=ec2.InstanceType("medium"))


def test_an_instance_type_that_is_known_at_deployment_is_not_guessed(
    stack: cdk.Stack, image: Path
) -> None:
    given = cdk.CfnParameter(stack, "Type").value_as_string

    assert serve(stack, image, instance_type=ec2.InstanceType(given)).auto_scaling_group


def test_a_vpc_of_public_subnets_alone_is_refused(stack: cdk.Stack, image: Path) -> None:
    public = ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=[public])

    message = (
        "Shop/Web: service_subnets must be private, as nothing but the load balancer has a public "
        "address, got a VPC with public ones alone; give the VPC subnets of type "
        "PRIVATE_WITH_EGRESS"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image, vpc=vpc)


def test_what_is_no_vpc_is_refused(stack: cdk.Stack, image: Path) -> None:
    message = (
        "Shop/Web: vpc must be a VPC, got 'vpc-1'; make one with ec2.Vpc, or "
        'ec2.Vpc.from_lookup(self, "Vpc", vpc_id=...)'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image, vpc="vpc-1")


def test_a_variable_that_the_library_sets_can_not_be_added(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image, weights={FARGATE: 1})

    message = (
        "Shop/Web: environment must leave the adapter's variables to the keywords that write "
        "them, got 'AWS_LWA_PORT'; use the keyword of that name; for_events() sets what events "
        "take"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        service.add_environment("AWS_LWA_PORT", "80")


def test_a_second_one_of_its_name_is_refused(stack: cdk.Stack, image: Path) -> None:
    vpc = network(stack)
    WebService(stack, "Web", image=image, vpc=vpc)

    message = "Shop/Web: id must be unique in Shop, got a second 'Web'; choose another id"
    with pytest.raises(PatternError, match=exactly(message)):
        WebService(stack, "Web", image=image, vpc=vpc)


def test_numbers_that_are_known_at_deployment_are_not_guessed(
    stack: cdk.Stack, image: Path
) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number

    assert serve(
        stack,
        image,
        weights={**ALL, FARGATE: number, LAMBDA: 0},
        min_capacity=number,
        max_capacity=number,
        cpu=number,
        memory_limit_mib=number,
    ).services
