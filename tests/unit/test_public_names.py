from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest
from aws_cdk import aws_cloudwatch, aws_lambda
from constructs import Construct

import serverless_patterns
from serverless_patterns import _cdk_options
from serverless_patterns._function_rules import DEPRECATED
from tests.conftest import ROOT

CONSTRUCTS = [
    value
    for name in serverless_patterns.__all__
    if inspect.isclass(value := getattr(serverless_patterns, name)) and issubclass(value, Construct)
]
TAKE_KEYWORDS = [*CONSTRUCTS, serverless_patterns.PythonCode]


def test_the_public_names_are_sorted_and_there() -> None:
    assert serverless_patterns.__all__ == sorted(serverless_patterns.__all__)
    assert {*serverless_patterns.__all__} <= {*dir(serverless_patterns)}
    for name in serverless_patterns.__all__:
        assert getattr(serverless_patterns, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = serverless_patterns.Nothing


def test_importing_the_package_imports_no_cdk() -> None:
    code = "import sys, serverless_patterns; print([m for m in sys.modules if 'aws_cdk' in m])"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"


@pytest.mark.parametrize("construct", TAKE_KEYWORDS, ids=lambda construct: construct.__name__)
def test_a_construct_takes_scope_and_id_and_then_keywords_that_are_documented(
    construct: type,
) -> None:
    scope, construct_id, *keywords = _parameters(construct)
    arguments = re.findall(r"^    (?:\*\*)?(\w+): ", _section(construct, "Args"), re.MULTILINE)

    assert (scope.name, construct_id.name) == ("scope", "id")
    assert {keyword.kind for keyword in keywords} <= {
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    }
    assert arguments == [scope.name, construct_id.name, *(keyword.name for keyword in keywords)]
    assert all(keyword.annotation is not inspect.Parameter.empty for keyword in keywords)


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.__name__)
def test_a_construct_is_documented_in_the_agreed_order(construct: type) -> None:
    text = inspect.getdoc(construct) or ""
    parts = ["Defines ", "The handler owes ", "Args:", "Raises:", "See:", "https://docs.aws"]

    places = [text.find(part) for part in parts]
    assert -1 not in places, f"missing: {parts[places.index(-1)]}"
    assert places == sorted(places)


@pytest.mark.parametrize("construct", TAKE_KEYWORDS, ids=lambda construct: construct.__name__)
def test_a_keyword_without_a_literal_default_says_what_is_computed(
    construct: type,
) -> None:
    documented = _section(construct, "Args")
    for keyword in _parameters(construct):
        if keyword.default is None:
            entry = re.search(
                rf"^    {keyword.name}: (.*?)(?=^    \S|\Z)", documented, re.MULTILINE | re.DOTALL
            )
            assert entry
            assert "Default - " in entry[1], keyword.name


@pytest.mark.parametrize("construct", TAKE_KEYWORDS, ids=lambda construct: construct.__name__)
def test_a_construct_has_a_row_in_the_readme(construct: type) -> None:
    assert f"`{construct.__name__}`" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", ["FunctionOptions", "MetricOptions"])
def test_the_option_types_say_what_cdk_says(name: str) -> None:
    struct = getattr(aws_lambda if name == "FunctionOptions" else aws_cloudwatch, name)
    taken = {*inspect.signature(struct.__init__).parameters} - {"self"}
    own = {keyword.name for keyword in _parameters(serverless_patterns.PythonFunction)}
    left = taken - own - DEPRECATED if name == "FunctionOptions" else taken

    assert {*getattr(_cdk_options, name).__annotations__} == left


def _parameters(construct: type) -> list[inspect.Parameter]:
    return [*inspect.signature(vars(construct)["__init__"]).parameters.values()][1:]


def _section(construct: type, title: str) -> str:
    text = inspect.getdoc(construct) or ""
    found = re.search(rf"^{title}:\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no {title} in {construct.__name__}"
    return found[1]
