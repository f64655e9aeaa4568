"""The command line: `serverless-patterns`, and `python -m serverless_patterns`."""

from __future__ import annotations

import sys

_NEEDS = "this command needs the extra `local`: pip install 'serverless-patterns[local]'"


def main() -> None:
    """Run the command line."""
    try:
        import click  # noqa: PLC0415 - absent without the extra

        from serverless_patterns.concurrency_cli import main as concurrency  # noqa: PLC0415
        from serverless_patterns.diagram_cli import main as diagram  # noqa: PLC0415
        from serverless_patterns.local.cli import main as local_commands  # noqa: PLC0415
        from serverless_patterns.plan_cli import main as plan  # noqa: PLC0415
        from serverless_patterns.redrive_cli import main as redrive  # noqa: PLC0415
        from serverless_patterns.replay_cli import main as replay  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.exit(f"Error: {error}; {_NEEDS}")
    commands = click.Group(
        "serverless-patterns",
        help="Constructs for serverless applications: plan, diagram, concurrency, redrive, "
        "replay, a local cloud.",
    )
    commands.add_command(concurrency)
    commands.add_command(diagram)
    commands.add_command(local_commands)
    commands.add_command(plan)
    commands.add_command(redrive)
    commands.add_command(replay)
    commands(prog_name="serverless-patterns")


def local() -> None:
    """Run the commands of the local cloud alone."""
    try:
        from serverless_patterns.local.cli import main as local_commands  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.exit(f"Error: {error}; {_NEEDS}")
    local_commands(prog_name="python -m serverless_patterns.local")


if __name__ == "__main__":
    main()
