from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from serverless_patterns.local.assembly import Assembly
from serverless_patterns.testing import cdk_context
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def synthesized(tmp_path: Path) -> Path:
    """An assembly with a stack, a stack nested in one nested in it, and a stage."""
    app = cdk.App(
        outdir=str(tmp_path / "cdk.out"),
        context=cdk_context(ROOT),
        builtin_cloud_formation_validation=False,
    )
    shop = cdk.Stack(app, "Shop")
    nested = cdk.NestedStack(shop, "Nested")
    sqs.Queue(cdk.NestedStack(nested, "Inner"), "Queue")
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stage = cdk.Stage(app, "Live", env=environment)
    sqs.Queue(cdk.Stack(stage, "Front"), "Queue")
    return tmp_path / "cdk.out" if app.synth() else tmp_path


@pytest.fixture
def assembly(synthesized: Path, tmp_path: Path) -> Assembly:
    return Assembly(synthesized, tmp_path / "copy")


def test_stacks_are_found_with_their_place_and_what_is_nested(assembly: Assembly) -> None:
    shop, front = sorted(assembly.stacks, key=lambda stack: stack.name, reverse=True)

    assert (shop.name, shop.display_name, shop.account, shop.region) == ("Shop", "Shop", None, None)
    assert (front.name, front.display_name) == ("Live-Front", "Live/Front")
    assert (front.account, front.region, front.qualifier) == (
        *("111122223333", "eu-west-1", "hnb659fds"),
    )
    assert len([*shop.template.tree()]) == 3
    assert next(shop.template.tree()).resources.popitem()[1]["Type"] == "AWS::SQS::Queue"


def test_every_stack_goes_to_one_account_and_nothing_else_changes(
    synthesized: Path, tmp_path: Path
) -> None:
    [file] = synthesized.rglob("*Front*.template.json")
    template = json.loads(file.read_text())
    template["Outputs"] = {
        "Arn": {"Value": "arn:aws:sqs:eu-west-1:111122223333:orders"},
        "Number": {"Value": "1111222233334444"},
    }
    file.write_text(json.dumps(template))

    assembly = Assembly(synthesized, tmp_path / "copy")
    assembly.use_account("000000000000")

    front = next(stack for stack in assembly.stacks if stack.name == "Live-Front")
    outputs = {name: each["Value"] for name, each in front.template.content["Outputs"].items()}
    assert front.account == "000000000000"
    assert outputs == {
        "Arn": "arn:aws:sqs:eu-west-1:000000000000:orders",
        "Number": "1111222233334444",
    }


def test_the_caller_deploys_without_bootstrap_roles(assembly: Assembly) -> None:
    assembly.deploy_as_caller()

    for file in assembly.folder.rglob("*.json"):
        if file.name == "manifest.json" or file.name.endswith(".assets.json"):
            text = file.read_text()
            assert "assumeRoleArn" not in text
            assert "cloudFormationExecutionRoleArn" not in text
            assert "lookupRole" not in text


def test_what_is_unchanged_keeps_its_key(assembly: Assembly) -> None:
    before = {file: file.read_text() for file in assembly.folder.rglob("*.assets.json")}

    assembly.write_templates()

    assert {file: file.read_text() for file in assembly.folder.rglob("*.assets.json")} == before


def test_a_changed_template_gets_a_key_of_its_own_wherever_it_is_named(assembly: Assembly) -> None:
    shop = next(stack for stack in assembly.stacks if stack.name == "Shop")
    assets = shop.template.file.parent / "Shop.assets.json"
    old = {asset["source"]["path"]: key for key, asset in files_of(assets).items()}
    [inner, nested, root] = shop.template.tree()
    inner.resources.clear()
    inner.resources["Other"] = {"Type": "AWS::SQS::Queue"}

    assembly.write_templates()

    new = {asset["source"]["path"]: key for key, asset in files_of(assets).items()}
    for template in (inner, nested, root):
        text = template.file.read_text()
        assert new[template.file.name] == hashlib.sha256(text.encode()).hexdigest()
        assert new[template.file.name] != old[template.file.name]
    everything = "".join(
        file.read_text() for file in assembly.folder.glob("*.json") if file.name != "tree.json"
    )
    assert not [key for key in old.values() if key in everything]
    assert new[inner.file.name] in nested.file.read_text()
    assert new[nested.file.name] in root.file.read_text()
    assert new[root.file.name] in (assembly.folder / "manifest.json").read_text()


def test_the_original_is_left_alone(synthesized: Path, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in synthesized.rglob("*") if file.is_file()}
    assembly = Assembly(synthesized, tmp_path / "copy")
    assembly.deploy_as_caller()
    for stack in assembly.stacks:
        stack.template.resources.clear()
    assembly.write_templates()

    assert {file: file.read_bytes() for file in synthesized.rglob("*") if file.is_file()} == before


def files_of(assets: Path) -> dict[str, dict[str, dict[str, str]]]:
    files: dict[str, dict[str, dict[str, str]]] = json.loads(assets.read_text())["files"]
    return files
