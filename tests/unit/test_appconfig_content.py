from __future__ import annotations

import json
import math
import warnings
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import assertions
from aws_cdk import aws_sqs as sqs

from serverless_patterns import AppConfigExtension, PatternError
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "AWS::AppConfig::HostedConfigurationVersion"
PROFILE = "AWS::AppConfig::ConfigurationProfile"
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
HOST = "correct it there: AppConfig would refuse to host it"
FLAGS = "feature_flags must be what AWS.AppConfig.FeatureFlags takes"


@jsii.implements(cdk.IStableAnyProducer)
class Later:
    def produce(self) -> dict[str, int]:
        return {"a": 1}


def hosted(stack: cdk.Stack) -> Any:
    [version] = assertions.Template.from_stack(stack).find_resources(VERSION).values()
    assert version["Properties"]["ContentType"] == "application/json"
    return json.loads(version["Properties"]["Content"])


def profile(stack: cdk.Stack) -> dict[str, Any]:
    [found] = assertions.Template.from_stack(stack).find_resources(PROFILE).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def refusal(stack: cdk.Stack, **options: Any) -> str:
    with pytest.raises(PatternError) as refused:
        AppConfigExtension(stack, "Limits", **options)
    return str(refused.value)


def test_a_dict_is_hosted_as_json_with_its_nulls(stack: cdk.Stack) -> None:
    AppConfigExtension(stack, "Limits", content={"percent": 20, "until": None, "of": ("a", "b")})

    assert hosted(stack) == {"percent": 20, "until": None, "of": ["a", "b"]}
    assert profile(stack)["Type"] == "AWS.Freeform"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("limits.json", '{"percent": 20, "name": "Größe"}'),
        ("limits.yaml", "percent: 20\nname: Größe\n"),
        ("limits.yml", "percent: 20\nname: Größe\n"),
    ],
)
def test_a_file_of_either_kind_is_hosted_as_json(
    stack: cdk.Stack, tmp_path: Path, name: str, text: str
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")

    AppConfigExtension(stack, "Limits", content=file)

    assert hosted(stack) == {"percent": 20, "name": "Größe"}


def test_a_path_may_be_a_text(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "limits.json").write_text("[1, 2]")

    AppConfigExtension(stack, "Limits", content=str(tmp_path / "limits.json"))

    assert hosted(stack) == [1, 2]


def test_what_only_the_deployment_knows_is_filled_in_by_it(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Queue")
    AppConfigExtension(stack, "Limits", content={"queue": queue.queue_arn, "percent": 20})

    [version] = assertions.Template.from_stack(stack).find_resources(VERSION).values()
    parts = version["Properties"]["Content"]["Fn::Join"][1]
    assert [parts[0], parts[2]] == ['{"queue":"', '","percent":20}']
    assert parts[1]["Fn::GetAtt"][1] == "Arn"


def test_a_number_and_an_object_may_be_known_to_the_deployment_alone(stack: cdk.Stack) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    later = cdk.Lazy.any(Later())
    AppConfigExtension(stack, "Limits", content={"number": number, "later": later})

    [version] = assertions.Template.from_stack(stack).find_resources(VERSION).values()
    assert version["Properties"]["Content"]["Fn::Join"][1] == [
        '{"number":',
        {"Ref": "Number"},
        ',"later":{"a":1}}',
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {},
            "content must be given, or feature_flags, one of the two, got neither; "
            "flags are read one by one, content is read as a whole",
        ),
        (
            {"content": {}, "feature_flags": {}},
            "content must be given, or feature_flags, one of the two, got both; "
            "flags are read one by one, content is read as a whole",
        ),
        (
            {"content": ["a"]},
            "content must be a dict, or the path of a file, got list; "
            "put a list into a dict or a file",
        ),
        (
            {"content": '{"percent": 20}'},
            "content must be the path of a .json, .yaml or .yml file, "
            "got '{\"percent\": 20}'; rename the file, or give a dict",
        ),
        (
            {"content": "nowhere/limits.json"},
            "content must be a file of JSON or YAML, as its name says, "
            "got 'nowhere/limits.json': No such file or directory; correct the file, or its path",
        ),
        (
            {"content": {"a": {1: "b"}}},
            "content must be made of what JSON has: text, numbers, true, false, null, lists and "
            "objects, got the key 1 at $.a; write it as text",
        ),
        (
            {"content": {"a": [0, {"b"}]}},
            "content must be made of what JSON has: text, numbers, true, false, null, lists and "
            "objects, got {'b'} at $.a[1]; write it as text",
        ),
        (
            {"content": {"a": float("nan")}},
            "content must be made of what JSON has: text, numbers, true, false, null, lists and "
            "objects, got nan at $.a; write it as text",
        ),
        (
            {"content": {"of": cdk.Aws.REGION, "until": None}},
            "content must hold no null beside what only the deployment knows, got both; "
            "leave out what is null: CDK would drop it",
        ),
        (
            {"content": {"a": "b" * 1_000_000}},
            "content must fit into a template of 1000000 bytes, got 1000009 bytes; "
            "keep data of that size in S3 or DynamoDB",
        ),
        (
            {"feature_flags": {"sale": True}, "schema": LIMITS},
            "schema must be left out for feature_flags, which AppConfig has a schema for, got one; "
            "constrain attributes in the flags' own document, or give a validator",
        ),
    ],
)
def test_content_that_can_not_be_hosted_is_refused(
    stack: cdk.Stack, options: dict[str, Any], message: str
) -> None:
    assert refusal(stack, **options) == f"Shop/Limits: {message}"


