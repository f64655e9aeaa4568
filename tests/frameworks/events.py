"""The events that API Gateway and a load balancer make of requests, and what they read back."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.frameworks.exchange import HOST, Answer, Request

if TYPE_CHECKING:
    from tests.frameworks.runtime_api import Invocation, RuntimeApi

STREAMED = "application/vnd.awslambda.http-integration-response"


class HttpApi:
    """API Gateway's HTTP API, payload format 2.0; a function URL makes events like it.

    It decodes the path. A load balancer and a function URL leave it as it came.
    """

    decodes_paths = True

    def __init__(self, runtime_api: RuntimeApi) -> None:
        self._runtime_api = runtime_api

    def send(self, request: Request) -> Answer:
        return self.read(self._runtime_api.invoke(self.event(request)))

    def event(self, request: Request) -> dict[str, Any]:
        headers: dict[str, str] = {}
        for name, value in request.all_headers:
            known = headers.get(name.lower())
            headers[name.lower()] = value if known is None else f"{known},{value}"
        cookies = headers.pop("cookie", None)
        path = unquote(request.path) if self.decodes_paths else request.path
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": request.query,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "a1b2c3d4e5",
                "domainName": HOST,
                "domainPrefix": "a1b2c3d4e5",
                "http": {
                    "method": request.method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "tests",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "25/Nov/2026:14:00:00 +0000",
                "timeEpoch": 1795615200000,
            },
            "isBase64Encoded": bool(request.body),
        }
        if cookies is not None:
            event["cookies"] = cookies.split("; ")
        if request.body:
            event["body"] = base64.b64encode(request.body).decode()
        return event

    def read(self, invocation: Invocation) -> Answer:
        assert invocation.status == "response", invocation.payload
        if invocation.content_type == STREAMED:
            return _streamed(invocation)
        answer = json.loads(invocation.payload)
        headers = dict(answer["headers"])
        cookies = [("set-cookie", value) for value in answer.get("cookies", ())]
        return Answer(
            status=answer["statusCode"], headers=(*headers.items(), *cookies), body=_body(answer)
        )


class FunctionUrl(HttpApi):
    """A function URL."""

    decodes_paths = False


class LoadBalancer:
    """A load balancer whose target group has multi-value headers."""

    decodes_paths = False

    def __init__(self, runtime_api: RuntimeApi) -> None:
        self._runtime_api = runtime_api

    def send(self, request: Request) -> Answer:
        invocation = self._runtime_api.invoke(self.event(request))
        assert invocation.status == "response", invocation.payload
        answer = json.loads(invocation.payload)
        headers = tuple(
            (name, value)
            for name, values in answer["multiValueHeaders"].items()
            for value in values
        )
        return Answer(status=answer["statusCode"], headers=headers, body=_body(answer))

    def event(self, request: Request) -> dict[str, Any]:
        headers: dict[str, list[str]] = {}
        for name, value in request.all_headers:
            headers.setdefault(name.lower(), []).append(value)
        query: dict[str, list[str]] = {}
        for pair in filter(None, request.query.split("&")):
            name, _, value = pair.partition("=")
            query.setdefault(name, []).append(value)
        group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/greetings/1"
        return {
            "requestContext": {"elb": {"targetGroupArn": group}},
            "httpMethod": request.method,
            "path": request.path,
            "multiValueQueryStringParameters": query,
            "multiValueHeaders": headers,
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": bool(request.body),
        }


def _body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body") or ""
    return base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()


def _streamed(invocation: Invocation) -> Answer:
    """An answer that begins with its status and headers, eight zeros behind them."""
    head, _, body = invocation.payload.partition(b"\0" * 8)
    prelude = json.loads(head)
    headers = [("set-cookie", value) for value in prelude.get("cookies", ())]
    for name, value in prelude.get("headers", {}).items():
        headers += [(name, each) for each in (value if isinstance(value, list) else [value])]
    return Answer(
        status=prelude["statusCode"],
        headers=tuple(headers),
        body=body,
        moments=tuple(moment for moment, _ in invocation.chunks),
    )
