from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import assertions
from aws_cdk import aws_sqs as sqs

from serverless_patterns import AppConfigExtension
from tests.configurations import VERSION, hosted, profile, refusal

if TYPE_CHECKING:
    from pathlib import Path


@jsii.implements(cdk.IStableAnyProducer)
class Later:
    def produce(self) -> dict[str, int]:
        return {"a": 1}


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


def test_a_large_number_is_hosted_as_it_is(stack: cdk.Stack) -> None:
    AppConfigExtension(stack, "Limits", content={"id": 2**63 + 1})

    assert hosted(stack) == {"id": 2**63 + 1}


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
            {"content": {"of": cdk.Aws.REGION, "ids": [2**53, -(2**53) - 1]}},
            "content must hold no whole number over 9007199254740992 beside what only the "
            "deployment knows, got -9007199254740993; write it as text: CDK would round it",
        ),
        (
            {"content": {"a": "b" * 1_000_000}},
            "content must fit into a template of 1000000 bytes, got 1000009 bytes; "
            "keep data of that size in S3 or DynamoDB",
        ),
        (
            {"feature_flags": {"sale": True}, "schema": {}},
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
