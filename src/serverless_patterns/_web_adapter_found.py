"""Where the image of a Dockerfile gets the Lambda Web Adapter from, and where it puts it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns._dockerfile import Dockerfile, Instruction

EXTENSIONS = "/opt/extensions/"
_ADAPTER = re.compile(r"(?:^|/)aws-lambda-adapter(?::([^@]+))?(@.+)?$")
# Bases that surely hold no adapter: Docker's own images, and those of the makers of runtimes.
_WITHOUT = re.compile(
    r"(?:docker\.io/)?(?:(?:library|amd64|arm64v8|amazon)/)?[^/.]+(?:[:@][^/]*)?"
    r"|public\.ecr\.aws/(?:docker|lambda|amazonlinux)/.*|mcr\.microsoft\.com/.*"
    r"|gcr\.io/distroless/.*|registry\.access\.redhat\.com/.*"
)


class FoundAdapter:
    """The adapter in an image, as far as its Dockerfile tells.

    Args:
        dockerfile: The Dockerfile.

    Attributes:
        image: The image that it is copied from, with its tag and its digest; ``None`` if unknown.
        misplaced: Where it is copied to instead of where Lambda looks; ``None`` if nowhere.
        is_put: Whether something is put where Lambda looks.
        may_be_in_base: Whether the base may hold it.
    """

    def __init__(self, dockerfile: Dockerfile) -> None:
        copies = [*_copies(dockerfile)]
        placed = [found for found, place in copies if place.startswith(EXTENSIONS)]
        self.image = placed[-1] if placed else None
        self.misplaced = copies[0][1] if copies else None
        self.is_put = bool(placed) or any(
            EXTENSIONS in f"{each.text} {each.document}"
            or any(place.startswith(EXTENSIONS) for place in places)
            for each, places in _steps(dockerfile)
        )
        base = dockerfile.image[0].base
        self.may_be_in_base = "$" in base or not _WITHOUT.fullmatch(base)


def _steps(dockerfile: Dockerfile) -> Iterator[tuple[Instruction, list[str]]]:
    """What puts files into the image, and where: at a path from the working directory on."""
    working_directory = "/"
    for each in dockerfile.instructions:
        words = each.words
        if each.name == "WORKDIR" and words:
            working_directory = posixpath.join(working_directory, words[0])
        elif each.name in {"ADD", "COPY"} and words:
            ends_in_folder = words[-1].endswith(("/", "."))
            place = posixpath.normpath(posixpath.join(working_directory, words[-1]))
            yield each, [f"{place.rstrip('/')}/" if ends_in_folder else place]
        elif each.name == "RUN":
            yield each, []


def _copies(dockerfile: Dockerfile) -> Iterator[tuple[re.Match[str], str]]:
    """Copies of the adapter out of its own image."""
    bases = {str(number): stage.base for number, stage in enumerate(dockerfile.stages)}
    bases |= {stage.name.lower(): stage.base for stage in dockerfile.stages if stage.name}
    for each, places in _steps(dockerfile):
        source = each.flags.get("from", "")
        found = _ADAPTER.search(bases.get(source.lower(), source))
        if each.name == "COPY" and found:
            yield from ((found, place) for place in places)
