from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import (
    Endpoint,
    ModularApi,
    PatternError,
    RouteTable,
    SnapStartAlias,
    UnitOptions,
)
from serverless_patterns.routes import TableRoute
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    MakeApp = Callable[..., cdk.App]
    Make = Callable[..., ModularApi]

TABLE = RouteTable(
    [
        TableRoute("GET", "/books", "shop.books", answers_head=True),
        TableRoute("GET", "/books/{id}", "shop.books"),
        TableRoute("POST", "/orders", "shop.orders"),
    ]
)
# What names the function that is invoked: an alias's are told apart by their "Alias" and ":live".
INVOKES = {
    "AWS::ApiGatewayV2::Integration": "IntegrationUri",
    "AWS::Lambda::Permission": "FunctionName",
}


@pytest.fixture
def make(make_app: MakeApp, tmp_path: Path) -> Make:
    folder = tmp_path / "shop-entry"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "main.py").write_text("async def app(scope, receive, send): ...\n")

    def make(**options: Any) -> ModularApi:
        given: dict[str, Any] = {"app": "shop.main:app", "entry": folder, "routes": TABLE}
        return ModularApi(cdk.Stack(make_app(), "Shop"), "Api", **given | options)

    return make


def app_of(api: ModularApi) -> cdk.App:
    app = api.node.root
    assert isinstance(app, cdk.App)
    return app


def resources(api: ModularApi) -> Iterator[dict[str, Any]]:
    """Those of the stack and of what is nested in it."""
    assembly = app_of(api).synth()
    folder = assembly.directory
    for template in [assembly.get_stack_by_name("Shop").template, *nested(folder)]:
        yield from template["Resources"].values()


def nested(folder: str) -> Iterator[dict[str, Any]]:
    for file in sorted(Path(folder).glob("*.nested.template.json")):
        yield json.loads(file.read_text())


def invoked(api: ModularApi) -> list[bool]:
    """Of whatever invokes a function: whether it is the alias."""
    found = [
        json.dumps(each["Properties"][INVOKES[each["Type"]]])
        for each in resources(api)
        if each["Type"] in INVOKES
    ]
    return ["LiveAlias" in each for each in found]


@pytest.mark.parametrize("granularity", ["monolith", "module", "route"])
@pytest.mark.parametrize("nested_stacks", [True, False])
def test_every_unit_is_invoked_through_its_alias(
    make: Make, granularity: str, *, nested_stacks: bool
) -> None:
    api = make(granularity=granularity, nested_stacks=nested_stacks, snap_start=True)

    assert {*api.aliases} == {*api.functions}
    assert all(
        api.aliases[name].version.lambda_.node.path == function.node.path
        for name, function in api.functions.items()
    )
    found = invoked(api)
    assert len(found) >= len(api.functions)
    assert all(found)


@pytest.mark.parametrize("endpoint", [Endpoint.REST_API, Endpoint.FUNCTION_URL])
def test_so_it_is_behind_other_endpoints(make: Make, endpoint: Endpoint) -> None:
    api = make(endpoint=endpoint, snap_start=True)

    [template] = [each.template for each in app_of(api).synth().stacks]
    [function] = [
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Lambda::Function"
    ]
    others = {
        name: each
        for name, each in template["Resources"].items()
        if each["Type"] in {"AWS::Lambda::Permission", "AWS::ApiGateway::RestApi"}
    }
    assert not any(f'"{function}"' in json.dumps(each) for each in others.values())
    [version] = [
        each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::Version"
    ]
    assert version["Properties"] == {"FunctionName": {"Ref": function}}


def test_some_units_may_start_from_snapshots(make: Make) -> None:
    api = make(granularity="module", unit_options={"books": UnitOptions(snap_start=True)})

    assert {*api.aliases} == {"books"}
    assert sorted(invoked(api)) == [False] * 4 + [True] * 2


def test_a_unit_may_do_without_and_a_route_does_as_its_module(make: Make) -> None:
    without = {"books": UnitOptions(snap_start=False)}
    api = make(granularity="route", snap_start=True, unit_options=without)

    assert {*api.aliases} == {"catch_all", "POST /orders"}


def test_no_version_is_published_unless_it_is_asked_for(make: Make) -> None:
    api = make(granularity="module")

    assert api.aliases == {}
    assert not any(each["Type"] == "AWS::Lambda::Version" for each in resources(api))


def test_a_function_of_it_that_is_published_by_hand_is_refused_at_synthesis(make: Make) -> None:
    api = make(granularity="module")
    SnapStartAlias(cdk.Stack.of(api), "Live", function=api.functions["orders"])
    message = (
        "Shop/Api: functions must be the alias of a function that starts from snapshots: $LATEST "
        "has none, got Shop/Api/Units/orders/Function itself; leave that to the API: "
        "snap_start=True"
    )

    with pytest.raises(RuntimeError) as error:
        app_of(api).synth()
    assert message in str(error.value)


def test_what_snap_start_excludes_is_refused(make: Make) -> None:
    message = (
        "Shop/Api/CatchAll/Live: function must run in Java 11, Python 3.12 or .NET 8 or newer, or "
        "in an image on AWS's base of one, got python3.11; name such a runtime, or do without "
        "SnapStart"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        make(snap_start=True, runtime=lambda_.Runtime.PYTHON_3_11)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"snap_start": "yes"}, "snap_start"),
        (
            {"unit_options": {"catch_all": UnitOptions(snap_start="yes")}},  # type: ignore[arg-type]
            "unit_options['catch_all'].snap_start",
        ),
    ],
)
def test_it_is_yes_or_no(make: Make, options: dict[str, Any], name: str) -> None:
    message = f"Shop/Api: {name} must be a bool, got 'yes'; for example snap_start=True"

    with pytest.raises(PatternError, match=exactly(message)):
        make(**options)


def test_versions_and_aliases_count_among_the_resources_of_a_stack(make: Make) -> None:
    routes = RouteTable([TableRoute("GET", f"/r{number}", "shop.books") for number in range(50)])

    def is_nested(*, snap_start: bool) -> bool:
        api = make(granularity="route", routes=routes, snap_start=snap_start)
        return any(cdk.NestedStack.is_nested_stack(each) for each in api.node.find_all())

    assert (is_nested(snap_start=False), is_nested(snap_start=True)) == (False, True)
