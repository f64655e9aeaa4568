"""Images that stacks share, and what is started in them, as the local cloud deploys them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local import LocalCloudError, web_adapter
from serverless_patterns.local.assembly import Assembly
from serverless_patterns.local.web_images import run_images

if TYPE_CHECKING:
    from pathlib import Path

COPY = "COPY --from=adapter:1.1.0 /lambda-adapter /opt/extensions/lambda-adapter\n"
REGIONS = ("eu-west-1", "us-east-1")


@pytest.fixture(autouse=True)
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that stands for the adapter."""
    program = tmp_path / "lambda-adapter"
    program.touch(0o755)
    monkeypatch.setenv("SERVERLESS_PATTERNS_ADAPTER", str(program))
    monkeypatch.setattr(web_adapter, "emulator_python", lambda: tmp_path / "python")


def assembly_of(tmp_path: Path, dockerfile: str) -> Assembly:
    """One image, which a function of each of two stacks of a stage starts."""
    source = tmp_path / "cdk.out"
    code, stage = source / "asset.cafe", source / "assembly-Stage"
    code.mkdir(parents=True)
    stage.mkdir()
    (code / "Dockerfile").write_text(dockerfile)
    artifacts: dict[str, Any] = {}
    for region in REGIONS:
        function = {"Code": {"ImageUri": f"1.dkr.ecr.{region}.amazonaws.com/assets:cafe"}}
        resources = {"Web": {"Type": "AWS::Lambda::Function", "Properties": function}}
        own = {"bucketName": f"assets-{region}", "objectKey": "t.json"}
        assets = {
            "files": {"t": {"source": {}, "destinations": {"here": own}}},
            "dockerImages": {"cafe": {"source": {"directory": "../asset.cafe"}}},
        }
        (stage / f"{region}.template.json").write_text(json.dumps({"Resources": resources}))
        (stage / f"{region}.assets.json").write_text(json.dumps(assets))
        artifacts[region] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://unknown-account/{region}",
            "properties": {"templateFile": f"{region}.template.json"},
        }
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}
    (source / "manifest.json").write_text(json.dumps({"artifacts": {"Stage": nested}}))
    (stage / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return Assembly(source, tmp_path / "local")


def command_of(assembly: Assembly) -> str:
    [script] = assembly.folder.rglob("image-command")
    return script.read_text().removeprefix("#!/bin/sh\nexec ").rstrip()


def test_stacks_that_share_an_image_get_it_each_where_its_assets_go(tmp_path: Path) -> None:
    assembly = assembly_of(tmp_path, f'FROM a\n{COPY}CMD ["x"]\n')

    run = run_images(assembly.stacks)

    assert len(run) == len(REGIONS)
    for region in REGIONS:
        document = json.loads(
            (assembly.folder / "assembly-Stage" / f"{region}.assets.json").read_text()
        )
        assert document["dockerImages"] == {}
        [stack] = [each for each in assembly.stacks if each.region == region]
        code = stack.template.resources["Web"]["Properties"]["Code"]
        assert code["S3Bucket"] == {"Fn::Sub": f"assets-{region}"}
        path = document["files"][code["S3Key"].removesuffix(".zip")]["source"]["path"]
        assert (assembly.folder / "assembly-Stage" / path / "bootstrap").is_file()


def test_the_same_image_has_the_same_key_each_time(tmp_path: Path) -> None:
    keys: set[str] = set()
    for _ in range(2):
        assembly = assembly_of(tmp_path / str(len(keys)), f'FROM a\n{COPY}CMD ["x"]\n')
        run_images(assembly.stacks)
        keys.add(assembly.stacks[0].template.resources["Web"]["Properties"]["Code"]["S3Key"])

    assert len(keys) == 1


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('ENTRYPOINT ["a", "b c"]\nCMD ["d"]', "a 'b c' d"),
        ('ENTRYPOINT ["a"]\nCMD d e', "a /bin/sh -c 'd e'"),
        ("ENTRYPOINT a b\nCMD c", "/bin/sh -c 'a b'"),
        ('CMD ["old"]\nENTRYPOINT ["a"]\nCMD ["d"]', "a d"),
        ('ENTRYPOINT []\nCMD ["d"]', "d"),
        ("CMD [ -f x ] && y", "/bin/sh -c '[ -f x ] && y'"),
        ('AS base\nCMD ["d"]\nFROM base\nENTRYPOINT ["a"]', "a"),
        ('AS base\nENTRYPOINT ["a"]\nFROM base\nCMD ["d"]', "a d"),
    ],
)
def test_what_the_image_would_start_is_started(tmp_path: Path, text: str, command: str) -> None:
    start = "" if text.startswith("AS") else "\n"
    assembly = assembly_of(tmp_path, f"FROM a {start}{text}\n{COPY}")

    run_images(assembly.stacks)

    assert command_of(assembly) == command


def test_an_image_whose_base_says_what_starts_is_refused(tmp_path: Path) -> None:
    assembly = assembly_of(tmp_path, f"FROM a\n{COPY}")
    with pytest.raises(LocalCloudError) as refused:
        run_images(assembly.stacks)

    assert str(refused.value) == (
        "eu-west-1.Web can't run here: its Dockerfile has neither ENTRYPOINT nor CMD, and its base "
        "isn't pulled; write what it starts in a CMD"
    )
