from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import assertions

from serverless_patterns import PatternError, Route, RouteApi
from serverless_patterns import _nesting as nesting
from serverless_patterns._http_settings import check_limits
from serverless_patterns._nesting import UnitScopes
from serverless_patterns._units import Unit
from tests.messages import exactly

if TYPE_CHECKING:
    import aws_cdk as cdk

    from serverless_patterns import PythonFunction

WARNED = assertions.Match.string_like_regexp(
    r"Shop/Api: 301 routes are more than the 300 .*serverless-patterns:http-api-routes"
)


@pytest.mark.parametrize("routes", [300, 301])
def test_more_routes_than_an_account_may_have_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction, routes: int
) -> None:
    RouteApi(
        stack, "Api", routes=[Route("GET", f"/r{number}", handler) for number in range(routes)]
    )

    warnings = assertions.Annotations.from_stack(stack).find_warning("/Shop/Api", WARNED)
    assert len(warnings) == (routes == 301)


def test_more_functions_than_an_http_api_has_integrations_are_refused() -> None:
    units = [Unit(f"Unit{number}") for number in range(301)]
    check_limits("Shop/Api", units[:300])

    message = (
        "Shop/Api: endpoint must have at most 300 integrations, one for each function, which AWS "
        "doesn't raise for an HTTP API, got 301 functions; let routes share functions, or choose "
        "Endpoint.REST_API"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        check_limits("Shop/Api", units)


@pytest.mark.parametrize(("unit_resources", "most"), [(6, 83), (1, 100)])
def test_a_nested_stack_is_not_filled_past_its_resources_and_outputs(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch, unit_resources: int, most: int
) -> None:
    monkeypatch.setattr(nesting, "_STACKS", 1)
    scopes = UnitScopes(stack, "Units", nested=True, unit_resources=unit_resources)
    for number in range(most):
        scopes.define(f"Unit{number}")

    message = (
        f"Shop: units must fit into 1 nested stacks of {most} units, got {most + 1} in one; "
        "let routes share functions, or make two APIs of it"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        scopes.define("OneMore")
