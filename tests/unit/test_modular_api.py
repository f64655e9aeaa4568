from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb

from serverless_patterns import (
    Endpoint,
    Granularity,
    ModularApi,
    PatternError,
    PythonCode,
    RouteTable,
    UnitOptions,
)
from serverless_patterns.routes import LeftToCatchAll, TableRoute
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

TABLE = RouteTable(
    [
        TableRoute("GET", "/books", "shop.books.routes", answers_head=True),
        TableRoute("GET", "/books/{id}", "shop.books.routes"),
        TableRoute("POST", "/orders", "shop.orders.routes"),
        TableRoute("GET", "/orders/{id}", "shop.orders.routes"),
        TableRoute("GET", "/health", "shop.health"),
    ]
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop-entry"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "main.py").write_text("async def app(scope, receive, send): ...\n")
    return folder


@pytest.fixture
def make(make_app: MakeApp, shop: Path) -> Callable[..., ModularApi]:
    def make(**options: Any) -> ModularApi:
        stack = cdk.Stack(make_app(), "Shop")
        given: dict[str, Any] = {"app": "shop.main:app", "entry": shop, "routes": TABLE}
        return ModularApi(stack, "Api", **given | options)

    return make


def resources(api: ModularApi) -> dict[str, dict[str, Any]]:
    stack = cdk.Stack.of(api)
    app = stack.node.root
    assert isinstance(app, cdk.App)
    found: dict[str, dict[str, Any]] = (
        app.synth().get_stack_by_name(stack.stack_name).template["Resources"]
    )
    return found


def route_keys(found: dict[str, dict[str, Any]]) -> set[str]:
    return {
        each["Properties"]["RouteKey"]
        for each in found.values()
        if each["Type"] == "AWS::ApiGatewayV2::Route"
    }


@pytest.mark.parametrize(
    ("cut", "units"),
    [
        ({}, {"catch_all"}),
        (
            {"granularity": Granularity.MODULE},
            {"catch_all", "books.routes", "orders.routes", "health"},
        ),
        ({"granularity": "route"}, {"catch_all", *(route.key for route in TABLE)}),
        ({"extract": ["orders"]}, {"catch_all", "orders.routes"}),
        ({"extract": ["POST /orders"]}, {"catch_all", "POST /orders"}),
        ({"extract": ["shop.health", "books"]}, {"catch_all", "health", "books.routes"}),
        ({"units": {"checkout": ["POST /orders", "health"]}}, {"catch_all", "checkout"}),
        (
            {"granularity": "module", "units": {"checkout": ["orders"]}},
            {"catch_all", "books.routes", "health", "checkout"},
        ),
        (
            {"granularity": "module", "catch_all": False},
            {"books.routes", "orders.routes", "health"},
        ),
    ],
    ids=str,
)
def test_the_cut_names_the_functions(
    make: Callable[..., ModularApi], cut: dict[str, Any], units: set[str]
) -> None:
    assert {*make(**cut).functions} == units


@pytest.mark.parametrize("granularity", [*Granularity])
def test_a_route_is_served_by_the_function_of_its_unit(
    make: Callable[..., ModularApi], granularity: Granularity
) -> None:
    api = make(granularity=granularity)

    unit = {"monolith": "catch_all", "module": "books.routes", "route": "GET /books/{id}"}
    assert api.function_for("GET", "/books/{any}") is api.functions[unit[granularity.value]]


def test_head_goes_to_the_function_of_its_get(make: Callable[..., ModularApi]) -> None:
    assert "HEAD /books" in route_keys(resources(make(granularity="module")))
    assert "HEAD /health" not in route_keys(resources(make(granularity="module")))


def test_units_share_one_asset_and_one_handler(make: Callable[..., ModularApi]) -> None:
    functions = [
        each["Properties"]
        for each in resources(make(granularity="route")).values()
        if each["Type"] == "AWS::Lambda::Function"
    ]

    assert len(functions) == 6
    assert len({str(each["Code"]) for each in functions}) == 1
    assert {each["Handler"] for each in functions} == {"serverless_patterns_entry.handler"}
    assert len({str(each["Role"]) for each in functions}) == 6


@pytest.mark.parametrize("other", [{"extract": ["orders"]}, {"granularity": "route"}], ids=str)
def test_what_stays_is_untouched_by_another_cut(
    make: Callable[..., ModularApi], other: dict[str, Any]
) -> None:
    assert resources(make()).items() <= resources(make(**other)).items()


def test_a_route_that_another_unit_takes_over_is_updated_in_place(
    make: Callable[..., ModularApi],
) -> None:
    def ids(granularity: str) -> set[str]:
        found = resources(make(granularity=granularity))
        return {name for name, each in found.items() if each["Type"].endswith("::Route")}

    assert ids("module") == ids("route")


def test_units_differ_in_what_they_are_given_and_a_route_takes_what_its_module_has(
    make: Callable[..., ModularApi],
) -> None:
    def orders(granularity: str) -> dict[str, Any]:
        api = make(
            granularity=granularity,
            memory_size=512,
            environment={"MOOD": "calm"},
            unit_options={
                "orders": UnitOptions(
                    memory_size=2048,
                    timeout=cdk.Duration.seconds(5),
                    reserved_concurrent_executions=3,
                    environment={"QUEUE": "q"},
                )
            },
        )
        stack = cdk.Stack.of(api)
        function = api.function_for("POST", "/orders").node.default_child
        logical_id = stack.get_logical_id(function)  # type: ignore[arg-type]
        properties: dict[str, Any] = resources(api)[logical_id]["Properties"]
        return properties

    module, route, monolith = orders("module"), orders("route"), orders("monolith")
    assert (module["MemorySize"], module["Timeout"]) == (2048, 5)
    assert module["ReservedConcurrentExecutions"] == 3
    assert module["Environment"]["Variables"] == {"MOOD": "calm", "QUEUE": "q"}
    assert (route["MemorySize"], route["Timeout"]) == (2048, 5)
    assert "ReservedConcurrentExecutions" not in route
    assert (monolith["MemorySize"], monolith["Timeout"]) == (512, 29)


def actions(api: ModularApi, unit: str) -> set[str]:
    """The table's actions that a unit's function may take."""
    stack = cdk.Stack.of(api)
    role = api.functions[unit].role
    assert role is not None
    [logical] = [stack.resolve(role.role_name)["Ref"]]
    return {
        action
        for each in resources(api).values()
        if each["Type"] == "AWS::IAM::Policy" and each["Properties"]["Roles"] == [{"Ref": logical}]
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }


def table(api: ModularApi) -> dynamodb.TableV2:
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    return dynamodb.TableV2(cdk.Stack.of(api), "Table", partition_key=key)


def test_a_function_may_do_what_its_routes_were_granted_and_nothing_else(
    make: Callable[..., ModularApi],
) -> None:
    api = make(granularity="module")
    orders = table(api)
    orders.grant_write_data(api.function_for("POST", "/orders"))
    orders.grant_read_data(api.function_for("GET", "/books"))

    assert "dynamodb:PutItem" in actions(api, "orders.routes")
    assert "dynamodb:PutItem" not in actions(api, "books.routes")
    assert actions(api, "catch_all") == set()


def test_while_a_unit_leaves_the_catch_all_keeps_its_grants(
    make: Callable[..., ModularApi],
) -> None:
    api = make(extract=["orders"], draining=["orders"])
    table(api).grant_write_data(api.function_for("POST", "/orders"))

    assert "dynamodb:PutItem" in actions(api, "orders.routes")
    assert "dynamodb:PutItem" in actions(api, "catch_all")


def test_while_a_unit_comes_back_it_is_there_with_its_grants_and_without_routes(
    make: Callable[..., ModularApi],
) -> None:
    api = make(draining=["orders"])
    table(api).grant_write_data(api.function_for("POST", "/orders"))

    found = resources(api)
    policies = [each for each in found.values() if each["Type"] == "AWS::IAM::Policy"]
    assert len(policies) == 2
    assert route_keys(found) == {"ANY /", "ANY /{proxy+}"}
    kinds = Counter(each["Type"] for each in found.values())
    # What API Gateway still sends it must be let in, and find it.
    assert kinds["AWS::Lambda::Permission"] == kinds["AWS::ApiGatewayV2::Integration"] == 2
    assert api.function_for("POST", "/orders") is api.functions["catch_all"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"extract": ["order"]},
            "extract must name modules or routes of the application, got 'order'; "
            "did you mean POST /orders or orders.routes?",
        ),
        (
            {"extract": "orders"},
            "extract must be a list of texts, got 'orders'; write ['orders']",
        ),
        (
            {"units": {"a": ["POST /orders"], "b": ["orders"]}},
            "units must hold each route once, got POST /orders in a and in b; "
            "take it out of one of them",
        ),
        (
            {"units": {"health": ["orders"]}},
            "units must have names that are no module's and no route's, got 'health'; "
            "name the unit after its purpose, such as 'checkout'",
        ),
        (
            {"granularity": "fine"},
            "granularity must be one of monolith, module, route, got 'fine'; "
            "for example Granularity.MODULE",
        ),
        (
            {"memory_sise": 512},
            "memory_sise must be a keyword that is known, got another; did you mean memory_size?",
        ),
        (
            {"catch_all": False, "extract": ["orders"]},
            "catch_all must be True where routes belong to no other unit, got False with GET "
            "/books, GET /books/{id}, GET /health; omit it, or cut with Granularity.MODULE or "
            "Granularity.ROUTE",
        ),
    ],
    ids=str,
)
def test_a_cut_that_cannot_be_is_refused(
    make: Callable[..., ModularApi], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        make(**options)


def test_a_function_url_has_one_function_only(make: Callable[..., ModularApi]) -> None:
    make(endpoint=Endpoint.FUNCTION_URL)
    with pytest.raises(PatternError, match=r"HTTP_API"):
        make(endpoint=Endpoint.FUNCTION_URL, granularity="module")


def test_a_route_that_is_not_there_is_named(make: Callable[..., ModularApi]) -> None:
    message = (
        "Shop/Api: function_for must be asked for a route that a function serves, got GET /book; "
        "did you mean GET /books or GET /books/{id} or GET /health?"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        make().function_for("GET", "/book")


def test_routes_that_nothing_would_answer_are_warned_of(make: Callable[..., ModularApi]) -> None:
    left = [LeftToCatchAll("/files/{name}.json", "a parameter must be a whole segment")]
    table = RouteTable([*TABLE], left)
    api = make(granularity="module", catch_all=False, routes=table)
    make(granularity="module", routes=table)

    assertions.Annotations.from_stack(cdk.Stack.of(api)).has_warning(
        "/Shop/Api",
        assertions.Match.string_like_regexp(
            r"nothing answers 1 of the application's routes: /files/\{name\}\.json"
        ),
    )


def test_a_route_for_every_path_stays_with_the_catch_all(make: Callable[..., ModularApi]) -> None:
    table = RouteTable([*TABLE, TableRoute("GET", "/{path+}", "shop.pages")])
    api = make(granularity="route", routes=table)

    assert api.function_for("GET", "/{anything+}") is api.functions["catch_all"]
    assert "GET /{path+}" not in route_keys(resources(api))


def test_units_are_told_apart_whatever_they_are_called(make: Callable[..., ModularApi]) -> None:
    modules = ["a b", "ab", "a/b", "a%2Fb", "Größe", "GET"]
    paths = ["/a/b", "/ab", "/a.b", "/", "/{a}/b"]
    table = RouteTable([TableRoute("POST", f"/m{n}", name) for n, name in enumerate(modules)])
    routes = RouteTable([TableRoute("GET", path, "shop") for path in paths])

    assert {*make(granularity="module", routes=table).functions} == {"catch_all", *modules}
    found = resources(make(granularity="route", routes=routes))
    functions = [each for each in found.values() if each["Type"] == "AWS::Lambda::Function"]
    assert len(functions) == 1 + len(paths)


def test_the_catch_all_stays_where_it_is_when_units_are_nested(
    make: Callable[..., ModularApi],
) -> None:
    monolith, nested = make(), make(granularity="route", nested_stacks=True)

    assert resources(monolith).items() <= resources(nested).items()
    kinds = Counter(each["Type"] for each in resources(nested).values())
    assert kinds["AWS::Lambda::Function"] == 1
    assert kinds["AWS::CloudFormation::Stack"] > 1
    assert kinds["AWS::ApiGatewayV2::Route"] == len(route_keys(resources(nested)))


def test_functions_of_one_stack_share_what_was_bundled(
    make: Callable[..., ModularApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = []

    class Counted(PythonCode):
        def __init__(self, *args: Any, **options: Any) -> None:
            bundled.append(args)
            super().__init__(*args, **options)

    monkeypatch.setattr("serverless_patterns._modular_units.PythonCode", Counted)
    make(granularity="route")

    assert len(bundled) == 1
