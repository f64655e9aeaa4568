"""What API Gateway logs of a request: who asked what, the answer, and which part took how long."""

from __future__ import annotations

import json

_CONTEXT = {
    "requestId": "requestId",
    "requestTime": "requestTime",
    "sourceIp": "identity.sourceIp",
    "userAgent": "identity.userAgent",
    "method": "httpMethod",
    "path": "path",
    "protocol": "protocol",
    "status": "status",
    "responseLength": "responseLength",
    "responseLatency": "responseLatency",
    "integrationLatency": "integrationLatency",
    "integrationStatus": "integrationStatus",
    "integrationError": "integrationErrorMessage",
    "authorizerError": "authorizer.error",
    "error": "error.message",
}


def access_log(route: str) -> str:
    """The format of access logs: one JSON object a request.

    Args:
        route: What that kind of API calls a route: ``routeKey`` or ``resourcePath``.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    """
    fields = {**_CONTEXT, route: route}
    return json.dumps({name: f"$context.{value}" for name, value in fields.items()})
