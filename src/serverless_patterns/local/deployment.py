"""An app, deployed to the local cloud with the real CDK CLI."""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_patterns._context import (
    CONTEXT_ARCHITECTURE,
    CONTEXT_PLATFORM,
    CONTEXT_PYTHON_VERSION,
)
from serverless_patterns._wheels import Target
from serverless_patterns.local import emulator
from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.assembly import OUTPUTS_MARK, Assembly, Stack
from serverless_patterns.local.attributes import spell_out_attributes
from serverless_patterns.local.aws import ACCOUNT, DEFAULT_REGION
from serverless_patterns.local.cdk_cli import CdkCli
from serverless_patterns.local.extension_layers import name_layers, use_local_ports
from serverless_patterns.local.limits import Unenforced, unenforced
from serverless_patterns.local.listener_rules import translate_rules
from serverless_patterns.local.pruning import LeftOut, Pruning
from serverless_patterns.local.repairs import Repairs
from serverless_patterns.local.rest_bodies import spell_out_methods
from serverless_patterns.local.selection import (
    chosen_stacks,
    refuse_equal_names,
    refuse_lost_variables,
    root_of,
)
from serverless_patterns.local.server import stack_outputs
from serverless_patterns.local.state import ASSEMBLY_PREFIX
from serverless_patterns.local.web_adapter import HEALTHY_STATUS, start_adapters
from serverless_patterns.local.web_images import BUILDS, forget_capacity_providers, run_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from serverless_patterns.local.server import LocalCloud

    Say = Callable[[str], None]

_STARTED = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
_PROGRESS = re.compile(
    r"^(?P<stack>\S+) \| +\d+/\d+ \| [^|]+ \| (?:CREATE|UPDATE)_COMPLETE +\| "
    r"(?P<type>\S+) +\| (?P<name>\S+)"
)


@dataclass(frozen=True)
class Deployed:
    """What a deployment did.

    Attributes:
        outputs: The outputs of each deployed stack.
        target: What Python code was bundled for.
        left_out: The resources that the emulator can't deploy.
        lost: The properties and outputs that referred to them.
        repaired: What the emulator dropped and was set through its API.
        translated: The listener rules whose regular expressions were written with wildcards.
        unenforced: What is asked for in vain.
    """

    outputs: dict[str, dict[str, str]]
    target: str
    left_out: list[LeftOut]
    lost: list[str]
    repaired: list[str]
    translated: list[str]
    unenforced: list[Unenforced]


def deploy(
    cloud: LocalCloud,
    *,
    folder: Path | str,
    app: str | None = None,
    stacks: Sequence[str] = (),
    every_stack: bool = False,
    context: Mapping[str, str] | None = None,
    say: Say = lambda _: None,
) -> Deployed:
    """Synthesize an app and deploy stacks of it to a running local cloud.

    Args:
        cloud: Where to deploy.
        folder: The folder of the app and its ``cdk.json``.
        app: The command that runs the app. Default - the one in ``cdk.json``.
        stacks: The stacks, as the CDK CLI takes them. Default - the only one.
        every_stack: Whether to deploy all of them.
        context: Context values for the synthesis.
        say: Called with each line of progress.

    Raises:
        LocalCloudError: If the cloud doesn't run, or a step fails.
    """
    record = cloud.require_running()
    log = cloud.state.folder / "deploy.log"
    with (
        cloud.state.locked("deployment"),
        tempfile.TemporaryDirectory(dir=cloud.state.folder, prefix=ASSEMBLY_PREFIX) as scratch,
    ):
        log.write_text("")
        cdk = CdkCli(folder, cloud.environment(), log)
        target = f"Python {record.python_version} on {Target.here().platform}"
        say(f"Synthesizing; functions are bundled for {target}, which runs them here")
        started = time.monotonic()
        source = Path(scratch) / "cdk.out"
        _synthesize(cdk, source, app, record.python_version, context or {})
        say(f"Synthesized in {time.monotonic() - started:.1f} s")

        assembly = Assembly(source, Path(scratch) / "local")
        assembly.use_account(ACCOUNT)
        assembly.deploy_as_caller()
        chosen = chosen_stacks(cdk, assembly, stacks, every_stack=every_stack)
        pruning = Pruning([stack.template for stack in assembly.stacks], emulator.can_deploy)
        refuse_equal_names(chosen)
        names = {stack.name for stack in chosen}
        refuse_lost_variables(pruning, names)
        templates = [each for stack in assembly.stacks for each in stack.template.tree()]
        spell_out_attributes(templates)
        spell_out_methods(templates)
        use_local_ports(templates)
        for stack in assembly.stacks:
            name_layers([*stack.template.tree()], stack.region or DEFAULT_REGION)
        deployed = [each for stack in chosen for each in stack.template.tree()]
        unheard = start_adapters(assembly, deployed)
        unbuilt = run_images(chosen)
        forget_capacity_providers(templates)
        translated = translate_rules(templates)
        repairs = Repairs(cloud, assembly.stacks)
        assembly.write_templates()

        for stack in chosen:
            cloud.state.remember_region(stack.region or DEFAULT_REGION)
            _refuse_unfinished(cloud, stack)
            _bootstrap(cloud, cdk, stack, say)
            repairs.before(stack)
        started = time.monotonic()
        _deploy(cloud, cdk, assembly, chosen, say)
        repaired = [text for stack in chosen for text in repairs.after(stack)]
        say(f"Deployed in {time.monotonic() - started:.1f} s")
        return Deployed(
            outputs={stack.name: _outputs(cloud, stack) for stack in chosen},
            target=target,
            left_out=[left for left in pruning.left_out if root_of(left.stack) in names],
            lost=[path for path in pruning.lost if root_of(path) in names],
            repaired=repaired,
            translated=[path for path in translated if root_of(path) in names],
            unenforced=[
                *unenforced(deployed, enforces_iam=record.enforce_iam),
                *([Unenforced(HEALTHY_STATUS, tuple(unheard))] if unheard else []),
                *([Unenforced(BUILDS, tuple(unbuilt))] if unbuilt else []),
            ],
        )


