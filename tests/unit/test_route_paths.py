from __future__ import annotations

import pytest

from serverless_patterns._route_paths import InexpressibleError, gateway_path, position
from tests.messages import exactly


@pytest.mark.parametrize(
    ("path", "gateway"),
    [
        ("/", "/"),
        ("", "/"),
        ("/books/{book_id}", "/books/{book_id}"),
        ("/books/{book_id:int}", "/books/{book_id}"),
        ("/files/{name:path}", "/files/{name+}"),
        ("/files/{name+}", "/files/{name+}"),
        ("/books/<book_id>", "/books/{book_id}"),
        ("/books/<int:book_id>/pages/<string(length=2):page>", "/books/{book_id}/pages/{page}"),
        ("/files/<path:name>", "/files/{name+}"),
        ("/v1.0/~me/a:b,c@d;e=(f)", "/v1.0/~me/a:b,c@d;e=(f)"),
        ("/...", "/..."),
    ],
)
def test_a_path_of_any_framework_is_one_of_api_gateway(path: str, gateway: str) -> None:
    assert gateway_path(path) == gateway


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/books/", "API Gateway has no path that ends in a slash"),
        ("/people/{name:path}/bio", "a parameter that takes slashes must stand last"),
        ("/files/{name}.json", "a parameter must be a whole segment of its path"),
        ("/span/{first}-{last}", "a parameter must be a whole segment of its path"),
        ("/odd/{brace", "a parameter must be a whole segment of its path"),
        ("/span/{first}{last}", "a parameter must be a whole segment of its path"),
        ("/a/{id}/b/{id}", "it has two parameters called id"),
        ("/pets/{pet-id}", "the name pet-id isn't of ASCII letters, digits and _ alone"),
        ("/pets/<ñ>", "the name ñ isn't of ASCII letters, digits and _ alone"),
        ("/a//b", "it has an empty segment"),
        ("/a/../b", "no URL holds the segment '..' as it is"),
        ("/./b", "no URL holds the segment '.' as it is"),
        ("/tea pot", "no URL holds the segment 'tea pot' as it is"),
        ("/tab\t", "no URL holds the segment 'tab\\t' as it is"),
        ("/café", "no URL holds the segment 'café' as it is"),
        ("/50%", "no URL holds the segment '50%' as it is"),
    ],
)
def test_what_api_gateway_has_no_form_for_is_told(path: str, why: str) -> None:
    with pytest.raises(InexpressibleError, match=exactly(why)):
        gateway_path(path)


def test_names_of_parameters_tell_no_routes_apart() -> None:
    assert position("/books/{id}/{rest+}") == position("/books/{book}/{path+}") == "/books/{}/{+}"
    assert position("/books/{id}") != position("/books/{id+}")
