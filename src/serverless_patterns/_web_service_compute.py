"""What computes a web service, and how much of the traffic each gets."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError


class Compute(enum.Enum):
    """What runs the image of a ``WebService``.

    Attributes:
        LAMBDA: A Lambda function, one request at a time in each environment.
        FARGATE: Tasks of Amazon ECS on AWS Fargate.
        EC2: The same tasks on EC2 instances of an auto-scaling group.
    """

    LAMBDA = "lambda"
    FARGATE = "fargate"
    EC2 = "ec2"

    def __repr__(self) -> str:
        return f"Compute.{self.name}"


CONTAINERS = (Compute.FARGATE, Compute.EC2)
_EXAMPLE = "for example {Compute.LAMBDA: 9, Compute.FARGATE: 1}"


def weights_of(path: str, weights: Any) -> dict[Compute, int]:
    """The weights in one order, however they were given.

    Raises:
        PatternError: If a load balancer couldn't divide traffic by them.
    """
    if weights is None:
        return {Compute.LAMBDA: 1}
    if not isinstance(weights, Mapping) or not weights:
        raise PatternError(
            path,
            "weights",
            rule="give each Compute that is to be made a number",
            got=repr(weights),
            remedy=_EXAMPLE,
        )
    for compute, weight in weights.items():
        _check(path, compute, weight)
    known = [each for each in weights.values() if not cdk.Token.is_unresolved(each)]
    if len(known) == len(weights) and not any(known):
        raise PatternError(
            path,
            "weights",
            rule="give one Compute more than 0",
            got="0 for all",
            remedy="a weight of 0 keeps one ready beside others; leave out what isn't to be made",
        )
    return {compute: weights[compute] for compute in Compute if compute in weights}


def check_per_compute(path: str, name: str, given: Any, made: Mapping[Compute, int]) -> None:
    """Refuse what is said of a compute that isn't made.

    Raises:
        PatternError: If there is such, or ``given`` is not by compute.
    """
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise PatternError(
            path, name, rule="be by Compute", got=repr(given), remedy="write {Compute.FARGATE: ...}"
        )
    for compute in given:
        if compute not in made:
            raise PatternError(
                path,
                name,
                rule="be for a Compute that weights names",
                got=repr(compute),
                remedy=f"weights names {', '.join(map(repr, made))}",
            )


def _check(path: str, compute: object, weight: Any) -> None:
    if not isinstance(compute, Compute):
        raise PatternError(
            path,
            "weights",
            rule=f"be by {', '.join(map(repr, Compute))}",
            got=repr(compute),
            remedy=_EXAMPLE,
        )
    if cdk.Token.is_unresolved(weight):
        return
    allowed = _quotas.TARGET_GROUP_WEIGHTS
    if isinstance(weight, bool) or not isinstance(weight, int) or weight not in allowed:
        raise PatternError(
            path,
            "weights",
            rule=f"be whole numbers from {allowed[0]} to {allowed[-1]}",
            got=f"{weight!r} for {compute!r}",
            remedy=_EXAMPLE,
        )
