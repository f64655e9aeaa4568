"""The command `serverless-patterns plan`."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import SubprocessError
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from serverless_patterns import _quotas
from serverless_patterns._cdk_app import CdkApp, SynthesisError
from serverless_patterns._errors import PatternError
from serverless_patterns._plan_chart import chart
from serverless_patterns.plan import PlanError, plan_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.plan import CutPlan, Plan

_MB = 2**20
_WIDTH_OF_A_FILE = 100


@click.command("plan")
@click.argument("path", default=".", type=click.Path(exists=True, path_type=Path))
@click.option("--app", "command", help='The command that runs the app, such as "python app.py".')
@click.option("--api", metavar="CONSTRUCT_PATH", help="The one ModularApi to plan.")
@click.option("-c", "--context", multiple=True, metavar="KEY=VALUE", help="A context value.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write a chart.")
@click.option("--init/--no-init", default=True, help="Whether to time the application's import.")
def main(
    *,
    path: Path,
    command: str | None,
    api: str | None,
    context: tuple[str, ...],
    as_json: bool,
    svg: Path | None,
    init: bool,
) -> None:
    """Show each ModularApi of a CDK app at every granularity, side by side.

    PATH is the folder of the app and its cdk.json, or a Python file that is an app. It is
    synthesized once for each granularity; nothing is deployed.
    """
    pairs = [pair.partition("=") for pair in context]
    if not all(key and separator for key, separator, _ in pairs):
        raise click.BadParameter(f"must be KEY=VALUE, got {' '.join(context)}", param_hint="-c")
    try:
        app = CdkApp.at(path, command, {key: value for key, _, value in pairs})
        plans = plan_app(app, api=api, init=init)
        if svg:
            _write_chart(plans, svg)
    except (PlanError, SynthesisError, PatternError, OSError, SubprocessError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([plan.to_dict() for plan in plans], indent=2))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_FILE  # a pipe has no width that lines should break at
    for plan in plans:
        _show(console, plan)


def _write_chart(plans: list[Plan], file: Path) -> None:
    if len(plans) > 1:
        paths = ", ".join(plan.path for plan in plans)
        raise PlanError(f"a chart shows one ModularApi; choose it with --api: {paths}")
    file.write_text(chart(plans[0]), encoding="utf-8")


def _show(console: Console, plan: Plan) -> None:
    table = Table(title=f"{plan.path} ({plan.endpoint})", title_justify="left")
    table.add_column("")
    for cut in plan.cuts:
        table.add_column(cut.granularity.value, justify="right")
    table.add_column("quota", justify="right")
    for name, shown, quota in _rows(plan):
        table.add_row(name, *(shown(cut) for cut in plan.cuts), quota)
    console.print(table, markup=False)
    for note in _notes(plan):
        console.print(note, markup=False, soft_wrap=True)


def _rows(plan: Plan) -> list[tuple[str, Callable[[CutPlan], str], str]]:
    quotas = plan.quotas
    bundle = f"{plan.bundle.size_bytes / _MB:.1f} MB"
    init = plan.bundle.init_milliseconds
    time = "not measured" if init is None else f"{init:.0f} ms"
    return [
        ("functions", lambda cut: str(cut.functions), ""),
        ("resources", lambda cut: str(cut.resources), ""),
        ("fullest stack", lambda cut: str(cut.largest_stack), str(quotas["largest_stack"])),
        ("stacks", lambda cut: str(cut.stacks), ""),
        (
            "largest template",
            lambda cut: _kilobytes(cut.template_bytes),
            _kilobytes(_quotas.CLOUDFORMATION_TEMPLATE_BYTES),
        ),
        (
            plan.connections_name,
            lambda cut: str(cut.connections),
            str(quotas["connections"] or ""),
        ),
        ("largest policy", lambda cut: f"{cut.policy_bytes} B", f"{quotas['policy_bytes']} B"),
        ("bundle", lambda _: bundle, "250 MB"),
        ("init, here", lambda _: time, ""),
        ("surplus, average", lambda cut: _surplus(cut.average_surplus), ""),
        ("surplus, most", lambda cut: _surplus(cut.largest_surplus), ""),
    ]


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.0f} KB"


def _surplus(value: float | None) -> str:
    if value is None:
        return "unknown"
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def _notes(plan: Plan) -> list[str]:
    notes = [
        (
            "Surplus: actions on a resource that a route's function may take and the route was not "
            "granted."
        ),
        (
            "Bundle and init are the same at every cut, as functions share one asset; measured on "
            f"this machine ({plan.bundle.target})."
        ),
    ]
    if plan.unknown:
        notes.append(
            f"Without a function of their own at any cut, so left out of surplus: "
            f"{', '.join(plan.unknown)}."
        )
    notes += [f"No {cut} here: {why}" for cut, why in plan.refused.items()]
    return notes
