from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2

from serverless_patterns import PythonCode, PythonFunction
from serverless_patterns._uv import run_uv

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]
    Bundle = Callable[..., Path]

DOCKERFILE = """\
FROM python:3.13-slim
COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0 /lambda-adapter /opt/extensions/adapter
CMD ["python", "-m", "uvicorn", "main:app"]
"""
HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'


def names(folder: Path) -> set[str]:
    """The files under ``folder``."""
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SERVERLESS_PATTERNS_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only index there is: a folder of wheels."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    return folder


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of uv that were run."""
    commands: list[str] = []

    def record(command: str, *args: Any, **options: Any) -> Any:
        commands.append(command.split(" --", maxsplit=1)[0])
        return run_uv(command, *args, **options)

    monkeypatch.setattr("serverless_patterns._wheels.run_uv", record)
    return commands


@pytest.fixture
def bundle(make_app: MakeApp) -> Bundle:
    """Bundles an entry in an app of its own and returns the asset's folder."""

    def bundle(entry: Path, context: dict[str, str] | None = None, **options: Any) -> Path:
        app = make_app(bundle=True, **(context or {}))
        code = PythonCode(cdk.Stack(app, "Shop"), "Worker", entry=entry, **options)
        return Path(code.path)

    return bundle


@pytest.fixture
def cache_of_routes(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A cache for all of these tests: each environment is installed once."""
    cache = tmp_path_factory.getbasetemp() / "cache-of-routes"
    monkeypatch.setenv("SERVERLESS_PATTERNS_CACHE_DIR", str(cache))


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A local project beside the entry."""
    folder = tmp_path / "shared"
    (folder / "shared").mkdir(parents=True)
    (folder / "shared" / "__init__.py").write_text("CENTS = 100\n")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "shared"\nversion = "1"\n'
        f'[project.optional-dependencies]\nmoney = ["money"]\n{HATCHLING}'
    )
    return folder


@pytest.fixture
def handler(stack: cdk.Stack, entry: Path) -> PythonFunction:
    return PythonFunction(stack, "Handler", entry=entry)


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)


@pytest.fixture
def certificate(stack: cdk.Stack) -> acm.ICertificate:
    return acm.Certificate(stack, "Certificate", domain_name="api.shop.example")


@pytest.fixture
def other(stack: cdk.Stack, entry: Path) -> PythonFunction:
    return PythonFunction(stack, "Other", entry=entry)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with a Dockerfile of a web application."""
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return folder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with a web application that requires nothing."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "main.py").write_text("app = None\n")
    return folder
