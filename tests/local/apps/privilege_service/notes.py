"""Notes in a table; reading one tries to write as well."""

import os
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@cache
def _table() -> Any:
    return boto3.resource("dynamodb").Table(os.environ["TABLE"])


def _write(note: str) -> str:
    try:
        _table().put_item(Item={"id": note})
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "written"


def read(request: Request) -> JSONResponse:
    note = request.path_params["note"]
    found = "Item" in _table().get_item(Key={"id": note})
    return JSONResponse({"found": found, "write": _write(note)})


def write(request: Request) -> JSONResponse:
    return JSONResponse({"write": _write(request.path_params["note"])})


app = Starlette(
    routes=[
        Route("/notes/{note}", read, methods=["GET"]),
        Route("/notes/{note}", write, methods=["PUT"]),
    ]
)
