"""What is configured, as the extension beside the function answers it."""

from typing import Any

from serverless_patterns.runtime.parameters import Parameters

PARAMETERS = Parameters()


def handler(event: dict[str, str], _: Any) -> dict[str, Any]:
    """The values of what the event names."""
    parameter = PARAMETERS.parameter(event["parameter"])
    secret = PARAMETERS.secret(event["secret"])
    return {"parameter": parameter.text, "secret": secret.json()}
