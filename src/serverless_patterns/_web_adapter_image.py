"""What a Dockerfile must say for the Lambda Web Adapter to start its application on Lambda."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from serverless_patterns._dockerfile import Dockerfile
from serverless_patterns._errors import PatternError
from serverless_patterns._web_adapter_found import EXTENSIONS, FoundAdapter
from serverless_patterns._web_adapter_layer import VERSION
from serverless_patterns._web_adapter_variables import FREE, PREFIX, remedy_for

if TYPE_CHECKING:
    from pathlib import Path

    from serverless_patterns._web_adapter_settings import AdapterSettings

ADAPTER_IMAGE = "public.ecr.aws/awsguru/aws-lambda-adapter"
_COPY = f"COPY --from={ADAPTER_IMAGE}:{VERSION} /lambda-adapter /opt/extensions/lambda-adapter"
_LAMBDA_BASE = re.compile(r"public\.ecr\.aws/lambda/|(?:^|/)amazon/aws-lambda-")
_ARCHITECTURES = {
    "arm64": "arm64",
    "arm64v8": "arm64",
    "aarch64": "arm64",
    "x86_64": "x86_64",
    "amd64": "x86_64",
}
_IN_BASE = re.compile(r"(?:^|/)(amd64|arm64v8)/|-(arm64|arm64v8|aarch64|x86_64|amd64)$")
_BUILD_PLATFORMS = {"$BUILDPLATFORM", "${BUILDPLATFORM}"}
# Which release of the adapter reads what a keyword tells it.
_SINCE = {
    "readiness_healthy_status": (1, 0, 0),
    "readiness_timeout": (1, 1, 0),
    "snapstart_before_checkpoint_path": (1, 1, 0),
    "snapstart_after_restore_path": (1, 1, 0),
}
_ERROR_STATUS_CODES_SINCE = (0, 9, 0)
_CURRENT = tuple(map(int, VERSION.split(".")))
_BETTER_NOT_SENT = (".env", ".venv", "venv", "node_modules", "__pycache__")


class ImageRules:
    """What a folder with a Dockerfile must be.

    Args:
        path: The construct path of the function.
        folder: The folder.

    Raises:
        PatternError: If it has no Dockerfile that can be read.
    """

    def __init__(self, path: str, folder: Path) -> None:
        self._path = path
        self._folder = folder
        file = folder / "Dockerfile"
        if not file.is_file():
            got = (
                f"{folder}, which has none" if folder.is_dir() else f"{folder}, which is no folder"
            )
            raise self._broken(
                "be a folder with a Dockerfile",
                got,
                "a path starts where the app is run: Path(__file__).parent makes it yours",
            )
        try:
            self._dockerfile = Dockerfile(file.read_text())
        except (OSError, UnicodeError) as error:
            raise self._broken("be a Dockerfile that can be read", error, "mend it") from error
        if not self._dockerfile.stages:
            raise self._broken("start from an image", "no FROM in the Dockerfile", "add one")
        self._version = self._adapter_version()

    def check(self, architecture: str, settings: AdapterSettings) -> None:
        """Refuse an image that the adapter couldn't start, or would start as something else.

        Args:
            architecture: The function's.
            settings: What the adapter is told.

        Raises:
            PatternError: If it is one.
        """
        self._check_architecture(architecture)
        self._check_entrypoint()
        self._check_variables(settings)
        self._check_exposed(settings)
        for name, since in _SINCE.items():
            if self._version and self._version < since and getattr(settings, name) is not None:
                raise PatternError(
                    self._path,
                    name,
                    rule=f"be told to an adapter from {_text(since)} on: older ones ignore it",
                    got=_text(self._version),
                    remedy=f"write {_COPY}",
                )

    def check_events(self, path: str) -> None:
        """Refuse an adapter that knows no error status codes: it would lose events.

        Args:
            path: The construct path of the sibling for events.

        Raises:
            PatternError: If it is one.
        """
        if self._version and self._version < _ERROR_STATUS_CODES_SINCE:
            raise PatternError(
                path,
                "image",
                rule="hold an adapter from 0.9.0 on, which fails what is answered with an error",
                got=_text(self._version),
                remedy=f"write {_COPY}",
            )

    def warnings(self) -> dict[str, str]:
        """What is no error, by the ids of warnings."""
        told = {}
        if self._version and self._version < _CURRENT:
            told["web-adapter-version"] = (
                f"the Dockerfile copies version {_text(self._version)} of the adapter, whose "
                f"current one is {VERSION}: write {_COPY}"
            )
        if self._version == ():
            told["web-adapter-not-seen"] = (
                "nothing in the Dockerfile copies the adapter, so its base must hold it at "
                f"{EXTENSIONS}: acknowledge this if it does, else write {_COPY}"
            )
        sent = [name for name in _BETTER_NOT_SENT if (self._folder / name).exists()]
        if sent and not (self._folder / ".dockerignore").exists():
            told["web-adapter-dockerignore"] = (
                f"{', '.join(sent)} would be sent to the build, and a change there would make "
                f"another image: name what doesn't belong in it in {self._folder / '.dockerignore'}"
            )
        return told

    def _broken(self, rule: str, got: object, remedy: str) -> PatternError:
        return PatternError(self._path, "image", rule=rule, got=got, remedy=remedy)

    def _adapter_version(self) -> tuple[int, ...] | None:
        """The adapter's version; ``None`` if unknown, and nothing at all if it may not be there."""
        adapter = FoundAdapter(self._dockerfile)
        if adapter.image:
            return self._version_of(adapter.image)
        if adapter.is_put:
            return None
        if adapter.may_be_in_base and not adapter.misplaced:
            return ()
        raise self._broken(
            f"hold the adapter in {EXTENSIONS}, where Lambda starts it",
            f"a copy at {adapter.misplaced}"
            if adapter.misplaced
            else "a Dockerfile that copies none there",
            f"write {_COPY}",
        )

    def _version_of(self, found: re.Match[str]) -> tuple[int, ...] | None:
        tag, digest = found[1], found[2]
        if (not tag and not digest) or tag == "latest":
            raise self._broken(
                "name the version of the adapter that it copies",
                f"{found.string}{'' if tag else ', which means latest'}",
                f"write {_COPY}",
            )
        numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", tag or "")
        return tuple(map(int, numbers.groups())) if numbers else None

    def _check_architecture(self, architecture: str) -> None:
        stage = self._dockerfile.image[0]
        in_base = _IN_BASE.search(stage.base)
        named = in_base and (in_base[1] or in_base[2])
        got = f"the base {stage.base}"
        if stage.platform:
            named = stage.platform.partition("/")[2].partition("/")[0]
            got = f"--platform={stage.platform}"
        is_builders = stage.platform in _BUILD_PLATFORMS
        if is_builders or _ARCHITECTURES.get(named or "", architecture) != architecture:
            raise PatternError(
                self._path,
                "architecture",
                rule="be that of the image",
                got=f"{architecture} and {got}",
                remedy="change either; a Dockerfile without --platform makes an image for both",
            )

    def _check_entrypoint(self) -> None:
        base = self._dockerfile.image[0].base
        has_own = any(each.name == "ENTRYPOINT" for each in self._dockerfile.instructions)
        if _LAMBDA_BASE.search(base) and not has_own:
            raise self._broken(
                "start the application: the entry point of AWS's own base waits for a handler",
                f"no ENTRYPOINT on {base}",
                'write one, such as ENTRYPOINT ["python", "-m", "uvicorn", "main:app"]',
            )

    def _check_variables(self, settings: AdapterSettings) -> None:
        told = settings.environment()
        for name, value in self._dockerfile.stages[-1].environment.items():
            is_adapters = name.startswith(PREFIX) and name.removeprefix(PREFIX) not in FREE
            if not is_adapters and name != "PORT":
                continue
            if told.get(name) != value and "$" not in value:
                raise self._broken(
                    "leave the adapter's variables to the keywords that write them",
                    f"ENV {name}={value}"
                    + (f" where they say {told[name]}" if name in told else ""),
                    remedy_for(name),
                )

    def _check_exposed(self, settings: AdapterSettings) -> None:
        exposed = [
            word.partition("/")[0]
            for each in self._dockerfile.instructions
            if each.name == "EXPOSE"
            for word in each.words
            if "/udp" not in word.lower()
        ]
        ranges = [re.fullmatch(r"(\d+)(?:-(\d+))?", word) for word in exposed]
        if not exposed or not all(ranges) or not isinstance(settings.port, int):
            return
        known = [(int(each[1]), int(each[2] or each[1])) for each in ranges if each]
        if not any(first <= settings.port <= last for first, last in known):
            raise PatternError(
                self._path,
                "port",
                rule="be one that the Dockerfile exposes",
                got=f"{settings.port} where it says EXPOSE {' '.join(exposed)}",
                remedy="listen where the variable PORT says, and expose that",
            )


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
