"""The guide's code, held against what it shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.conftest import ROOT
from tests.extensions import plain_function, variables_of

if TYPE_CHECKING:
    import aws_cdk as cdk
    import pytest

    from tests.unit.runtime.conftest import ExtensionServer

PAGE = (ROOT / "docs" / "configuration.md").read_text()


def run(names: str, **given: Any) -> dict[str, Any]:
    """Run the code of the guide that names something, as it stands but for what is given."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    [code] = [block for block in blocks if names in block]
    exec(compile(code, "docs/configuration.md", "exec"), given)
    return given


def test_code_that_is_from_a_file_is_in_it() -> None:
    shown = re.findall(r"<!-- from: (\S+) -->\n```python\n(.*?)```", PAGE, re.DOTALL)

    assert shown
    for path, code in shown:
        assert code in (ROOT / path).read_text()


def test_a_function_is_attached_in_a_stack(stack: cdk.Stack) -> None:
    run("AppConfigExtension(", self=stack, function=plain_function(stack, "Reader"))

    assert "APPCONFIG_PROFILE" in variables_of(stack)


def test_a_flag_is_read_in_a_function(
    server: ExtensionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APPLICATION", "ENVIRONMENT", "PROFILE"):
        monkeypatch.setenv(f"APPCONFIG_{name}", "x")
    monkeypatch.setenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT", str(server.port))
    server.says({"sale": {"enabled": True, "percent": 20}})

    assert run("def percent_off")["percent_off"]() == 20


def test_values_are_read_in_a_function(
    server: ExtensionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", str(server.port))
    server.says({"Parameter": {"Value": "https://shop"}, "SecretString": "{}"})

    run("Parameters()")["handler"]({}, None)

    assert len(server.requests) == 2


def test_powertools_is_told_the_names_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APPLICATION", "ENVIRONMENT", "PROFILE"):
        monkeypatch.setenv(f"APPCONFIG_{name}", name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    store = run("AppConfigStore(")["features"].store

    assert (store.application, store.environment, store.name) == (
        "APPLICATION",
        "ENVIRONMENT",
        "PROFILE",
    )
