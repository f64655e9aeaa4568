"""What is kept of a local cloud between commands, in a folder of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from serverless_patterns.local.aws import DEFAULT_REGION
from serverless_patterns.local.process import ServerRecord

if TYPE_CHECKING:
    from collections.abc import Iterator


ASSEMBLY_PREFIX = "assembly-"
"""How the folders start that deployments work in."""


class State:
    """The folder of one local cloud.

    Args:
        folder: Where it is, or will be.

    Attributes:
        folder: The same, absolute.
        log_file: What the server printed.
        scratch: Where the server and its functions write what isn't kept.
        kept: Where the server keeps its state over a stop.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log_file = self.folder / "server.log"
        self.scratch = self.folder / "tmp"
        self.kept = self.folder / "state"
        self._record_file = self.folder / "server.json"
        self._regions_file = self.folder / "regions.txt"

    @classmethod
    def of_port(cls, port: int) -> State:
        """The user's own for a port; ``SERVERLESS_PATTERNS_STATE_DIR`` moves it."""
        chosen = os.environ.get("SERVERLESS_PATTERNS_STATE_DIR")
        parent = Path(chosen) if chosen else platformdirs.user_state_path("serverless-patterns")
        return cls(parent / f"local-{port}")

    @property
    def record(self) -> ServerRecord | None:
        """The server that was started last and not stopped, running or not."""
        return ServerRecord.read(self._record_file)

    def remember(self, record: ServerRecord) -> None:
        """Keep the record of a server that was just started."""
        record.write(self._record_file)

    @property
    def regions(self) -> list[str]:
        """The regions that were deployed to, the default one first."""
        with contextlib.suppress(OSError):
            return [DEFAULT_REGION, *self._regions_file.read_text().split()]
        return [DEFAULT_REGION]

    def remember_region(self, region: str) -> None:
        """Keep in mind that there are stacks in ``region``."""
        if region not in self.regions:
            with self._regions_file.open("a") as file:
                file.write(f"{region}\n")

    def clear(self) -> None:
        """Forget the server and what it and deployments wrote, what is to be kept excepted."""
        self._record_file.unlink(missing_ok=True)
        for left in (self.scratch, *self.folder.glob(f"{ASSEMBLY_PREFIX}*")):
            shutil.rmtree(left, ignore_errors=True)

    @contextlib.contextmanager
    def locked(self, what: str) -> Iterator[None]:
        """Wait until no other process does ``what`` here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{what}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
