"""What reading a flag costs: by the runtime client, beside a call of ``appconfigdata``."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_patterns._runtime_client import client_folder
from serverless_patterns.local import LocalCloud
from serverless_patterns.runtime.appconfig import AppConfig
from serverless_patterns.testing.plugin import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

IMPORT_BUDGET_MS = 20
RATIO_BUDGET = 1.0  # of a read from the agent's cache to a call of the emulator, both on loopback
IMPORTS = 15
READS = 300
FLAGS = {f"flag_{number}": {"enabled": number % 2 == 0} for number in range(50)}
# Nothing but the standard library can be imported, as in a function's asset.
TIMED_IMPORT = """
import time
started = time.perf_counter()
import serverless_patterns.runtime.{module}
print((time.perf_counter() - started) * 1000)
"""


def main() -> bool:
    """Print the rows; whether the budgets were kept."""
    print(f"\nflags at run time: the quickest of {IMPORTS} imports, medians of {READS} reads")
    took = {module: _import_milliseconds(module) for module in ("appconfig", "parameters")}
    for module, milliseconds in took.items():
        print(f"  {'import runtime.' + module:<45}{milliseconds:8.1f} ms")
    ratio = _compare_reads()
    slowest = max(took.values())
    print(f"the slower import: {_verdict(slowest <= IMPORT_BUDGET_MS)} {IMPORT_BUDGET_MS} ms")
    print(f"a read to a call: {ratio:.2f}, {_verdict(ratio <= RATIO_BUDGET)} {RATIO_BUDGET:g}")
    return slowest <= IMPORT_BUDGET_MS and ratio <= RATIO_BUDGET


def _verdict(kept: bool) -> str:  # noqa: FBT001 - what is said of a budget
    return "within" if kept else "OVER"


def _import_milliseconds(module: str) -> float:
    command = [sys.executable, "-S", "-P", "-c", TIMED_IMPORT.format(module=module)]
    environment = {"PYTHONPATH": str(client_folder())}
    runs = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        for _ in range(IMPORTS)
    ]
    return min(float(run.stdout) for run in runs)  # other programs only add to it


def _compare_reads() -> float:
    """Print what a read and a call take, in turn; the ratio of their medians."""
    with tempfile.TemporaryDirectory() as folder:
        cloud = LocalCloud(free_port(), Path(folder))
        cloud.up()
        try:
            names = _deployed(cloud)
            port = cloud.require_running().appconfig_port
            flags = AppConfig(*names.values(), port=port)
            call = _direct_call(cloud, names)
            call()
            took: dict[str, list[float]] = {"read": [], "call": []}
            for _ in range(READS):
                flag = flags.flag("flag_0")
                if not flag.enabled or flag.problem:
                    raise RuntimeError(f"the flag must be read: {flag.problem}")
                took["read"].append(_seconds(lambda: flags.flag("flag_0")))
                took["call"].append(_seconds(call))
        finally:
            cloud.down()
    read, called = (statistics.median(each) * 1000 for each in took.values())
    print(f"  {'a flag of 50, from the agent over loopback':<45}{read:8.2f} ms")
    print(f"  {'GetLatestConfiguration, nothing changed':<45}{called:8.2f} ms")
    return read / called


def _direct_call(cloud: LocalCloud, names: dict[str, str]) -> Callable[[], None]:
    """Polls the emulator as a function without an agent would, by boto3."""
    data = cloud.client("appconfigdata")
    session = data.start_configuration_session(
        **{f"{name}Identifier": value for name, value in names.items()}
    )
    token = session["InitialConfigurationToken"]

    def call() -> None:
        nonlocal token
        answer = data.get_latest_configuration(ConfigurationToken=token)
        answer["Configuration"].read()
        token = answer["NextPollConfigurationToken"]

    return call


def _deployed(cloud: LocalCloud) -> dict[str, str]:
    """Deploys feature flags; their names, in the order in which the client takes them."""
    client: Any = cloud.client("appconfig")
    application = {"ApplicationId": client.create_application(Name="Shop")["Id"]}
    environment = client.create_environment(**application, Name="live")["Id"]
    profile = client.create_configuration_profile(
        **application, Name="flags", LocationUri="hosted", Type="AWS.AppConfig.FeatureFlags"
    )["Id"]
    document = {"version": "1", "flags": {name: {"name": name} for name in FLAGS}, "values": FLAGS}
    version = client.create_hosted_configuration_version(
        **application,
        ConfigurationProfileId=profile,
        Content=json.dumps(document).encode(),
        ContentType="application/json",
    )["VersionNumber"]
    strategy = client.create_deployment_strategy(
        Name="at once", DeploymentDurationInMinutes=0, GrowthFactor=100, ReplicateTo="NONE"
    )["Id"]
    client.start_deployment(
        **application,
        EnvironmentId=environment,
        ConfigurationProfileId=profile,
        ConfigurationVersion=str(version),
        DeploymentStrategyId=strategy,
    )
    return {"Application": "Shop", "Environment": "live", "ConfigurationProfile": "flags"}


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(not main())
