from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from serverless_patterns import AppConfigExtension
from tests.configurations import VERSION, hosted, profile, refusal

if TYPE_CHECKING:
    from pathlib import Path

HOST = "correct it there: AppConfig would refuse to host it"
FLAGS = "feature_flags must be what AWS.AppConfig.FeatureFlags takes"


def test_flags_as_handlers_read_them_are_hosted_in_appconfigs_form(stack: cdk.Stack) -> None:
    AppConfigExtension(
        stack,
        "Flags",
        feature_flags={
            "sale": {"enabled": True, "percent": 20, "banner": "Now", "of": ["a"], "none": []},
            "beta": False,
            "gift": {"enabled": True, "wrapped": True},
        },
    )

    assert profile(stack)["Type"] == "AWS.AppConfig.FeatureFlags"
    assert hosted(stack) == {
        "version": "1",
        "flags": {
            "sale": {
                "name": "sale",
                "attributes": {
                    "percent": {"constraints": {"type": "number"}},
                    "banner": {"constraints": {"type": "string"}},
                    "of": {"constraints": {"type": "array", "elements": {"type": "string"}}},
                    "none": {"constraints": {"type": "array"}},
                },
            },
            "beta": {"name": "beta"},
            "gift": {
                "name": "gift",
                "attributes": {"wrapped": {"constraints": {"type": "boolean"}}},
            },
        },
        "values": {
            "sale": {"enabled": True, "percent": 20, "banner": "Now", "of": ["a"], "none": []},
            "beta": {"enabled": False},
            "gift": {"enabled": True, "wrapped": True},
        },
    }


DOCUMENT: dict[str, Any] = {
    "version": "1",
    "flags": {
        "sale": {
            "name": "The sale",
            "attributes": {
                "percent": {"constraints": {"type": "number", "maximum": 50, "required": True}},
                "of": {"constraints": {"type": "array", "elements": {"type": "string"}}},
                "kind": {"constraints": {"type": "string", "enum": ["spring", "autumn"]}},
            },
        }
    },
    "values": {"sale": {"enabled": True, "percent": 20, "of": ["a"], "kind": "spring"}},
}


def test_a_document_in_appconfigs_form_is_hosted_as_it_is(stack: cdk.Stack) -> None:
    AppConfigExtension(stack, "Flags", feature_flags=DOCUMENT)

    assert hosted(stack) == DOCUMENT


def test_variants_are_held_to_their_flags_attributes(stack: cdk.Stack) -> None:
    def document(percent: int) -> dict[str, Any]:
        variant = {"name": "a", "enabled": True, "attributeValues": {"percent": percent}}
        return {**DOCUMENT, "values": {"sale": {"_variants": [variant]}}}

    AppConfigExtension(stack, "Flags", feature_flags=document(20))

    assert refusal(stack, feature_flags=document(60)) == (
        f"Shop/Limits: {FLAGS}, got at $.values.sale._variants[0].percent: "
        f"60 is greater than the maximum of 50; {HOST}"
    )


@pytest.mark.parametrize(
    ("value", "got"),
    [
        ({"percent": 60}, "at $.values.sale.percent: 60 is greater than the maximum of 50"),
        ({}, "at $.values.sale: 'percent' is a required attribute"),
        ({"percent": "1"}, "at $.values.sale.percent: '1' is not of type 'number'"),
        (
            {"percent": 1, "of": [1]},
            "at $.values.sale.of: 1 is not of type 'string'",
        ),
        (
            {"percent": 1, "kind": "winter"},
            "at $.values.sale.kind: 'winter' is not one of ['spring', 'autumn']",
        ),
        (
            {"percent": 1, "colour": "red"},
            "at $.values.sale.colour: 'colour' is not one of the flag's attributes",
        ),
    ],
)
def test_a_value_that_breaks_its_flags_constraints_is_refused(
    stack: cdk.Stack, value: dict[str, Any], got: str
) -> None:
    document = {**DOCUMENT, "values": {"sale": {"enabled": True, **value}}}

    assert refusal(stack, feature_flags=document) == f"Shop/Limits: {FLAGS}, got {got}; {HOST}"