def _synthesize(
    cdk: CdkCli, output: Path, app: str | None, python_version: str, context: Mapping[str, str]
) -> None:
    local = {
        CONTEXT_ARCHITECTURE: emulator.target_architecture(),
        CONTEXT_PLATFORM: Target.here().platform,
        CONTEXT_PYTHON_VERSION: python_version,
    }
    arguments = [f"--context={key}={value}" for key, value in {**local, **context}.items()]
    if app:
        arguments.append(f"--app={app}")
    with _as_it_was(cdk.folder / "cdk.context.json"):
        cdk.run("synth", "--quiet", f"--output={output}", *arguments)
    if not (output / "manifest.json").is_file():
        raise LocalCloudError(
            "the app is a folder that was synthesized before, and for AWS; give the command that "
            'synthesizes it, such as --app "python app.py"'
        )


@contextlib.contextmanager
def _as_it_was(lookups: Path) -> Iterator[None]:
    """Keep what the emulator answers to lookups out of the project: AWS would be told it later."""
    before = lookups.read_bytes() if lookups.is_file() else None
    try:
        yield
    finally:
        if before is None:
            lookups.unlink(missing_ok=True)
        elif lookups.read_bytes() != before:
            lookups.write_bytes(before)


def _bootstrap(cloud: LocalCloud, cdk: CdkCli, stack: Stack, say: Say) -> None:
    region = stack.region or DEFAULT_REGION
    ssm = cloud.client("ssm", region)
    try:
        ssm.get_parameter(Name=f"/cdk-bootstrap/{stack.qualifier}/version")
    except ssm.exceptions.ParameterNotFound:
        say(f"Bootstrapping aws://{ACCOUNT}/{region}")
        with tempfile.TemporaryDirectory() as elsewhere:  # an app here would be synthesized again
            cdk.run(
                "bootstrap",
                f"aws://{ACCOUNT}/{region}",
                f"--qualifier={stack.qualifier}",
                f"--toolkit-stack-name=CDKToolkit-{stack.qualifier}",
                folder=Path(elsewhere),
            )


def _deploy(
    cloud: LocalCloud, cdk: CdkCli, assembly: Assembly, chosen: Sequence[Stack], say: Say
) -> None:
    def progress(line: str) -> None:
        done = _PROGRESS.match(line)
        if done and not done["name"].startswith(OUTPUTS_MARK):
            say(f"{done['stack']}: {done['type']} {done['name']}")
        elif "(no changes)" in line:
            say(f"{line.split()[1]}: no changes")

    names = [stack.display_name for stack in chosen]
    try:
        cdk.run(
            "deploy",
            f"--app={assembly.folder}",
            "--require-approval=never",
            "--progress=events",
            *names,
            on_line=progress,
        )
    except LocalCloudError as error:
        failures = [text for stack in chosen for text in _failures(cloud, stack)]
        raise LocalCloudError("; ".join(failures) or str(error)) from error


def _refuse_unfinished(cloud: LocalCloud, stack: Stack) -> None:
    """Refuse to go on with a stack that a deployment left unfinished: it would seem unchanged."""
    client = cloud.client("cloudformation", stack.region)
    with contextlib.suppress(client.exceptions.ClientError):  # there is none yet
        status = client.describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]
        if status.endswith("_IN_PROGRESS"):
            raise LocalCloudError(
                f"{stack.name} is still {status}, since a deployment was broken off; "
                "empty the local cloud with `reset`"
            )


def _outputs(cloud: LocalCloud, stack: Stack) -> dict[str, str]:
    client = cloud.client("cloudformation", stack.region)
    return stack_outputs(client.describe_stacks(StackName=stack.name)["Stacks"][0])


def _failures(cloud: LocalCloud, stack: Stack) -> Iterator[str]:
    """Why the last operation on a stack failed, in CloudFormation's words."""
    client = cloud.client("cloudformation", stack.region)
    with contextlib.suppress(client.exceptions.ClientError):
        for event in client.describe_stack_events(StackName=stack.name)["StackEvents"]:
            if event["LogicalResourceId"] == stack.name and event["ResourceStatus"] in _STARTED:
                return
            if event["ResourceStatus"].endswith("_FAILED"):
                yield (
                    f"{stack.name}: {event['LogicalResourceId']} ({event['ResourceType']}): "
                    f"{event.get('ResourceStatusReason', 'no reason').splitlines()[0]}"
                )
