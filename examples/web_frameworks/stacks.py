"""A stack for each framework: its application as an image, or as a zip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003 - of the fields below
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, ProxyApi, WebAdapterFunction

if TYPE_CHECKING:
    from constructs import Construct

HERE = Path(__file__).parent
GO_BUILD = ("go", "build", "-trimpath", "-o", "greetings", ".")


@dataclass(frozen=True, kw_only=True)
class Framework:
    """How a framework's application is built and started.

    Attributes:
        entry: The folder with its sources and its Dockerfile.
        command: What starts it in that folder, on the port that ``PORT`` tells.
        build: What is run in a copy of the folder first, with Go's name of the architecture.
        runtime: The runtime of its zip.
        environment: Its environment variables.
        only_image: Why a zip of it runs on the local cloud alone, where the machine's own
            packages serve, if so.
    """

    entry: Path
    command: Sequence[str]
    build: Sequence[str] | None = None
    runtime: lambda_.Runtime
    environment: Mapping[str, str] | None = None
    only_image: str | None = None

    def zip_of(self, scope: Construct, construct_id: str) -> WebAdapterFunction:
        """The application as a zip."""
        name = scope.node.try_get_context("serverless-patterns:architecture") or "arm64"
        go_name = "arm64" if name == "arm64" else "amd64"
        return WebAdapterFunction(
            scope,
            construct_id,
            entry=self.entry,
            command=self.command,
            build=self.build and [part.replace("{GOARCH}", go_name) for part in self.build],
            runtime=self.runtime,
            environment=self.environment,
        )


FRAMEWORKS = {
    "flask": Framework(
        entry=HERE / "flask",
        command=[*("python", "-m", "gunicorn", "main:app", "--threads", "4"), "--keep-alive", "75"],
        runtime=lambda_.Runtime.PYTHON_3_14,
    ),
    "fastapi": Framework(
        entry=HERE / "fastapi",
        command=[
            *("sh", "-c"),
            "exec python -m uvicorn main:app --port $PORT --timeout-keep-alive 75",
        ],
        runtime=lambda_.Runtime.PYTHON_3_14,
    ),
    "express": Framework(
        entry=HERE / "express",
        command=["node", "server.js"],
        build=["npm", "ci", "--omit=dev", "--ignore-scripts"],
        runtime=lambda_.Runtime.NODEJS_24_X,
        environment={"NODE_ENV": "production"},
    ),
    "gin": Framework(
        entry=HERE / "gin",
        command=["./greetings"],
        build=["env", "CGO_ENABLED=0", "GOOS=linux", "GOARCH={GOARCH}", *GO_BUILD],
        runtime=lambda_.Runtime.PROVIDED_AL2023,
        environment={"GIN_MODE": "release"},
    ),
    "spring_boot": Framework(
        entry=HERE / "spring_boot",
        command=["java", "-jar", "build/greetings.jar"],
        build=["mvn", "--batch-mode", "--quiet", "package"],
        runtime=lambda_.Runtime.JAVA_25,
    ),
    "rails": Framework(
        entry=HERE / "rails",
        command=["puma", "-C", "config/puma.rb"],
        runtime=lambda_.Runtime.RUBY_3_4,
        only_image="its gems are packages of Debian",
    ),
    "laravel": Framework(
        entry=HERE / "laravel",
        command=[
            "sh",
            "-c",
            "exec php -d zlib.output_compression=On -S 0.0.0.0:$PORT -t public server.php",
        ],
        runtime=lambda_.Runtime.NODEJS_24_X,  # any that Lambda starts by a wrapper
        only_image="Lambda has no runtime for PHP",
    ),
}


class GreetingsStack(cdk.Stack):
    """The application of one framework behind an HTTP API.

    Args:
        scope: The app.
        construct_id: The construct id.
        framework: A key of ``FRAMEWORKS``.
        package: What is deployed.
        **options: Options of ``cdk.Stack``.

    Raises:
        PatternError: If the framework's application can't be a zip.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        framework: str,
        package: Literal["image", "zip"] = "image",
        **options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **options)
        application = FRAMEWORKS[framework]
        if package == "zip" and application.only_image:
            raise PatternError(
                self.node.path,
                "package",
                rule=f"be 'image' for {framework}",
                got="'zip'",
                remedy=application.only_image,
            )
        if package == "image":
            function = WebAdapterFunction(self, "Function", image=application.entry)
        else:
            function = application.zip_of(self, "Function")
        api = ProxyApi(self, "Api", handler=function, public="Everyone may be greeted")
        self.function = function
        cdk.CfnOutput(self, "Url", value=api.url)
