"""Which stacks of an app are deployed, and what keeps them from it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.aws import DEFAULT_REGION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.local.assembly import Assembly, Stack
    from serverless_patterns.local.cdk_cli import CdkCli
    from serverless_patterns.local.pruning import Pruning


def chosen_stacks(
    cdk: CdkCli, assembly: Assembly, patterns: Sequence[str], *, every_stack: bool
) -> list[Stack]:
    """The stacks that the CDK CLI means by ``patterns``, those that they depend on included."""
    there = [stack.display_name for stack in assembly.stacks]
    if every_stack or (len(there) == 1 and {*patterns} <= {*there}):
        return assembly.stacks
    if not patterns:
        raise LocalCloudError(
            f"the app has {len(there)} stacks ({', '.join(there)}); name some, or add --all"
        )
    listed = cdk.run("list", f"--app={assembly.folder}", *patterns)
    names = {line.split(" (")[0] for line in listed.splitlines()}
    chosen = [stack for stack in assembly.stacks if stack.display_name in names]
    if not chosen:
        raise LocalCloudError(
            f"no stack matches {' '.join(patterns)}; there are {', '.join(there)}"
        )
    return chosen


def refuse_equal_names(stacks: Sequence[Stack]) -> None:
    """Refuse two stacks of an app that only their accounts told apart."""
    places = Counter((stack.name, stack.region or DEFAULT_REGION) for stack in stacks)
    for (name, region), number in places.items():
        if number > 1:
            raise LocalCloudError(
                f"{number} stacks are called {name} in {region}, and the local cloud has one "
                "account: each would replace the other; deploy one of them, or give them names of "
                "their own"
            )


def refuse_lost_variables(pruning: Pruning, names: set[str]) -> None:
    """A function that starts without a variable it needs would fail far from the reason."""
    lost = [
        path
        for path in pruning.lost
        if ".Environment.Variables." in path and root_of(path) in names
    ]
    if lost:
        stacks = {root_of(path) for path in lost}
        left = {
            f"{one.logical_id} ({one.type})"
            for one in pruning.left_out
            if root_of(one.stack) in stacks
        }
        raise LocalCloudError(
            f"these environment variables would be missing: {', '.join(lost)}, because the "
            f"emulator can't deploy {', '.join(sorted(left))}; give them a value of their own in "
            "a local deployment, for example from context"
        )


def root_of(path: str) -> str:
    """The stack that a path of a resource starts with."""
    return re.split(r"[./]", path, maxsplit=1)[0]
