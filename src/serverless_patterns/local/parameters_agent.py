"""What AWS's Parameters and Secrets extension answers on loopback, from the emulator."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from serverless_patterns.local.appconfig_agent import AgentAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TOKEN = "x-aws-parameters-secrets-token"  # noqa: S105 - the name of a header
_NOT_THERE = ("ParameterNotFound", "ParameterVersionNotFound", "ResourceNotFoundException")


class ParametersAgent:
    """Answers the paths of the Parameters and Secrets extension.

    It keeps nothing: a value that changes is answered at once, where the extension keeps one for
    its time to live.

    Args:
        client: Makes the boto3 client of a service in a region.
        regions: Tells the regions that values may be in.
    """

    def __init__(
        self, client: Callable[[str, str], Any], regions: Callable[[], Sequence[str]]
    ) -> None:
        self._client = client
        self._regions = regions

    def answer(self, target: str, headers: Mapping[str, str]) -> AgentAnswer:
        """The answer to ``GET target``."""
        if _TOKEN not in {name.lower() for name in headers}:
            return AgentAnswer.refusal(401, "the header X-Aws-Parameters-Secrets-Token is missing")
        path, _, asked = target.partition("?")
        query = dict(parse_qsl(asked))
        match path.rstrip("/"):  # AWS's own examples write `get/?name=`
            case "/systemsmanager/parameters/get":
                return self._found(lambda region: self._parameter(region, query))
            case "/secretsmanager/get":
                return self._found(lambda region: self._secret(region, query))
        return AgentAnswer.refusal(
            404, "the path is none of /systemsmanager/parameters/get and /secretsmanager/get"
        )

    def _found(self, ask: Callable[[str], Any]) -> AgentAnswer:
        """What the first region answers that has it."""
        refusal = AgentAnswer.refusal(400, "there is no region")
        for region in self._regions():
            try:
                answer = ask(region)
            except (ClientError, ParamValidationError) as error:
                refusal = AgentAnswer.refusal(400, str(error))
                code = getattr(error, "response", {}).get("Error", {}).get("Code")
                if code not in _NOT_THERE:
                    break
            except BotoCoreError as error:
                return AgentAnswer.refusal(500, str(error))
            else:
                answer.pop("ResponseMetadata", None)
                return AgentAnswer(200, json.dumps(answer, default=_written).encode())
        return refusal

    def _parameter(self, region: str, query: Mapping[str, str]) -> Any:
        selector = query.get("version") or query.get("label")
        name = query.get("name", "")
        return self._client("ssm", region).get_parameter(
            Name=f"{name}:{selector}" if selector else name,
            WithDecryption=query.get("withDecryption", "").lower() == "true",
        )

    def _secret(self, region: str, query: Mapping[str, str]) -> Any:
        names = {"versionId": "VersionId", "versionStage": "VersionStage"}
        version = {names[key]: query[key] for key in names if key in query}
        return self._client("secretsmanager", region).get_secret_value(
            SecretId=query.get("secretId", ""), **version
        )


def _written(value: Any) -> str:
    """What JSON doesn't know, as AWS writes it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)
