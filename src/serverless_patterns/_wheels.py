"""Requirements, installed as wheels for the machine that a function will run on."""

from __future__ import annotations

import contextlib
import platform
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_patterns._cache import cached, fingerprint
from serverless_patterns._errors import PatternError
from serverless_patterns._requirements import Requirements, parse_requirements
from serverless_patterns._uv import last_words, run_uv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import CompletedProcess

    from serverless_patterns._requirement_line import RequirementLine

_FORMAT = "2"  # raise it when what stands in an installed folder changes
_NO_WHEEL = re.compile(  # the ways in which uv says so
    r"Wheels are required for `([^`]+)`|attempted to build `([^`]+)`"
    r"|([A-Za-z0-9][\w.-]*?)(?:[=<>!~]=?\S*)? ha(?:s|ve) no (?:usable )?wheels"
)
ADAPTERS = Path(__file__).with_name("_adapters.txt").read_text()
"""The requirements of what an ASGI or WSGI application runs on."""

_OLDEST_ADAPTERS = {"mangum": "0.19", "apig-wsgi": "2.14"}  # that _adapter.py can work with


@dataclass(frozen=True)
class Target:
    """The interpreter that wheels are chosen for.

    Attributes:
        python_version: Major and minor version, such as ``3.14``.
        platform: A platform in uv's terms, such as ``aarch64-manylinux_2_34``.
    """

    python_version: str
    platform: str

    @classmethod
    def here(cls) -> Target:
        """The interpreter and the machine of this process."""
        machine = platform.machine()
        machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(machine, machine)
        libc = "gnu" if platform.libc_ver()[0] == "glibc" else "musl"
        system = "apple-darwin" if sys.platform == "darwin" else f"unknown-linux-{libc}"
        return cls(f"{sys.version_info.major}.{sys.version_info.minor}", f"{machine}-{system}")

    def __str__(self) -> str:
        return f"Python {self.python_version} on {self.platform}"


@dataclass(frozen=True)
class Wheels:
    """What is installed beside an application's own sources.

    Attributes:
        requirements: What the application asks for, if anything.
        target: The interpreter to choose wheels for.
        beside: Requirements that are added where the application doesn't name them itself.
    """

    requirements: Requirements
    target: Target
    beside: str = ""

    def parts(self) -> Iterator[str | bytes]:
        """What tells one set of installed wheels from another."""
        yield from (_FORMAT, str(self.target), self.beside)
        yield from self.requirements.parts()

    def install(self) -> Path:
        """The cached folder that holds the wheels, installed if it isn't there yet.

        Raises:
            PatternError: If a package has no wheel for the target, or can't be had.
        """
        return cached("wheels", fingerprint(self.parts()), self._install_into)

    def _install_into(self, folder: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            wanted = Path(scratch) / "requirements.txt"
            wanted.write_text("\n".join(self._resolvable(Path(scratch))))
            result = run_uv(
                "pip install --quiet --only-binary :all: --no-compile-bytecode",
                target=folder,
                python=sys.executable,
                python_version=self.target.python_version,
                python_platform=self.target.platform,
                requirements=wanted,
                cwd=self.requirements.manifest.parent,
            )
        if result.returncode:
            raise self._refusal(result)
        _make_reproducible(folder)

    def _resolvable(self, scratch: Path) -> Iterator[str]:
        """The requirements as uv can install them from any folder, local projects built."""
        manifest = self.requirements.manifest
        lines = self._exported() if manifest.name == "uv.lock" else self.requirements.lines
        for line in lines:
            if line.project:
                yield line.installing(self._built(line, scratch))
            elif line.wheel:
                yield line.installing(line.wheel)
            elif line.file:
                yield " ".join(map(str, _fresh(*line.file, scratch)))
            else:
                yield line.text
        named = {line.package for line in lines}
        for line in parse_requirements(self.beside, manifest.parent):
            if line.package in named & _OLDEST_ADAPTERS.keys():
                yield f"{line.package}>={_OLDEST_ADAPTERS[line.package]}"
            elif line.package not in named and not named >= _OLDEST_ADAPTERS.keys():
                yield line.text  # an adapter, or what one needs

    def _exported(self) -> tuple[RequirementLine, ...]:
        folder = self.requirements.manifest.parent
        result = run_uv(
            "export --quiet --frozen --no-default-groups --no-emit-project --no-editable "
            "--no-annotate",
            format="requirements.txt",
            cwd=folder,
        )
        if result.returncode:
            raise self._error(
                rule="export as requirements",
                got=last_words(result),
                remedy=f"run `uv lock` in {folder}",
            )
        return tuple(parse_requirements(result.stdout, folder))

    def _built(self, line: RequirementLine, scratch: Path) -> Path:
        project, copy = line.project, scratch / fingerprint([line.text])
        wheels = copy / "dist"
        line.copy_project(copy)
        result = run_uv("build --quiet --wheel", out_dir=wheels, cwd=copy)
        wheel = next(wheels.glob("*.whl"), None)
        if result.returncode or wheel is None:
            got, remedy = last_words(result), f"`uv build --wheel {project}` must succeed"
        elif not wheel.name.endswith("-none-any.whl"):
            got, remedy = wheel.name, "build it for that platform and name the wheel instead"
        else:
            return wheel
        raise self._error(
            rule=f"name local projects that build a wheel for {self.target}", got=got, remedy=remedy
        )

    def _refusal(self, result: CompletedProcess[str]) -> PatternError:
        without = {name for names in _NO_WHEEL.findall(result.stderr) for name in names} - {""}
        if without:
            return self._error(
                rule=f"name packages that have a wheel for {self.target}",
                got=", ".join(sorted(without)),
                remedy="pin a release that has one, choose its binary variant (psycopg2-binary for "
                "psycopg2), or build the wheel yourself and add `--find-links FOLDER`",
            )
        return self._error(
            rule=f"be installable for {self.target}",
            got=last_words(result),
            remedy=f"mend {self.requirements.manifest}",
        )

    def _error(self, *, rule: str, got: str, remedy: str) -> PatternError:
        name = self.requirements.manifest.name
        return PatternError(self.requirements.path, name, rule=rule, got=got, remedy=remedy)


def _fresh(option: str, path: Path, scratch: Path) -> tuple[str, Path]:
    """The option and its path; a folder of wheels under a path that uv never saw.

    Under the same one, uv would take from its cache what may have been built again.
    """
    if path.is_file():
        return option, path
    copy = scratch / fingerprint([str(path)])
    copy.mkdir(exist_ok=True)
    for wheel in path.glob("*.whl"):
        shutil.copy2(wheel, copy)
    return option, copy


def _make_reproducible(folder: Path) -> None:
    """Remove what names this machine: generated scripts and where a wheel came from."""
    for script in (folder / "bin").glob("*"):
        if script.is_file() and script.read_bytes().startswith(b"#!/"):
            script.unlink()
    with contextlib.suppress(OSError):  # there is none, or a wheel brought programs of its own
        (folder / "bin").rmdir()
    for record in folder.glob("*.dist-info/RECORD"):
        lines = record.read_text().splitlines(keepends=True)
        record.unlink()  # it may be a hard link into uv's cache
        record.write_text("".join(line for line in lines if not line.startswith(("bin/", "../"))))
    for name in ("direct_url.json", "uv_cache.json"):
        for file in folder.glob(f"*.dist-info/{name}"):
            file.unlink()
    (folder / ".lock").unlink(missing_ok=True)
