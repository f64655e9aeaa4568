"""What the docs claim, held against the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sns as sns

from serverless_patterns import PythonCode, bundling
from serverless_patterns._web_service_parity import beyond_the_function
from serverless_patterns.local import limits
from tests.conftest import ROOT
from tests.web_services import network, of_type

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]


def test_the_screen_of_code_in_the_readme_synthesizes(tmp_path: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    environment = os.environ | {
        "CDK_OUTDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": '{"aws:cdk:bundling-stacks": []}',
        "CDK_VALIDATION": "false",
    }

    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)

    assert "AWS::ApiGatewayV2::Api" in (tmp_path / "Bookstore.template.json").read_text()


def test_the_routes_in_the_docs_are_those_that_the_code_beside_them_prints() -> None:
    page = (ROOT / "docs" / "routes.md").read_text()
    [code, printed] = re.findall(r"```(?:python)?\n(.*?)```", page, re.DOTALL)

    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == printed


def test_the_histories_in_the_docs_are_those_that_the_model_prints() -> None:
    page = (ROOT / "docs" / "what-happens-when-it-fails.md").read_text()
    blocks = re.findall(r"```(python)?\n(.*?)```", page, re.DOTALL)
    code = [text for language, text in blocks if language]
    shown = [text for language, text in blocks if not language]

    ran = subprocess.run(
        [sys.executable, "-c", "print('=====')\n".join(code)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert [text for text in ran.stdout.split("=====\n") if text] == shown
    assert len(shown) == 4


def test_the_limits_in_the_docs_are_those_that_a_deployment_prints() -> None:
    page = (ROOT / "docs" / "local-cloud.md").read_text()
    [section] = re.findall(r"<!-- limits: .*?-->(.*?)<!-- end of limits -->", page, re.DOTALL)
    listed = re.findall(r"^- (.*)$", section, re.MULTILINE)
    printed = [limits.PRIVILEGES, *dict.fromkeys(limit.says for limit in limits.LIMITS)]

    assert sorted(listed) == sorted(printed)


def test_the_docs_name_every_context_key_and_exclusion() -> None:
    page = (ROOT / "docs" / "bundling.md").read_text()

    for key in ("ARCHITECTURE", "PLATFORM", "PYTHON_VERSION"):
        assert f"`{getattr(bundling, f'CONTEXT_{key}')}`" in page
    for name in PythonCode.EXCLUDE:
        assert f"`{name}`" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())

    for target in targets:
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_make_targets_that_the_docs_name_exist() -> None:
    targets = {*re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)}

    for page in PAGES:
        for commands in re.findall(
            r"(?:^|`)make ((?:[a-z]+ ?)+)(?:$|`)", page.read_text(), re.MULTILINE
        ):
            assert {*commands.split()} <= targets, page


def test_the_service_in_the_docs_synthesizes(
    stack: cdk.Stack, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "web-service.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    image.rename(image.parent / "shop")
    monkeypatch.chdir(image.parent)
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    given = {
        "stack": stack,
        "vpc": network(stack),
        "table": dynamodb.TableV2(stack, "Table", partition_key=key),
        "on_call": actions.SnsAction(sns.Topic(stack, "Call")),
    }

    exec(code, given)

    assert {*of_type(stack, "AWS::ECS::Service")} == {"Fargate/Service/Service"}


def test_the_docs_name_each_warning_of_a_web_service() -> None:
    page = (ROOT / "docs" / "web-service.md").read_text()
    everything = beyond_the_function(
        idle_timeout=cdk.Duration.minutes(60),
        max_body_size=cdk.Size.gibibytes(1),
        response_streaming=True,
        web_sockets=True,
    )

    assert [*everything] == re.findall(r"`serverless-patterns:(lambda-[a-z-]+)`", page)
