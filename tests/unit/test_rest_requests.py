from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns import Endpoint, PatternError, Route, RouteApi
from tests.messages import exactly
from tests.rest import body, operations

if TYPE_CHECKING:
    import aws_cdk as cdk

    from serverless_patterns import PythonFunction

DRAFT = "request_schema must be a JSON schema of draft 4, which API Gateway's models follow"
PARAMETERS = "request_parameters must"
EXAMPLE = 'for example {"method.request.querystring.limit": True}'


def define(stack: cdk.Stack, handler: PythonFunction, **options: Any) -> None:
    RouteApi(
        stack,
        "Api",
        routes=[Route("POST", "/books/{id}", handler, **options)],
        endpoint=Endpoint.REST_API,
    )


def test_required_parameters_are_looked_for(stack: cdk.Stack, handler: PythonFunction) -> None:
    asked = {
        "method.request.querystring.limit": True,
        "method.request.header.X-Request-Id": False,
        "method.request.path.id": True,
    }
    define(stack, handler, request_parameters=asked)

    [operation] = operations(stack).values()
    text = {"type": "string"}
    assert operation["parameters"] == [
        {"name": "limit", "in": "query", "required": True, "schema": text},
        {"name": "X-Request-Id", "in": "header", "required": False, "schema": text},
    ]
    validator = operation["x-amazon-apigateway-request-validator"]
    assert body(stack)["x-amazon-apigateway-request-validators"] == {
        validator: {"validateRequestParameters": True, "validateRequestBody": False}
    }


def test_a_body_is_held_against_its_schema(stack: cdk.Stack, handler: PythonFunction) -> None:
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}
    define(stack, handler, request_schema=schema)

    [operation] = operations(stack).values()
    [(name, model)] = body(stack)["components"]["schemas"].items()
    assert model == {"type": "object"}
    assert name.isalnum()
    assert operation["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }
    validator = operation["x-amazon-apigateway-request-validator"]
    assert body(stack)["x-amazon-apigateway-request-validators"][validator] == {
        "validateRequestParameters": False,
        "validateRequestBody": True,
    }


def test_definitions_inside_a_schema_become_models_of_their_own(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    schema = {
        "$defs": {"Page[Book]": {"properties": {"next": {"$ref": "#"}}}},
        "definitions": {"Id": {"type": "string", "enum": [{"$ref": "kept"}]}},
        "properties": {"$ref": {"$ref": "#/definitions/Id"}, "const": {"type": "integer"}},
        "items": [{"$ref": "#/$defs/Page[Book]"}],
    }
    define(
        stack,
        handler,
        request_schema=schema,
        request_parameters={"method.request.querystring.limit": False},
    )

    schemas = body(stack)["components"]["schemas"]
    whole, identifier, page = schemas
    prefix = "#/components/schemas/"
    assert schemas == {
        whole: {
            "properties": {"$ref": {"$ref": prefix + identifier}, "const": {"type": "integer"}},
            "items": [{"$ref": prefix + page}],
        },
        identifier: {"type": "string", "enum": [{"$ref": "kept"}]},
        page: {"properties": {"next": {"$ref": prefix + whole}}},
    }
    [validator] = body(stack)["x-amazon-apigateway-request-validators"].values()
    assert validator == {"validateRequestParameters": True, "validateRequestBody": True}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"request_schema": "object"},
            f"{DRAFT}, got 'object' for POST /books/{{id}}; write it so, or let the application "
            "validate",
        ),
        (
            {"request_schema": {"enum": [object]}},
            f"{DRAFT}, got Object of type type is not JSON serializable for POST /books/{{id}}; "
            "write it so, or let the application validate",
        ),
        (
            {"request_schema": {"items": {"const": 1}}},
            f"{DRAFT}, got const of a later draft for POST /books/{{id}}; write it so, or let the "
            "application validate",
        ),
        (
            {"request_schema": {"properties": {"n": {"exclusiveMinimum": 0}}}},
            f"{DRAFT}, got a numeric exclusiveMinimum of a later draft for POST /books/{{id}}; "
            "write it so, or let the application validate",
        ),
        (
            {"request_schema": {"$ref": "https://schemas.example/book"}},
            f"{DRAFT}, got the reference 'https://schemas.example/book' to no definition of its "
            "own for POST /books/{id}; write it so, or let the application validate",
        ),
        (
            {"request_parameters": ["limit"]},
            f"{PARAMETERS} say of each parameter whether a request must have it, got ['limit'] "
            f"for POST /books/{{id}}; {EXAMPLE}",
        ),
        (
            {"request_parameters": {"method.request.querystring.limit": "yes"}},
            f"{PARAMETERS} say of each parameter whether a request must have it, got 'yes' "
            f"for POST /books/{{id}}; {EXAMPLE}",
        ),
        (
            {"request_parameters": {"limit": True}},
            f"{PARAMETERS} name parameters as method.request.querystring.NAME or .header.NAME, "
            f"got 'limit' for POST /books/{{id}}; {EXAMPLE}",
        ),
        (
            {"request_parameters": {"method.request.path.i": True}},
            f"{PARAMETERS} name parameters of the path that it has, got 'method.request.path.i' "
            f"for POST /books/{{id}}; {EXAMPLE}",
        ),
    ],
    ids=str,
)
def test_what_api_gateway_cannot_validate_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        define(stack, handler, **options)

    assert stack.node.try_find_child("Api") is None
