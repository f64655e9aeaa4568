"""The properties that the emulator's CloudFormation drops, and how its services are told them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class RepairTarget:
    """A deployed resource to be repaired.

    Attributes:
        client: Makes a boto3 client for the resource's region.
        physical_id: What it is called there.
        properties: The properties that the repair asked for, references resolved.
        validators: The request validators that were made, by the ids that stood in for them.
    """

    client: Callable[[str], Any]
    physical_id: str
    properties: dict[str, Any]
    validators: dict[str, str]


@dataclass(frozen=True)
class Repair:
    """One thing to set.

    Attributes:
        type: The resource type.
        asks_for: The properties to resolve; without the first there is nothing to repair.
        apply: Sets it.
        undo: Unsets it where the template no longer has the first property.
    """

    type: str
    asks_for: tuple[str, ...]
    apply: Callable[[RepairTarget], None]
    undo: Callable[[RepairTarget], None] | None = None


def _set_cors(target: RepairTarget) -> None:
    cors = target.properties["CorsConfiguration"]
    target.client("apigatewayv2").update_api(ApiId=target.physical_id, CorsConfiguration=cors)


def _set_concurrency(target: RepairTarget) -> None:
    target.client("lambda").put_function_concurrency(
        FunctionName=target.physical_id,
        ReservedConcurrentExecutions=int(target.properties["ReservedConcurrentExecutions"]),
    )


def _unset_concurrency(target: RepairTarget) -> None:
    target.client("lambda").delete_function_concurrency(FunctionName=target.physical_id)


def _set_dead_letters(target: RepairTarget) -> None:
    target.client("lambda").update_function_configuration(
        FunctionName=target.physical_id, DeadLetterConfig=target.properties["DeadLetterConfig"]
    )


def _unset_dead_letters(target: RepairTarget) -> None:
    target.client("lambda").update_function_configuration(
        FunctionName=target.physical_id, DeadLetterConfig={"TargetArn": ""}
    )


def _make_validator(target: RepairTarget) -> None:
    api, wanted = target.client("apigateway"), target.properties
    name = wanted.get("Name") or target.physical_id
    there = api.get_request_validators(restApiId=wanted["RestApiId"])["items"]
    for validator in there:
        if validator.get("name") == name:
            api.delete_request_validator(
                restApiId=wanted["RestApiId"], requestValidatorId=validator["id"]
            )
    made = api.create_request_validator(
        restApiId=wanted["RestApiId"],
        name=name,
        validateRequestBody=bool(wanted.get("ValidateRequestBody", False)),
        validateRequestParameters=bool(wanted.get("ValidateRequestParameters", False)),
    )
    target.validators[target.physical_id] = made["id"]


def _set_validator(target: RepairTarget) -> None:
    wanted = target.properties
    validator = target.validators.get(wanted["RequestValidatorId"], wanted["RequestValidatorId"])
    target.client("apigateway").update_method(
        restApiId=wanted["RestApiId"],
        resourceId=wanted["ResourceId"],
        httpMethod=wanted["HttpMethod"],
        patchOperations=[{"op": "replace", "path": "/requestValidatorId", "value": validator}],
    )


def _set_method_throttles(target: RepairTarget) -> None:
    wanted = target.properties
    settings = {"rateLimit": "ThrottlingRateLimit", "burstLimit": "ThrottlingBurstLimit"}
    patches = [
        {
            "op": "replace",
            "path": f"/{method['ResourcePath'].lstrip('/') or '~1'}/{method['HttpMethod']}"
            f"/throttling/{setting}",
            "value": str(method[name]),
        }
        for method in wanted["MethodSettings"]
        for setting, name in settings.items()
        if name in method
    ]
    if patches:
        target.client("apigateway").update_stage(
            restApiId=wanted["RestApiId"], stageName=target.physical_id, patchOperations=patches
        )


def _register_targets(target: RepairTarget) -> None:
    targets = [
        {key: int(value) if key == "Port" else value for key, value in listed.items()}
        for listed in target.properties["Targets"]
    ]
    target.client("elbv2").register_targets(TargetGroupArn=target.physical_id, Targets=targets)


# In the order in which they are made: methods name the validators before them.
REPAIRS = (
    Repair("AWS::ApiGatewayV2::Api", ("CorsConfiguration",), _set_cors),
    Repair(
        "AWS::Lambda::Function",
        ("ReservedConcurrentExecutions",),
        _set_concurrency,
        _unset_concurrency,
    ),
    Repair("AWS::Lambda::Function", ("DeadLetterConfig",), _set_dead_letters, _unset_dead_letters),
    Repair(
        "AWS::ApiGateway::RequestValidator",
        ("RestApiId", "Name", "ValidateRequestBody", "ValidateRequestParameters"),
        _make_validator,
    ),
    Repair(
        "AWS::ApiGateway::Method",
        ("RequestValidatorId", "RestApiId", "ResourceId", "HttpMethod"),
        _set_validator,
    ),
    Repair("AWS::ApiGateway::Stage", ("MethodSettings", "RestApiId"), _set_method_throttles),
    Repair("AWS::ElasticLoadBalancingV2::TargetGroup", ("Targets",), _register_targets),
)
