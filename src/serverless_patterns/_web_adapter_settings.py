"""What the Lambda Web Adapter is told, in its own terms, and what it would misread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._numbers import check_whole, whole_seconds
from serverless_patterns._web_adapter_variables import PREFIX, check_path, check_status_codes

_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # of RFC 9110, section 5.6.2
_TAKEN_PORTS = {9001: "Lambda's Runtime API", 3000: "the extension of CloudWatch Lambda Insights"}
_HTTP_PORT = 80  # the adapter leaves it out of the URL in which it then looks for a port


@dataclass(frozen=True, kw_only=True)
class AdapterSettings:
    """What the adapter is told; see ``WebAdapterFunction`` for the meaning of each."""

    port: int
    readiness_path: str
    readiness_port: int | None
    readiness_protocol: Literal["http", "tcp"]
    readiness_healthy_status: str | None
    readiness_timeout: cdk.Duration | None
    async_init: bool
    remove_base_path: str | None
    enable_compression: bool
    invoke_mode: lambda_.InvokeMode
    authorization_source: str | None
    snapstart_before_checkpoint_path: str | None
    snapstart_after_restore_path: str | None

    def environment(self) -> dict[str, str]:
        """The adapter's variables. What it does unless told otherwise is left out."""
        timeout, port = self.readiness_timeout, self.readiness_port
        is_streaming = self.invoke_mode == lambda_.InvokeMode.RESPONSE_STREAM
        variables = {
            "PORT": _text(self.port),
            "READINESS_CHECK_PATH": self.readiness_path,
            "READINESS_CHECK_PORT": None if port is None else _text(port),
            "READINESS_CHECK_PROTOCOL": "tcp" if self.readiness_protocol == "tcp" else None,
            "READINESS_CHECK_HEALTHY_STATUS": self.readiness_healthy_status,
            "READINESS_CHECK_TIMEOUT_SECONDS": None
            if timeout is None
            else _text(timeout.to_seconds()),
            "ASYNC_INIT": "true" if self.async_init else None,
            "REMOVE_BASE_PATH": self.remove_base_path,
            "ENABLE_COMPRESSION": "true" if self.enable_compression else None,
            "INVOKE_MODE": "response_stream" if is_streaming else None,
            "AUTHORIZATION_SOURCE": self.authorization_source,
            "SNAPSTART_BEFORE_CHECKPOINT_PATH": self.snapstart_before_checkpoint_path,
            "SNAPSTART_AFTER_RESTORE_PATH": self.snapstart_after_restore_path,
        }
        told = {f"{PREFIX}{name}": value for name, value in variables.items() if value is not None}
        # An application that listens where PORT says needs no more than that.
        return {"PORT": _text(self.port), **told}

    def check(self, path: str) -> None:
        """Refuse what the adapter would misread, skip or wait for in vain.

        Args:
            path: The construct path.

        Raises:
            PatternError: If there is such.
        """
        _check_port(path, "port", self.port)
        if self.readiness_port is not None:
            _check_port(path, "readiness_port", self.readiness_port)
        check_path(path, "readiness_path", self.readiness_path)
        for name in ("async_init", "enable_compression"):
            check_type(path, name, getattr(self, name), bool, "True")
        self._check_readiness(path)
        self._check_answers(path)
        hooks = {
            "snapstart_before_checkpoint_path": self.snapstart_before_checkpoint_path,
            "snapstart_after_restore_path": self.snapstart_after_restore_path,
        }
        for name, hook in hooks.items():
            if hook is not None:
                check_path(path, name, hook)
        [before, after] = hooks.values()
        if before is not None and before == after:
            raise PatternError(
                path,
                "snapstart_after_restore_path",
                rule="differ from snapstart_before_checkpoint_path: both get an empty POST",
                got=repr(after),
                remedy="give each a path of its own",
            )

    def _check_readiness(self, path: str) -> None:
        protocol = self.readiness_protocol
        if protocol not in {"http", "tcp"}:
            raise PatternError(
                path,
                "readiness_protocol",
                rule="be 'http' or 'tcp': the adapter takes anything else for http",
                got=repr(protocol),
                remedy="omit it to get 'http'",
            )
        status = self.readiness_healthy_status
        if status is not None:
            check_status_codes(path, "readiness_healthy_status", status)
        if protocol == "tcp":
            self._check_tcp(path)
        whole_seconds(
            path, "readiness_timeout", self.readiness_timeout, _quotas.LAMBDA_TIMEOUT_SECONDS
        )

    def _check_tcp(self, path: str) -> None:
        if self.readiness_healthy_status is not None:
            raise PatternError(
                path,
                "readiness_healthy_status",
                rule="be left out where readiness_protocol is 'tcp', which sees no status",
                got=repr(self.readiness_healthy_status),
                remedy="omit either",
            )
        name = "port" if self.readiness_port is None else "readiness_port"
        if getattr(self, name) == _HTTP_PORT:
            raise PatternError(
                path,
                name,
                rule="not be 80 where readiness_protocol is 'tcp': the adapter finds no port in a "
                "URL with HTTP's own",
                got=_HTTP_PORT,
                remedy="listen on 8080, or omit readiness_protocol",
            )

    def _check_answers(self, path: str) -> None:
        base = self.remove_base_path
        if base is not None:
            check_path(path, "remove_base_path", base)
            if base.endswith("/"):
                raise PatternError(
                    path,
                    "remove_base_path",
                    rule="end without a slash, which the path that is left must start with",
                    got=repr(base),
                    remedy=f"write {base.rstrip('/')!r}" if base.strip("/") else "omit it",
                )
        check_type(
            path,
            "invoke_mode",
            self.invoke_mode,
            lambda_.InvokeMode,
            "lambda_.InvokeMode.RESPONSE_STREAM",
        )
        if self.enable_compression and self.invoke_mode == lambda_.InvokeMode.RESPONSE_STREAM:
            raise PatternError(
                path,
                "enable_compression",
                rule="be left out where answers are streamed: the adapter compresses none of them",
                got="True with InvokeMode.RESPONSE_STREAM",
                remedy="let the application compress, or omit either",
            )
        self._check_authorization_source(path)

    def _check_authorization_source(self, path: str) -> None:
        source = self.authorization_source
        check_type(path, "authorization_source", source, str, "'X-Authorization'")
        if source is None or cdk.Token.is_unresolved(source):
            return
        if not re.fullmatch(_HEADER_NAME, source) or source.lower() == "authorization":
            raise PatternError(
                path,
                "authorization_source",
                rule="be the name of a header other than Authorization, which it replaces",
                got=repr(source),
                remedy="for example 'X-Authorization'",
            )


def _check_port(path: str, name: str, port: int) -> None:
    other = "8080" if name == "port" else "port"
    check_whole(path, name, port, range(1, 2**16), f"omit it to get {other}")
    if port in _TAKEN_PORTS:
        raise PatternError(
            path,
            name,
            rule=f"not be the one where {_TAKEN_PORTS[port]} listens",
            got=port,
            remedy="let the application listen where the variable PORT says, and omit it",
        )


def _text(number: float) -> str:
    """A number in words of a template, where it may be known at deployment alone."""
    if cdk.Token.is_unresolved(number):
        return cdk.Tokenization.stringify_number(number)
    return f"{number:g}" if isinstance(number, float) else str(number)
