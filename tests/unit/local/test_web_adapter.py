"""Functions with the adapter's layer or image, as the local cloud deploys them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local import LocalCloudError, web_adapter
from serverless_patterns.local.assembly import Assembly
from serverless_patterns.local.web_adapter import start_adapters
from serverless_patterns.local.web_images import forget_capacity_providers, run_images

if TYPE_CHECKING:
    from pathlib import Path

LAYER = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:1:layer:LambdaAdapterLayerX86:30"}
DOCKERFILE = """
FROM python:3.14-slim
COPY --from=adapter:1.1.0 /lambda-adapter /opt/extensions/lambda-adapter
ENV GREETING=hello PATH=/app/bin
CMD ["python", "my server.py"]
"""


@pytest.fixture
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that stands for the adapter."""
    program = tmp_path / "adapter" / "bin" / "lambda-adapter"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    monkeypatch.setenv("SERVERLESS_PATTERNS_ADAPTER", str(program))
    monkeypatch.setattr(web_adapter, "emulator_python", lambda: tmp_path / "python")
    return program


class Folder:
    """An assembly with one stack of one function and its asset."""

    def __init__(self, tmp_path: Path, function: dict[str, Any], assets: dict[str, Any]) -> None:
        source = tmp_path / "cdk.out"
        code = source / "asset.abc"
        code.mkdir(parents=True)
        (code / "run.sh").write_text("#!/bin/sh\n")
        (code / "bootstrap").write_text("#!/bin/sh\n")
        (code / "Dockerfile").write_text(DOCKERFILE)
        resource = {"Type": "AWS::Lambda::Function", "Properties": function}
        (source / "Shop.template.json").write_text(json.dumps({"Resources": {"Web": resource}}))
        (source / "Shop.assets.json").write_text(json.dumps(assets))
        artifact = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": "Shop.template.json"},
        }
        (source / "manifest.json").write_text(json.dumps({"artifacts": {"Shop": artifact}}))
        self.assembly = Assembly(source, tmp_path / "local")
        self.templates = [stack.template for stack in self.assembly.stacks]

    @property
    def function(self) -> dict[str, Any]:
        properties: dict[str, Any] = self.templates[0].resources["Web"]["Properties"]
        return properties

    @property
    def assets(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(
            (self.assembly.folder / "Shop.assets.json").read_text()
        )
        return document

    def text(self, name: str) -> str:
        """A file of what the function is deployed with."""
        key = self.function["Code"]["S3Key"].removesuffix(".zip")
        path: str = self.assets["files"][key]["source"]["path"]
        return (self.assembly.folder / path / name).read_text()


def zipped(**properties: Any) -> dict[str, Any]:
    return {
        "Code": {"S3Bucket": "assets", "S3Key": "abc.zip"},
        "Handler": "run.sh",
        "Runtime": "python3.14",
        "Layers": [LAYER],
        "Environment": {"Variables": {"PORT": "8080"}},
    } | properties


FILES = {
    "files": {
        "abc": {
            "source": {"path": "asset.abc", "packaging": "zip"},
            "destinations": {"here": {"bucketName": "assets", "objectKey": "abc.zip"}},
        }
    }
}
IMAGES = {
    "files": {
        "template": {
            "source": {"path": "Shop.template.json", "packaging": "file"},
            "destinations": {
                "here": {"bucketName": "assets-${AWS::Region}", "objectKey": "t.json"}
            },
        }
    },
    "dockerImages": {"cafe": {"source": {"directory": "asset.abc"}, "destinations": {}}},
}


def test_a_function_with_the_layer_starts_the_adapter_of_this_machine(
    tmp_path: Path, adapter: Path
) -> None:
    folder = Folder(tmp_path, zipped(), FILES)

    untold = start_adapters(folder.assembly, folder.templates)

    assert untold == []
    assert folder.function["Runtime"] == "provided.al2023"
    assert folder.function["Handler"] == "run.sh"
    assert "Layers" not in folder.function
    assert str(adapter) in folder.text("bootstrap")


def test_a_changed_asset_gets_a_key_of_its_own(tmp_path: Path, adapter: Path) -> None:
    """A published asset is never replaced."""
    del adapter
    folder = Folder(tmp_path, zipped(), FILES)

    start_adapters(folder.assembly, folder.templates)

    [(key, file)] = folder.assets["files"].items()
    assert key != "abc"
    assert file["destinations"]["here"]["objectKey"] == f"{key}.zip"
    assert file["source"]["path"] == f"asset.{key}"
    assert folder.function["Code"]["S3Key"] == f"{key}.zip"


def test_what_else_uses_the_asset_finds_it_as_it_was(tmp_path: Path, adapter: Path) -> None:
    del adapter
    folder = Folder(tmp_path, zipped(), FILES)
    plain = {"Code": {"S3Bucket": "assets", "S3Key": "abc.zip"}, "Runtime": "nodejs24.x"}
    folder.templates[0].resources["Plain"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": plain,
    }

    start_adapters(folder.assembly, folder.templates)

    assert plain["Code"] == {"S3Bucket": "assets", "S3Key": "abc.zip"}
    assert folder.assets["files"]["abc"] == FILES["files"]["abc"]
    assert (folder.assembly.folder / "asset.abc" / "run.sh").is_file()
    assert folder.function["Code"]["S3Key"] != "abc.zip"
    assert folder.text("application/run.sh") == "#!/bin/sh\n"


def test_an_application_keeps_a_bootstrap_of_its_own(tmp_path: Path, adapter: Path) -> None:
    """Its sources go into a folder: a runtime without a language has one, and so has Laravel."""
    del adapter
    bare = zipped(Runtime="provided.al2023", Handler="bootstrap")
    folder = Folder(tmp_path, bare, FILES)

    start_adapters(folder.assembly, folder.templates)

    assert folder.function["Handler"] == "bootstrap"
    assert folder.text("application/bootstrap") == "#!/bin/sh\n"


def test_functions_without_the_layer_stay_as_they_are(tmp_path: Path, adapter: Path) -> None:
    del adapter
    folder = Folder(tmp_path, zipped(Layers=["arn:aws:lambda:::layer:other:1"]), FILES)

    start_adapters(folder.assembly, folder.templates)

    assert folder.function["Runtime"] == "python3.14"
    assert folder.assets == FILES


def test_without_an_adapter_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "bin" / "lambda-adapter"
    monkeypatch.setenv("SERVERLESS_PATTERNS_ADAPTER", str(missing))
    folder = Folder(tmp_path, zipped(), FILES)

    with pytest.raises(LocalCloudError) as refusal:
        start_adapters(folder.assembly, folder.templates)

    assert str(refusal.value) == (
        f"Shop.Web needs the Lambda Web Adapter, and there is no program {missing}; install it: "
        f"cargo install --locked --version 0.9.1 --root {tmp_path} lambda_web_adapter"
    )


@pytest.mark.parametrize(
    ("status", "unhealthy", "untold"),
    [("100-404", "405", []), ("0 - 299", "300", []), ("200-299", None, ["Shop.Web"])],
)
def test_what_is_healthy_is_said_in_the_words_of_an_older_adapter(
    tmp_path: Path, adapter: Path, status: str, unhealthy: str | None, untold: list[str]
) -> None:
    del adapter
    variables = {"AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": status}
    folder = Folder(tmp_path, zipped(Environment={"Variables": variables}), FILES)

    assert start_adapters(folder.assembly, folder.templates) == untold

    said = folder.function["Environment"]["Variables"]
    assert said.get("AWS_LWA_READINESS_CHECK_MIN_UNHEALTHY_STATUS") == unhealthy


def test_an_image_becomes_a_zip_that_runs_its_command(tmp_path: Path, adapter: Path) -> None:
    image = {
        "Code": {"ImageUri": {"Fn::Sub": "1.dkr.ecr.${AWS::Region}.amazonaws.com/assets:cafe"}},
        "PackageType": "Image",
        "Environment": {"Variables": {"GREETING": "good morning"}},
    }
    folder = Folder(tmp_path, image, IMAGES)

    run = run_images(folder.assembly.stacks)

    assert run == ["Shop.Web"]
    assert "PackageType" not in folder.function
    assert folder.function["Code"]["S3Bucket"] == {"Fn::Sub": "assets-${AWS::Region}"}
    assert folder.function["Environment"]["Variables"] == {"GREETING": "good morning"}
    assert folder.text("application/image-command") == "#!/bin/sh\nexec python 'my server.py'\n"
    assert str(adapter) in folder.text("bootstrap")
    assert folder.assets["dockerImages"] == {}
    assert folder.function["Code"]["S3Key"].removesuffix(".zip") in folder.assets["files"]


def test_an_image_without_the_adapter_is_left_to_the_cdk_cli(tmp_path: Path) -> None:
    image = {"Code": {"ImageUri": "1.dkr.ecr.us-east-1.amazonaws.com/assets:cafe"}}
    folder = Folder(tmp_path, image, IMAGES)
    (folder.assembly.folder / "asset.abc" / "Dockerfile").write_text("FROM scratch\n")

    assert run_images(folder.assembly.stacks) == []

    assert folder.assets == IMAGES


def test_no_container_service_says_where_it_would_run(tmp_path: Path) -> None:
    folder = Folder(tmp_path, zipped(), FILES)
    strategy = [{"CapacityProvider": "Instances"}]
    service = {
        "Type": "AWS::ECS::Service",
        "Properties": {"CapacityProviderStrategy": strategy, "DesiredCount": 1},
    }
    folder.templates[0].resources["Service"] = service

    forget_capacity_providers(folder.templates)

    assert service["Properties"] == {"DesiredCount": 1}
