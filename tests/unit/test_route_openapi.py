"""Routes of an OpenAPI document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns import PatternError, RouteTable
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path


def table_of(folder: Path, paths: dict[str, Any]) -> RouteTable:
    file = folder / "openapi.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "paths": paths}))
    return RouteTable.from_openapi(file)


def test_any_method_of_api_gateway_and_what_stands_elsewhere(tmp_path: Path) -> None:
    table = table_of(
        tmp_path,
        {
            "/files/{proxy+}": {"x-amazon-apigateway-any-method": {"tags": ["files"]}},
            "/pets/{id}": {"get": {}, "head": {}, "x-internal": {}, "servers": []},
            "/pets/mine": {"get": {"tags": "no list"}, "query": {}},
            "/shared": {"$ref": "#/components/pathItems/shared", "get": {}},
            "x-paths": "of an extension",
        },
    )

    assert [*table] == [
        ("ANY", "/files/{proxy+}", "files", False, False),
        ("GET", "/pets/mine", "", False, False),
        ("GET", "/pets/{id}", "", False, False),
        ("HEAD", "/pets/{id}", "", False, False),
        ("GET", "/shared", "", False, False),
    ]
    assert [*table.left_to_catch_all] == [
        ("/pets/mine", "API Gateway has no method QUERY"),
        ("/shared", "what it is stands elsewhere, under a $ref"),
    ]


def test_names_that_api_gateway_does_not_take_are_left_to_the_catch_all(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"/pets/{pet-id}": {"get": {}}, "/a b": {"get": {}}})

    assert len(table) == 0
    assert sorted(table.left_to_catch_all) == [
        ("/a b", "no URL holds the segment 'a b' as it is"),
        ("/pets/{pet-id}", "the name pet-id isn't of ASCII letters, digits and _ alone"),
    ]


def test_two_names_for_one_position_are_refused(tmp_path: Path) -> None:
    message = (
        f"{tmp_path}/openapi.json: path must call a parameter by one name in one position, "
        "got GET /pets/{id} and /pets/{pet}; name both alike"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table_of(tmp_path, {"/pets/{id}": {"get": {}}, "/pets/{pet}": {"get": {}}})


def test_two_names_of_two_methods_are_not(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"/pets/{id}": {"get": {}}, "/pets/{pet}": {"put": {}}})

    assert [each.key for each in table] == ["GET /pets/{id}", "PUT /pets/{pet}"]


def test_an_openapi_documents_routes_have_the_first_tag_for_a_module(tmp_path: Path) -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/books/{id}": {
                "parameters": [],
                "summary": "One book",
                "get": {"tags": ["books", "all"]},
                "trace": {},
            },
            "/orders": {"post": {}},
        },
    }
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    table = RouteTable.from_openapi(tmp_path / "openapi.json")

    assert [*table] == [
        ("GET", "/books/{id}", "books", False, False),
        ("POST", "/orders", "", False, False),
    ]
    assert [*table.left_to_catch_all] == [("/books/{id}", "API Gateway has no method TRACE")]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("openapi: 3.0.0", "be an OpenAPI 3 document in JSON, got JSONDecodeError: "),
        ("{}", "be an OpenAPI 3 document in JSON, got KeyError: 'openapi'; "),
        ("[]", "be an OpenAPI 3 document in JSON, got TypeError: "),
        (
            '{"openapi": "3.0.0", "paths": {"/": 1}}',
            "be an OpenAPI 3 document in JSON, got TypeErr",
        ),
        ('{"openapi": "2.0"}', "be OpenAPI 3, got 2.0; convert it"),
        ('{"swagger": "2.0"}', "be OpenAPI 3, got 2.0; convert it"),
    ],
)
def test_what_is_no_openapi_3_is_refused(tmp_path: Path, text: str, refusal: str) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(text)

    with pytest.raises(PatternError) as refused:
        RouteTable.from_openapi(file)
    assert str(refused.value).startswith(f"{file}: path must {refusal}")