@pytest.mark.parametrize(
    ("name", "text", "got"),
    [
        ("a.json", "{", "Expecting property name enclosed in double quotes: line 1 column 2"),
        ("a.yaml", "a: [", "while parsing a flow node"),
    ],
)
def test_a_file_that_can_not_be_parsed_is_refused(
    stack: cdk.Stack, tmp_path: Path, name: str, text: str, got: str
) -> None:
    (tmp_path / name).write_text(text)

    message = refusal(stack, content=tmp_path / name)
    assert message.startswith(
        "Shop/Limits: content must be a file of JSON or YAML, as its name says, "
        f"got '{tmp_path / name}': {got}"
    )
    assert message.endswith("; correct the file, or its path")


def test_an_empty_file_and_a_date_are_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    empty, dated = tmp_path / "empty.yaml", tmp_path / "dated.yaml"
    empty.write_text("")
    dated.write_text("until: 2026-11-25\n")

    assert refusal(stack, content=empty) == (
        f"Shop/Limits: content must say something, got an empty '{empty}'; "
        "write {} if nothing is configured yet"
    )
    assert refusal(stack, content=dated) == (
        "Shop/Limits: content must be made of what JSON has: text, numbers, true, false, null, "
        "lists and objects, got datetime.date(2026, 11, 25) at $.until; write it as text"
    )


def test_what_holds_itself_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("a: &a [*a]\n")
    own: dict[str, Any] = {}
    own["x"] = own

    told = (
        "Shop/Limits: content must be nested no deeper than 64, nor hold itself, got {}; flatten it"
    )
    assert refusal(stack, content=own) == told.format("$" + ".x" * 65)
    assert refusal(stack, content=tmp_path / "own.yaml") == told.format("$.a" + "[0]" * 64)


def test_a_file_that_is_nested_without_end_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)

    told = f"Shop/Limits: content must be a file of JSON or YAML, as its name says, got '{tmp_path}"
    assert refusal(stack, content=tmp_path / "deep.json").startswith(told)


@pytest.mark.parametrize(
    ("content", "got"),
    [
        ({"a": 10**400}, "a number of over 308 digits at $.a"),
        ({"a": "\ud800"}, "'\\ud800' at $.a"),
        ({"\ud800": 1}, "the key '\\ud800' at $"),
        ({"a": math.inf}, "inf at $.a"),
        ({"a": {1}}, "{1} at $.a"),
    ],
)
def test_what_no_reader_of_json_keeps_is_refused(
    stack: cdk.Stack, content: dict[str, Any], got: str
) -> None:
    assert refusal(stack, content=content) == (
        "Shop/Limits: content must be made of what JSON has: text, numbers, true, false, null, "
        f"lists and objects, got {got}; write it as text"
    )


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
