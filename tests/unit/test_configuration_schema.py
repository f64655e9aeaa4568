from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from serverless_patterns import AppConfigExtension, PatternError
from tests.configurations import hosted, profile, refusal
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "properties": {
        "percent": {"type": "integer", "maximum": 100},
        "queue": {"type": "string", "pattern": "^arn:"},
    },
    "required": ["percent"],
    "additionalProperties": False,
}
CORRECT = "correct the one or the other: AppConfig would refuse to deploy it"


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"$ref": "#"},
            "come to an end, got a $ref that leads back to itself; "
            "let it lead to another part of the schema, or below a property",
        ),
        (
            {"properties": {"a": {"$ref": 5}}},
            "be a JSON schema of draft 4, got at $.properties.a.$ref: 5 is not of type 'string'; "
            "correct it there",
        ),
        (
            {"patternProperties": {"(": {}}},
            "be a JSON schema of draft 4, got '(', which is no regular expression: "
            "missing ), unterminated subpattern; correct it there",
        ),
    ],
)
def test_a_schema_that_no_validator_can_follow_is_refused(
    stack: cdk.Stack, schema: dict[str, Any], message: str
) -> None:
    assert refusal(stack, content={"a": 1}, schema=schema) == f"Shop/Limits: schema must {message}"


def test_a_schema_that_refers_to_itself_below_a_property_is_followed(stack: cdk.Stack) -> None:
    schema = {"properties": {"a": {"$ref": "#"}, "b": {"type": "string"}}}
    deep: dict[str, Any] = {"b": 1}
    for _ in range(63):
        deep = {"a": deep}

    message = refusal(stack, content=deep, schema=schema)
    at = "$" + ".a" * 63 + ".b"
    assert message == (
        f"Shop/Limits: content must hold to its schema, got at {at}: 1 is not of type 'string'; "
        "correct the one or the other: AppConfig would refuse to deploy it"
    )


def test_how_many_the_deployment_makes_of_a_list_is_left_to_appconfig(stack: cdk.Stack) -> None:
    zones = cdk.Fn.split(",", cdk.Aws.REGION)
    schema = {"properties": {"zones": {"minItems": 2}}, "required": ["zones"]}

    AppConfigExtension(stack, "Limits", content={"zones": zones}, schema=schema)

    assert json.loads(profile(stack)["Validators"][0]["Content"]) == schema


def test_appconfig_validates_by_the_schema_that_content_was_held_to(stack: cdk.Stack) -> None:
    AppConfigExtension(stack, "Limits", content={"percent": 20}, schema=LIMITS)

    [validator] = profile(stack)["Validators"]
    assert validator["Type"] == "JSON_SCHEMA"
    assert json.loads(validator["Content"]) == LIMITS


@pytest.mark.parametrize(
    ("content", "got"),
    [
        ({"percent": 150}, "at $.percent: 150 is greater than the maximum of 100"),
        ({"percent": "20"}, "at $.percent: '20' is not of type 'integer'"),
        ({}, "at $: 'percent' is a required property"),
        (
            {"percent": 20, "other": 1},
            "at $: Additional properties are not allowed ('other' was unexpected)",
        ),
    ],
)
def test_content_that_breaks_its_schema_is_refused_at_construction(
    stack: cdk.Stack, content: dict[str, Any], got: str
) -> None:
    message = f"Shop/Limits: content must hold to its schema, got {got}; {CORRECT}"
    with pytest.raises(PatternError, match=exactly(message)):
        AppConfigExtension(stack, "Limits", content=content, schema=LIMITS)


def test_a_file_is_held_to_the_schema_of_a_file(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "limits.yaml").write_text("percent: 101\n")
    (tmp_path / "schema.json").write_text(json.dumps(LIMITS))

    files = {"content": tmp_path / "limits.yaml", "schema": tmp_path / "schema.json"}
    assert refusal(stack, **files) == (
        "Shop/Limits: content must hold to its schema, "
        f"got at $.percent: 101 is greater than the maximum of 100; {CORRECT}"
    )


def test_a_token_is_left_to_appconfig_and_what_stands_around_it_is_not(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Queue").queue_arn

    AppConfigExtension(
        stack, "Known", content={"percent": 20, "queue": cdk.Fn.join("", [queue])}, schema=LIMITS
    )

    assert refusal(stack, content={"queue": queue}, schema=LIMITS) == (
        "Shop/Limits: content must hold to its schema, "
        f"got at $: 'percent' is a required property; {CORRECT}"
    )


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "be of draft 4, the one that AppConfig knows: http://json-schema.org/draft-04/schema#, "
            "got 'http://json-schema.org/draft-07/schema#'; "
            "rewrite it, or check by validator, a function",
        ),
        (
            {"properties": {"mode": {"anyOf": [{"const": "fast"}]}}},
            "be of draft 4: AppConfig would pass over any later keyword, "
            "got 'const' at $.properties.mode.anyOf[0]; "
            "say it by enum, or check by validator, a function",
        ),
        (
            {"type": "number", "exclusiveMinimum": 0},
            "be a JSON schema of draft 4, got at $.exclusiveMinimum: 0 is not of type 'boolean'; "
            "correct it there",
        ),
        (
            {"$ref": "https://shop.example/schema.json"},
            "hold all that it refers to, got $ref 'https://shop.example/schema.json'; "
            "put it under definitions",
        ),
        (
            {"description": "a" * 32_768},
            "be at most 32768 characters of JSON, got 32787; "
            "check the rest by validator, a function",
        ),
        (
            {"description": cdk.Aws.REGION},
            "be an object that is known before the deployment, got a token; write it out",
        ),
    ],
)
def test_a_schema_that_appconfig_does_not_know_is_refused(
    stack: cdk.Stack, schema: dict[str, Any], message: str
) -> None:
    assert refusal(stack, content={"a": 1}, schema=schema) == f"Shop/Limits: schema must {message}"


def test_a_schema_that_is_a_list_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text("[]")

    assert refusal(stack, content={}, schema=tmp_path / "schema.json") == (
        "Shop/Limits: schema must be an object that is known before the deployment, got list; "
        "write it out"
    )


def test_a_schema_that_is_only_on_this_machine_is_not_fetched(
    stack: cdk.Stack, tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_text("{}")
    uri = (tmp_path / "other.json").as_uri()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fetching it would warn as well
        assert refusal(stack, content={"a": 1}, schema={"$ref": uri}) == (
            f"Shop/Limits: schema must hold all that it refers to, got $ref '{uri}'; "
            "put it under definitions"
        )


def test_a_property_may_be_named_as_a_later_keyword(stack: cdk.Stack) -> None:
    schema = {
        "properties": {"if": {"type": "string"}, "const": {"enum": [{"const": 1}]}},
        "definitions": {"then": {}},
    }
    AppConfigExtension(stack, "Limits", content={"if": "x"}, schema=schema)

    assert hosted(stack) == {"if": "x"}
