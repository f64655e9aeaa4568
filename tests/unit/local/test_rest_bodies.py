from __future__ import annotations

from typing import Any

from serverless_patterns.local.rest_bodies import spelled_out

ANY = "x-amazon-apigateway-any-method"
METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}


def test_any_method_is_said_in_seven_of_which_a_path_keeps_its_own() -> None:
    body: dict[str, Any] = {
        "openapi": "3.0.1",
        "paths": {
            "/": {ANY: {"id": "any"}, "get": {"id": "get"}, "parameters": []},
            "/books": {"post": {"id": "post"}},
        },
    }

    spelled = spelled_out(body)

    item = spelled["paths"]["/"]
    assert {*item} == METHODS | {"parameters"}
    assert item["get"] == {"id": "get"}
    assert all(item[method] == {"id": "any"} for method in METHODS - {"get"})
    assert spelled["paths"]["/books"] == {"post": {"id": "post"}}
    assert spelled["openapi"] == "3.0.1"
    assert ANY in body["paths"]["/"]
