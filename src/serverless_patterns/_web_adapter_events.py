"""The sibling of a web function that takes events, and fails where its application does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError
from serverless_patterns._web_adapter_function import AdaptedFunction
from serverless_patterns._web_adapter_variables import PREFIX, check_path, check_status_codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from serverless_patterns._web_adapter_function import Configuration, Package
    from serverless_patterns._web_adapter_settings import AdapterSettings

_LEAST = range(500, 600)  # what an application that failed answers by itself


class EventsFunction(AdaptedFunction):
    """A function to which the adapter posts events.

    Args:
        scope: The web function.
        construct_id: The construct id.
        package: The code of the web function.
        configuration: What it is set to.
        settings: What the adapter of the web function is told.
        environment: The variables of the web function, and further ones.
        pass_through_path: Where the application takes events.
        error_status_codes: The status codes that fail an invocation.

    Raises:
        PatternError: If Lambda would refuse an argument.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: Package,
        configuration: Configuration,
        settings: AdapterSettings,
        environment: Mapping[str, str],
        pass_through_path: str,
        error_status_codes: str,
    ) -> None:
        # An answer that is streamed or compressed isn't read as JSON, and names no failures.
        told = replace(
            settings,
            enable_compression=False,
            invoke_mode=lambda_.InvokeMode.BUFFERED,
            authorization_source=None,
            remove_base_path=None,
        )
        own = settings.environment()
        others = {name: value for name, value in environment.items() if name not in own}
        variables = {
            **others,
            **told.environment(),
            **package.environment,
            f"{PREFIX}PASS_THROUGH_PATH": pass_through_path,
            f"{PREFIX}ERROR_STATUS_CODES": error_status_codes,
        }
        configuration.check(f"{scope.node.path}/{construct_id}", package, variables)
        super().__init__(scope, construct_id, package, configuration, variables)


def check_events(
    path: str, pass_through_path: str, error_status_codes: str, settings: AdapterSettings
) -> None:
    """Refuse a sibling that would lose events.

    Args:
        path: The construct path of the sibling.
        pass_through_path: Where the application takes events.
        error_status_codes: The status codes that fail an invocation.
        settings: What the adapter of the web function is told.

    Raises:
        PatternError: If it would.
    """
    check_path(path, "path", pass_through_path)
    for name in ("snapstart_before_checkpoint_path", "snapstart_after_restore_path"):
        if getattr(settings, name) == pass_through_path:
            raise PatternError(
                path,
                "path",
                rule=f"differ from {name}, where only the adapter itself may ask",
                got=repr(pass_through_path),
                remedy="give events a path of their own",
            )
    check_status_codes(path, "error_status_codes", error_status_codes)
    if cdk.Token.is_unresolved(error_status_codes):
        return
    failing = _codes(error_status_codes)
    missing = [code for code in _LEAST if code not in failing]
    if missing:
        raise PatternError(
            path,
            "error_status_codes",
            rule="hold 500 to 599: an event that is answered with another status counts as handled",
            got=repr(error_status_codes),
            remedy="omit it to get '300-599', or add '500-599'",
        )


def _codes(text: str) -> set[int]:
    codes: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        codes.update(range(int(first), int(last or first) + 1))
    return codes
