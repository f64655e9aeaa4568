"""What a Dockerfile says of the image that it makes, as far as it can be read without building it.

The one parser on PyPI (``dockerfile-parse``) takes the lines of a here-document for instructions,
and has no types.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BYTE_ORDER_MARK = "\ufeff"  # some editors on Windows begin a file with it
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*")
# A word that starts with <<, as BuildKit tells it from a shift, a here-string or a quoted text.
_HEREDOC = re.compile(
    r"""(?<!\S)\d*<<-?(?:"([^"<]+)"|'([^'<]+)'|([^\s"'<]+))(?!\S)"""
    r"""|"(?:\\.|[^"\\])*"|'[^']*'"""
)
_TAKES_HEREDOC = {"ADD", "COPY", "RUN"}
_VARIABLE = re.compile(r"\\?\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})")
_FLAG = re.compile(r"--(\w[\w-]*)(?:=(\S+))?\s+")


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        line: The number of its first line.
        name: Its name in capitals.
        flags: Its flags, such as ``--from``.
        text: What follows them.
        document: The lines of its here-documents.
    """

    line: int
    name: str
    flags: Mapping[str, str]
    text: str
    document: str = ""

    @property
    def words(self) -> list[str]:
        """What follows the flags, as a JSON list or by words."""
        if self.text.startswith("["):
            try:
                return [str(word) for word in json.loads(self.text)]
            except ValueError:
                pass
        try:
            return shlex.split(self.text)
        except ValueError:
            return self.text.split()


@dataclass(frozen=True)
class Stage:
    """One stage of a build.

    Attributes:
        base: The image or the stage that it starts from, its variables put in.
        platform: The platform that its base is pulled for, if it says so.
        name: What other stages call it.
        instructions: What it does, variables put in where they are known.
        environment: Its variables at the end.
    """

    base: str
    platform: str | None
    name: str | None
    instructions: tuple[Instruction, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Dockerfile:
    """The stages of a Dockerfile, of which the last one makes the image.

    Args:
        text: The Dockerfile.
    """

    def __init__(self, text: str) -> None:
        self.stages: list[Stage] = []
        known: dict[str, str] = {}  # build arguments before the first stage
        variables = known
        for instruction in _instructions(text):
            if instruction.name == "FROM":
                stage = self._stage(_resolved(instruction, known))
                variables = dict(stage.environment)
                self.stages.append(stage)
                continue
            resolved = _resolved(instruction, variables)
            if resolved.name == "ARG":
                for name, value in _arguments(resolved, known):
                    variables[name] = value
            if not self.stages:
                continue
            stage = self.stages[-1]
            environment = dict(stage.environment)
            if resolved.name == "ENV":
                environment.update(_assignments(resolved))
                variables.update(environment)
            self.stages[-1] = replace(
                stage,
                instructions=(*stage.instructions, resolved),
                environment=environment,
            )

    @property
    def image(self) -> list[Stage]:
        """The stages that make the image: the last one, and those that it is built on."""
        found: list[Stage] = []
        stage = self.stages[-1] if self.stages else None
        before = self.stages[:-1]
        while stage:
            found.insert(0, stage)
            base = stage.base
            position = self._position(base, before)
            stage = None if position is None else before[position]
            before = [] if position is None else before[:position]
        return found

    @property
    def instructions(self) -> list[Instruction]:
        """All that makes the image, from its first base on."""
        return [each for stage in self.image for each in stage.instructions]

    def is_stage(self, name: str) -> bool:
        """Whether a name, or the number of a ``--from``, means a stage."""
        return name.isdecimal() or self._position(name, self.stages) is not None

    @staticmethod
    def _position(name: str, stages: list[Stage]) -> int | None:
        names = [(stage.name or "").lower() for stage in stages]
        return names.index(name.lower()) if name and name.lower() in names else None

    def _stage(self, instruction: Instruction) -> Stage:
        words = instruction.text.split()
        base = words[0] if words else ""
        is_named = len(words) > 2 and words[1].lower() == "as"  # noqa: PLR2004 - BASE AS NAME
        position = self._position(base, self.stages)
        inherited = {} if position is None else self.stages[position].environment
        return Stage(
            base,
            instruction.flags.get("platform"),
            words[2] if is_named else None,
            environment=inherited,
        )


def _instructions(text: str) -> Iterator[Instruction]:
    lines = text.removeprefix(_BYTE_ORDER_MARK).splitlines()
    escape = _escape(lines)
    number = 0
    while number < len(lines):
        first = number
        line = lines[number].strip()
        number += 1
        if not line or line.startswith("#"):
            continue
        while line.endswith(escape) and number < len(lines):
            following = lines[number].strip()
            number += 1
            if following and not following.startswith("#"):
                line = f"{line[:-1].rstrip()} {following}"
        name, *rest_of_line = line.removesuffix(escape).split(maxsplit=1) or [""]
        rest = "".join(rest_of_line)
        document: list[str] = []
        if name.upper() in _TAKES_HEREDOC:
            for end in filter(None, map("".join, _HEREDOC.findall(rest))):
                while number < len(lines) and lines[number].strip() != end:
                    document.append(lines[number])
                    number += 1
                number += 1
        flags, rest = _flags(rest.strip())
        yield Instruction(first + 1, name.upper(), flags, rest, "\n".join(document))


def _escape(lines: list[str]) -> str:
    """The character that continues a line, which a directive at the top may choose."""
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if not found:
            break
        if found[1].lower() == "escape":
            return found[2]
    return "\\"


def _flags(text: str) -> tuple[dict[str, str], str]:
    flags = {}
    while found := _FLAG.match(text):
        flags[found[1]] = found[2] or ""
        text = text[found.end() :]
    return flags, text


def _resolved(instruction: Instruction, variables: Mapping[str, str]) -> Instruction:
    def put(text: str) -> str:
        return _VARIABLE.sub(lambda found: _value(found, variables), text)

    flags = {name: put(value) for name, value in instruction.flags.items()}
    if instruction.name in {"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL"}:
        return replace(instruction, flags=flags)  # a shell reads these, in the container
    return replace(instruction, flags=flags, text=put(instruction.text))


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found[0].startswith("\\"):
        return found[0]
    value = variables.get(found[1] or found[2])
    if found[3] == "-":
        return value or found[4]
    if found[3] == "+":
        return found[4] if value else ""
    return found[0] if value is None else value


def _arguments(instruction: Instruction, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for word in instruction.words:
        name, has_value, value = word.partition("=")
        if has_value:
            yield name, value
        elif name in known:
            yield name, known[name]


def _assignments(instruction: Instruction) -> dict[str, str]:
    words = instruction.words
    if words and "=" not in words[0]:  # the old form: ENV NAME value
        return {words[0]: instruction.text.partition(" ")[2].strip()}
    return dict(word.split("=", 1) for word in words if "=" in word)
