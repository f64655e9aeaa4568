"""The hook in the example's README, and the events in the docs that try a function by hand."""

from __future__ import annotations

import asyncio
import io
import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import boto3
import pytest
from fastapi import FastAPI, HTTPException
from mangum import Mangum

import serverless_patterns
from examples.fast_start.stacks import HERE
from serverless_patterns import PythonFunction
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]
    LambdaHandler = Callable[[Any, Any], Any]

WIRING, HOOK = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)
IDS = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}
VERSION = "arn:aws:lambda:us-east-1:123456789012:function:quotes:7"


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """The event loop that Mangum asks for, which a test before may have taken away."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    made.close()
    asyncio.set_event_loop(None)


def invoke(handler: LambdaHandler, event: Any) -> dict[str, Any]:
    """What Lambda answers whoever invokes a handler."""
    try:
        answer: dict[str, Any] = {"Payload": handler(event, SimpleNamespace())}
    except Exception as error:  # noqa: BLE001 - as Lambda does
        answer = {"Payload": {"errorMessage": str(error)}, "FunctionError": "Unhandled"}
    return answer | {"Payload": io.BytesIO(json.dumps(answer["Payload"]).encode())}


def application(status: int | None) -> LambdaHandler:
    """A new version: an application that answers with a status, or fails to."""
    app = FastAPI()

    @app.get("/quotes/{sku}")
    def quote(sku: str) -> None:
        if status is None:
            raise RuntimeError(sku)
        raise HTTPException(status)

    return Mangum(app, lifespan="off")


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda: application(404), "Succeeded"),
        (lambda: application(500), "Failed"),
        (lambda: application(None), "Failed"),
        (lambda: lambda _event, _context: 1 / 0, "Failed"),
    ],
    ids=["answers", "answers with an error", "raises", "does not start"],
)
def test_the_hook_tells_code_deploy_whether_the_new_version_answers(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], LambdaHandler], status: str
) -> None:
    handler = make()
    told: list[Mapping[str, str]] = []
    clients = {
        "lambda": SimpleNamespace(
            invoke=lambda FunctionName, Payload: (  # noqa: N803 - boto3's own names
                invoke(handler, json.loads(Payload)) if FunctionName == VERSION else None
            )
        ),
        "codedeploy": SimpleNamespace(
            put_lifecycle_event_hook_execution_status=lambda **status: told.append(status)
        ),
    }
    monkeypatch.setattr(boto3, "client", clients.__getitem__)
    monkeypatch.setenv("VERSION", VERSION)
    names: dict[str, Any] = {}
    exec(HOOK, names)

    names["handler"](IDS, None)

    assert told == [
        {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e-1", "status": status}
    ]


def test_the_hook_can_be_wired_as_it_is_said(
    make_app: MakeApp, entry: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "hook"
    folder.mkdir()
    (folder / "index.py").write_text(HOOK)
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    names = {
        **{name: getattr(serverless_patterns, name) for name in serverless_patterns.__all__},
        "self": stack,
        "function": PythonFunction(stack, "Function", entry=entry),
    }

    exec(WIRING.replace('"hook"', repr(str(folder))), names)

    resources = app.synth().get_stack_by_name("Shop").template["Resources"].values()
    [hook] = [
        each["Properties"]["Environment"]["Variables"]
        for each in resources
        if each["Properties"].get("Environment")
    ]
    assert [*hook] == ["VERSION"]


def test_the_event_to_tune_memory_with_is_one_that_an_application_answers() -> None:
    [text] = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "memory.md").read_text(), re.DOTALL)
    app = FastAPI()

    @app.get("/api/books")
    def books() -> None: ...

    answer = Mangum(app, lifespan="off")(json.loads(text)["payload"], SimpleNamespace())

    assert answer["statusCode"] == 200
