from __future__ import annotations

from pathlib import Path
from typing import Any

from serverless_patterns.local.assembly import Template
from serverless_patterns.local.rest_bodies import spell_out_methods

ANY = "x-amazon-apigateway-any-method"
METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}


def spelled_out(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The properties of the only resource of a template whose methods were spelled out."""
    content = {"Resources": {"Api": {"Type": kind, "Properties": properties}}}
    template = Template("Shop", Path("Shop.json"), content)
    spell_out_methods([template])
    found: dict[str, Any] = template.resources["Api"]["Properties"]
    return found


def test_any_method_is_said_in_seven_of_which_a_path_keeps_its_own() -> None:
    paths = {
        "/": {ANY: {"id": "any"}, "get": {"id": "get"}, "parameters": []},
        "/books": {"post": {"id": "post"}},
    }

    body = spelled_out("AWS::ApiGateway::RestApi", {"Body": {"paths": paths}, "Name": "Shop"})[
        "Body"
    ]

    item = body["paths"]["/"]
    assert {*item} == METHODS | {"parameters"}
    assert item["get"] == {"id": "get"}
    assert all(item[method] == {"id": "any"} for method in METHODS - {"get"})
    assert body["paths"]["/books"] == {"post": {"id": "post"}}


def test_what_is_no_body_of_a_rest_api_stays_as_it_is() -> None:
    without: dict[str, Any] = {"Name": "Shop"}
    other: dict[str, Any] = {"Body": {"paths": {"/": {ANY: {}}}}}

    assert spelled_out("AWS::ApiGateway::RestApi", without) == {"Name": "Shop"}
    assert spelled_out("AWS::ApiGatewayV2::Api", other) == {"Body": {"paths": {"/": {ANY: {}}}}}
