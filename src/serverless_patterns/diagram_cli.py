"""The command `serverless-patterns diagram`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from serverless_patterns._cdk_app import WITHOUT_BUNDLES, CdkApp, SynthesisError
from serverless_patterns._diagram.dot import dot
from serverless_patterns._diagram.picture import DiagramError, Picture, picture_of
from serverless_patterns._diagram.svg import svg
from serverless_patterns.local.assembly import Assembly

_DRAW = {"dot": dot, "svg": svg}
_NEEDS = (
    "SVG needs the extra `diagram`: pip install 'serverless-patterns[diagram]', or --format dot"
)
_HELP_APP = (
    'The command that runs the app, such as "python app.py", or the folder of an assembly, such '
    "as cdk.out. Default: what cdk.json says."
)


class _Refused(click.ClickException):
    exit_code = 2


@click.command("diagram")
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@click.option("--app", "command", help=_HELP_APP)
@click.option("-c", "--context", multiple=True, metavar="KEY=VALUE", help="A context value.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a file, not stdout."
)
@click.option(
    "--format", "form", type=click.Choice(sorted(_DRAW)), default="svg", show_default=True
)
def main(
    *,
    stacks: tuple[str, ...],
    command: str | None,
    context: tuple[str, ...],
    output: Path | None,
    form: str,
) -> None:
    """Draw stacks as their synthesized templates have them.

    STACK is a name as `cdk list` tells it; without one, every stack is drawn. Nothing is deployed.
    """
    pairs = [pair.partition("=") for pair in context]
    if not all(key and separator for key, separator, _ in pairs):
        raise _Refused(f"-c must be KEY=VALUE, got {' '.join(context)}")
    try:
        picture = _picture(stacks, command, {key: value for key, _, value in pairs})
        drawing = _DRAW[form](picture)
        if output:
            output.write_text(drawing, encoding="utf-8")
    except ModuleNotFoundError as error:
        raise _Refused(f"{error}; {_NEEDS}") from error
    except (DiagramError, SynthesisError, OSError) as error:
        raise _Refused(str(error)) from error
    if not output:
        click.echo(drawing, nl=False)


def _picture(names: tuple[str, ...], command: str | None, context: dict[str, str]) -> Picture:
    with tempfile.TemporaryDirectory(prefix="serverless-patterns-diagram-") as scratch:
        assembly = Path(command or "")
        if not (command and (assembly / "manifest.json").is_file()):
            app = CdkApp.at(Path(), command, context)
            assembly = Path(scratch) / "cdk.out"
            app.synthesize(assembly, {**app.context, **WITHOUT_BUNDLES})
        return picture_of(Assembly(assembly, Path(scratch) / "copy").stacks, names)
