"""The example that starts fast: what each copy has for itself, and how Java is built."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from examples.fast_start.maven import maven_code
from examples.fast_start.stacks import HERE
from serverless_patterns import PatternError
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Hooks = dict[str, Callable[[], None]]
    MakeApp = Callable[..., cdk.App]


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Hooks:
    """What is registered with the module that Lambda's runtime brings."""
    registered: Hooks = {}
    runtime: Any = ModuleType("snapshot_restore_py")
    runtime.register_before_snapshot = lambda hook: registered.update(before=hook)
    runtime.register_after_restore = lambda hook: registered.update(after=hook)
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", runtime)
    return registered


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    """Initializes the module as Lambda does when it publishes a version."""
    monkeypatch.syspath_prepend(str(HERE / "python"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def initialize() -> Any:
        sys.modules.pop("quotes.own_state", None)
        return importlib.import_module("quotes.own_state")

    yield initialize
    for name in ("quotes", "quotes.own_state"):
        sys.modules.pop(name, None)


def test_a_copy_draws_other_numbers_than_the_next(
    hooks: Hooks, own_state: Callable[[], Any]
) -> None:
    own = own_state().own
    snapshot = own.discounts.getstate()

    drawn = set()
    for _ in range(5):
        own.discounts.setstate(snapshot)  # each copy is restored from the same snapshot
        hooks["after"]()
        drawn.add(own.discounts.random())

    assert len(drawn) == 5


def test_a_copy_has_a_client_of_its_own(hooks: Hooks, own_state: Callable[[], Any]) -> None:
    own = own_state().own
    first = own.dynamodb

    hooks["before"]()
    hooks["after"]()

    assert own.dynamodb is not first


def test_connections_are_closed_before_the_snapshot(
    hooks: Hooks, own_state: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(own_state().own.dynamodb, "close", lambda: closed.append("client"))
    assert not closed

    hooks["before"]()

    assert closed == ["client"]


def test_elsewhere_than_in_lambda_nothing_is_registered(
    own_state: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)

    assert own_state().own.dynamodb


def test_java_says_so_where_maven_is_missing(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stack = cdk.Stack(make_app(bundle=True), "Quotes")
    message = (
        "Quotes: code must be built by Maven, got no mvn on PATH; install Maven 3.8 or newer and "
        "a JDK of 17 or newer (apt-get install maven)"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        maven_code(stack, HERE / "java", lambda_.Runtime.JAVA_25)


def test_no_maven_is_needed_for_a_stack_that_is_not_bundled(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stack = cdk.Stack(make_app(), "Quotes")

    assert maven_code(stack, HERE / "java", lambda_.Runtime.JAVA_25)


FAKE_MAVEN = """#!/bin/sh
echo "$@" > ../arguments
{0}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    shutil.copytree(HERE / "java", folder, ignore=shutil.ignore_patterns("build"))
    return folder


def install_maven(folder: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program in Maven's place, so that the test needs neither it nor its downloads."""
    program = folder / "mvn"
    program.write_text(FAKE_MAVEN.format(does))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def java_in(stack: cdk.Stack, sources: Path) -> lambda_.Function:
    runtime = lambda_.Runtime.JAVA_25
    return lambda_.Function(
        stack,
        "Function",
        code=maven_code(stack, sources, runtime),
        handler="shop.quotes.QuoteHandler",
        runtime=runtime,
    )


def test_the_asset_is_the_jar_that_maven_built(
    make_app: MakeApp, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_maven(tmp_path, "mkdir -p build && echo jar > build/quotes.jar", monkeypatch)
    app = make_app(bundle=True)
    java_in(cdk.Stack(app, "Quotes"), sources)

    assembly = app.synth()
    [jar] = Path(assembly.directory).glob("*.jar")
    assert jar.read_text() == "jar\n"
    assert (tmp_path / "arguments").read_text() == "--batch-mode --quiet package\n"


def test_what_maven_says_is_told_when_it_fails(
    make_app: MakeApp, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_maven(tmp_path, "echo 'cannot find symbol'; exit 1", monkeypatch)
    stack = cdk.Stack(make_app(bundle=True), "Quotes")

    with pytest.raises(RuntimeError) as refused:
        java_in(stack, sources)
    assert f"mvn package failed in {sources}: cannot find symbol" in str(refused.value)


def test_equal_sources_publish_no_other_version(
    make_app: MakeApp, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(does: str) -> object:
        install_maven(tmp_path, f"mkdir -p build && {does} > build/quotes.jar", monkeypatch)
        stack = cdk.Stack(make_app(bundle=True), "Quotes")
        resource: Any = java_in(stack, sources).node.default_child
        return stack.resolve(resource.code)["s3Key"]

    first = key("echo one")
    (sources / "src" / "main" / "java" / "shop" / "quotes" / "More.java").write_text("// more\n")

    assert key("echo two") != first
    (sources / "src" / "main" / "java" / "shop" / "quotes" / "More.java").unlink()
    assert key("echo three") == first