def test_a_value_without_a_flag_is_refused(stack: cdk.Stack) -> None:
    document = {**DOCUMENT, "values": {"gift": {"enabled": True}}}

    assert refusal(stack, feature_flags=document) == (
        f"Shop/Limits: {FLAGS}, got at $.values.gift: 'gift' is not one of flags; {HOST}"
    )


@pytest.mark.parametrize(
    ("flags", "got"),
    [
        (
            {"Sale": True},
            "at $.values: 'Sale' does not match any of the regexes: "
            "'^[a-z][a-zA-Z0-9_-]{0,63}\\\\Z'",
        ),
        (
            {"sale": {"enabled": True, "of": {"a": 1}}},
            "at $.values.sale.of: {'a': 1} is not valid under any of the given schemas",
        ),
        (
            {"sale\n": True},
            "at $.values: 'sale\\n' does not match any of the regexes: "
            "'^[a-z][a-zA-Z0-9_-]{0,63}\\\\Z'",
        ),
        (
            {"sale\u0663": True},
            "at $.values: 'sale\u0663' does not match any of the regexes: "
            "'^[a-z][a-zA-Z0-9_-]{0,63}\\\\Z'",
        ),
        ({"version": "2"}, "at $.version: '2' is not one of ['1']"),
        (
            {
                "version": "1",
                "flags": {
                    "sale": {
                        "attributes": {"of": {"constraints": {"type": "string", "pattern": "["}}}
                    }
                },
                "values": {"sale": {"enabled": True, "of": "all"}},
            },
            "at $.flags.sale.attributes.of.constraints.pattern: '[' is not a 'regex'",
        ),
        (
            {"version": "1", "flags": {"sale": {"owner": "me"}}},
            "at $.flags.sale: Additional properties are not allowed ('owner' was unexpected)",
        ),
    ],
)
def test_flags_of_another_form_are_refused(
    stack: cdk.Stack, flags: dict[str, Any], got: str
) -> None:
    assert refusal(stack, feature_flags=flags) == f"Shop/Limits: {FLAGS}, got {got}; {HOST}"


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            {"sale": {"percent": 20}},
            "say of each flag whether it is enabled, got {'percent': 20} of 'sale'; "
            "write {'sale': {'enabled': True}}",
        ),
        (
            {"sale": "on"},
            "say of each flag whether it is enabled, got 'on' of 'sale'; "
            "write {'sale': {'enabled': True}}",
        ),
    ],
)
def test_a_flag_that_is_neither_on_nor_off_is_refused(
    stack: cdk.Stack, flags: dict[str, Any], message: str
) -> None:
    assert refusal(stack, feature_flags=flags) == f"Shop/Limits: feature_flags must {message}"


def test_a_list_of_flags_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "flags.json").write_text('["sale"]')

    assert refusal(stack, feature_flags=tmp_path / "flags.json") == (
        "Shop/Limits: feature_flags must be an object of flags, got list; "
        "name each: {'sale': {'enabled': True, 'percent': 20}}"
    )


def test_a_flags_attribute_may_be_known_to_the_deployment_alone(stack: cdk.Stack) -> None:
    AppConfigExtension(
        stack, "Flags", feature_flags={"sale": {"enabled": True, "region": cdk.Aws.REGION}}
    )

    [version] = assertions.Template.from_stack(stack).find_resources(VERSION).values()
    assert {"Ref": "AWS::Region"} in version["Properties"]["Content"]["Fn::Join"][1]


def test_whether_a_flag_is_on_may_be_known_to_the_deployment_alone(stack: cdk.Stack) -> None:
    later = cdk.Fn.condition_if("IsLive", "on", "off")
    flags = {"sale": later, "gifts": {"enabled": later, "percent": later, "days": [later]}}
    AppConfigExtension(stack, "Flags", feature_flags=flags)

    [version] = assertions.Template.from_stack(stack).find_resources(VERSION).values()
    parts = version["Properties"]["Content"]["Fn::Join"][1]
    assert {"Fn::If": ["IsLive", "on", "off"]} in parts
    assert (
        '"attributes":{"percent":{},"days":{"constraints":{"type":"array"}}}'  # of no known type
        in parts[0]
    )


def test_a_text_that_the_deployment_knows_is_no_switch(stack: cdk.Stack) -> None:
    message = refusal(stack, feature_flags={"sale": cdk.Aws.REGION})

    assert message.startswith("Shop/Limits: feature_flags must say of each flag whether it is enab")
