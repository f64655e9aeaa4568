"""The package ``serverless_patterns.runtime``, as applications that import it get it.

Required from an index it would bring ``aws_cdk`` into a function's asset, over 200 MB of it. So
the package is copied instead, where an application's own sources import it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_patterns._cache import cached, fingerprint
from serverless_patterns._sources import source_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PACKAGE = "serverless_patterns"
_IMPORT = re.compile(rb"\bserverless_patterns(?:\.|\s+import\s+\(?\s*)runtime\b")
_ROOT = b'"""What runs in functions of the library; constructs are left out of an asset."""\n'


def imports_client(root: Path, exclude: Sequence[str]) -> bool:
    """Whether a module under ``root`` that is not excluded names the package."""
    modules = (file for file in source_files(root, exclude) if file.suffix == ".py")
    return any(_IMPORT.search(module.read_bytes()) for module in modules)


def client_parts() -> Iterator[str | bytes]:
    """What tells one release of the package from another: names and contents."""
    for name, content in _files().items():
        yield name
        yield content


def copy_client(folder: Path) -> None:
    """Write the package into ``folder``, unless the application brings one of that name."""
    if not (folder / _PACKAGE).exists():
        for name, content in _files().items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def client_folder() -> Path:
    """A folder to import the package from where none of ``aws_cdk`` can be imported."""
    return cached("runtime", fingerprint(client_parts()), copy_client)


def _files() -> dict[str, bytes]:
    package = Path(__file__).with_name("runtime")
    modules = {f"{_PACKAGE}/runtime/{m.name}": m.read_bytes() for m in sorted(package.glob("*.py"))}
    return {f"{_PACKAGE}/__init__.py": _ROOT, **modules}
