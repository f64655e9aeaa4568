"""A copy of a cloud assembly, edited so that the emulator can deploy it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NESTED_STACK = "AWS::CloudFormation::Stack"
OUTPUTS_MARK = "LocalOutputs"
"""How the logical ids start of what marks a change of outputs."""

_NOTHING = "AWS::CloudFormation::WaitConditionHandle"
_NAMES_ACCOUNTS = ("manifest.json", ".assets.json", ".template.json")
_ROLES = ("assumeRoleArn", "cloudFormationExecutionRoleArn", "lookupRole")


@dataclass(eq=False)
class Template:
    """A template, and those nested in it by the logical id of their stack.

    Attributes:
        name: The stack's name for people: ``Shop``, ``Shop/Functions``.
        file: Where it stands.
        content: What it says; to be changed in place.
        nested: The templates of nested stacks.
    """

    name: str
    file: Path
    content: dict[str, Any]
    nested: dict[str, Template] = field(default_factory=dict)

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Its resources by logical id."""
        resources: dict[str, dict[str, Any]] = self.content.setdefault("Resources", {})
        return resources

    def asset(self, function: str) -> Path | None:
        """The folder with the code of one of its functions, if it is an asset."""
        code = self.resources.get(function, {}).get("Properties", {}).get("Code", {})
        key = str(code.get("S3Key", "")).removesuffix(".zip")
        paths = [self.file.parent / path for known, path in _keys(self.file.parent) if known == key]
        return next((path for path in paths if path.is_dir()), None)

    def tree(self) -> Iterator[Template]:
        """Every template nested in this one, the innermost first, and this one."""
        for child in self.nested.values():
            yield from child.tree()
        yield self


@dataclass(frozen=True)
class Stack:
    """A stack of an assembly.

    Attributes:
        name: The name that CloudFormation gives it.
        display_name: The name that the CDK CLI takes for it.
        account: Its account, or ``None`` where it leaves that open.
        region: Its region, or ``None`` where it leaves that open.
        qualifier: The qualifier of the bootstrap stack that it deploys through.
        template: Its template.
    """

    name: str
    display_name: str
    account: str | None
    region: str | None
    qualifier: str
    template: Template


class Assembly:
    """A copy of a cloud assembly.

    Args:
        source: The assembly, which stays as it is.
        copy: Where the copy goes; what stands there is removed.
    """

    def __init__(self, source: Path, copy: Path) -> None:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy)
        self.folder = copy

    @cached_property
    def stacks(self) -> list[Stack]:
        """Every stack, those of stages included."""
        return self._read_stacks()

    def _read_stacks(self) -> list[Stack]:
        return [stack for manifest in self._manifests() for stack in _stacks(manifest)]

    def use_account(self, account: str) -> None:
        """Give every stack to ``account``.

        The emulator knows an account by the credentials of a request: an unsigned one would find
        nothing in another.
        """
        others = {stack.account for stack in self._read_stacks() if stack.account} - {account}
        for file in self.folder.rglob("*.json") if others else ():
            if file.name.endswith(_NAMES_ACCOUNTS):
                text = file.read_text()
                for other in others:  # where it stands alone, not within a longer number
                    text = re.sub(rf"(?<![0-9A-Za-z]){other}(?![0-9A-Za-z])", account, text)
                file.write_text(text)

    def deploy_as_caller(self) -> None:
        """Forget the bootstrap roles: the emulator's caller publishes and deploys.

        With IAM enforced those roles may not even publish an asset there.
        """
        for manifest in self._manifests():
            document = json.loads(manifest.read_text())
            for artifact in document.get("artifacts", {}).values():
                for role in _ROLES:
                    artifact.get("properties", {}).pop(role, None)
            manifest.write_text(json.dumps(document, indent=1))
        for assets in self.folder.rglob("*.assets.json"):
            document = json.loads(assets.read_text())
            for kind in ("files", "dockerImages"):
                for asset in document.get(kind, {}).values():
                    for destination in asset.get("destinations", {}).values():
                        destination.pop("assumeRoleArn", None)
            assets.write_text(json.dumps(document, indent=1))

    def write_templates(self) -> None:
        """Write the templates as they now are, the changed ones under keys of their own.

        A published asset is never replaced: under its old key an edited template would be
        deployed as it was before.
        """
        for stack in self.stacks:
            renamed: dict[str, str] = {}
            folder = stack.template.file.parent
            for template in stack.template.tree():  # a parent names its children by their keys
                _mark_outputs(template)
                text = json.dumps(template.content, indent=1)
                for old, new in renamed.items():
                    text = text.replace(old, new)
                if json.loads(text) != json.loads(template.file.read_text()):
                    template.file.write_text(text)
                    new_key = hashlib.sha256(text.encode()).hexdigest()
                    old_keys = [key for key, name in _keys(folder) if name == template.file.name]
                    renamed |= dict.fromkeys(old_keys, new_key)
            for document in (folder / "manifest.json", *folder.glob("*.assets.json")):
                text = document.read_text()
                for old, new in renamed.items():
                    text = text.replace(old, new)
                document.write_text(text)

    def _manifests(self) -> list[Path]:
        return sorted(self.folder.rglob("manifest.json"))


def _mark_outputs(template: Template) -> None:
    """Let a change of outputs alone be one of a resource: the emulator sees no other change."""
    if "Outputs" in template.content:
        outputs = json.dumps(template.content["Outputs"], sort_keys=True)
        mark = hashlib.sha256(outputs.encode()).hexdigest()[:16]
        template.resources[f"{OUTPUTS_MARK}{mark}"] = {
            "Type": "AWS::CloudFormation::WaitConditionHandle"
        }


def _stacks(manifest: Path) -> Iterator[Stack]:
    document = json.loads(manifest.read_text())
    for artifact_id, artifact in document.get("artifacts", {}).items():
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        _, account, region = re.split(r"//|/", artifact["environment"], maxsplit=2)
        properties = artifact["properties"]
        parameter = properties.get("bootstrapStackVersionSsmParameter", "")
        name = properties.get("stackName", artifact_id)
        yield Stack(
            name=name,
            display_name=artifact.get("displayName", artifact_id),
            account=None if account.startswith("unknown-") else account,
            region=None if region.startswith("unknown-") else region,
            qualifier=(re.findall(r"/cdk-bootstrap/([^/]+)/", parameter) or ["hnb659fds"])[0],
            template=_template(name, manifest.parent / properties["templateFile"]),
        )


def _template(name: str, file: Path) -> Template:
    template = Template(name, file, json.loads(file.read_text()))
    published = _keys(file.parent)
    for logical_id, resource in template.resources.items():
        if resource["Type"] == NESTED_STACK:
            url = json.dumps(resource.get("Properties", {}).get("TemplateURL", ""))
            child = next((file.parent / path for key, path in published if key in url), None)
            if child:
                template.nested[logical_id] = _template(f"{name}/{logical_id}", child)
    return template


def _keys(folder: Path) -> list[tuple[str, str]]:
    """The key and the file name of every file asset that is published from ``folder``."""
    return [
        (key, asset.get("source", {}).get("path", ""))
        for assets in folder.glob("*.assets.json")
        for key, asset in json.loads(assets.read_text()).get("files", {}).items()
    ]
