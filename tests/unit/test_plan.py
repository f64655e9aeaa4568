from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from click.testing import CliRunner

from serverless_patterns import Endpoint, Granularity, ModularApi
from serverless_patterns._cdk_app import CdkApp, SynthesisError
from serverless_patterns._plan_bundle import BundleMeasures
from serverless_patterns._plan_chart import chart
from serverless_patterns._plan_policies import granted, policy_bytes, substituted
from serverless_patterns._plan_synthesis import PlanError
from serverless_patterns.plan import CutPlan, Plan, Surplus, plan_app
from serverless_patterns.plan_cli import main
from tests.conftest import ROOT
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

READ = ("dynamodb:GetItem", "Books")
TWO_APIS = """
import aws_cdk as cdk, cdk_nag
from serverless_patterns import ModularApi, RouteTable
from serverless_patterns.routes import TableRoute

app = cdk.App()
cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
stack = cdk.Stack(app, "Shop")
routes = RouteTable([TableRoute("GET", "/a", "one"), TableRoute("GET", "/b", "two")])
for name in ("First", "Second"):
    ModularApi(stack, name, app="index:app", entry="service", routes=routes, exclude=["big.bin"])
cdk.aws_sqs.Queue(stack, "Queue")  # which a rule pack refuses
app.synth()
"""
PUBLIC = "An example without customers"


@pytest.fixture(scope="module")
def bookstore() -> Plan:
    (plan,) = plan_app(CdkApp.at(ROOT, None, {}), api="Bookstore/Api", init=False)
    return plan


def test_a_plan_shows_the_functions_and_integrations_of_every_cut(bookstore: Plan) -> None:
    assert [cut.granularity for cut in bookstore.cuts] == [*Granularity]
    assert [cut.functions for cut in bookstore.cuts] == [1, 3, 7]
    assert [cut.connections for cut in bookstore.cuts] == [1, 3, 7]
    assert [cut.stacks for cut in bookstore.cuts] == [1, 1, 1]
    resources = [cut.resources for cut in bookstore.cuts]
    assert resources == sorted(resources)
    assert all(cut.largest_stack > cut.resources for cut in bookstore.cuts)


def test_finer_cuts_leave_a_route_fewer_actions_that_it_was_not_granted(bookstore: Plan) -> None:
    surplus = [cut.average_surplus for cut in bookstore.cuts]
    assert None not in surplus
    monolith, module, route = (value or 0 for value in surplus)
    assert monolith > module > route == 0
    assert [cut.largest_surplus for cut in bookstore.cuts][-1] == 0
    assert bookstore.unknown == ()


def test_a_route_that_reads_one_table_holds_the_writes_of_both_in_a_monolith(
    bookstore: Plan,
) -> None:
    monolith, module, _ = bookstore.cuts
    assert monolith.surplus is not None
    assert module.surplus is not None
    route = "GET /api/orders/{order_id}"
    tables = {resource for _, resource in monolith.surplus[route]}
    assert len(tables) == 2
    actions = {action for action, _ in module.surplus[route]}
    assert "dynamodb:PutItem" in actions
    assert "dynamodb:GetItem" in {action for action, _ in monolith.surplus[route]}


def test_a_folder_without_an_app_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SynthesisError,
        match=exactly(
            f"{tmp_path} has no cdk.json that names an app; "
            'give the folder of one, a Python file, or --app "python app.py"'
        ),
    ):
        CdkApp.at(tmp_path, None, {})


def test_an_app_that_fails_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise ValueError('no such table')\n")
    result = CliRunner().invoke(main, [str(tmp_path / "app.py")])
    assert result.exit_code == 1
    assert result.output == ("Error: the app can't be cut by monolith: ValueError: no such table\n")


def test_an_app_that_writes_nothing_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    result = CliRunner().invoke(main, [str(tmp_path / "app.py")])
    assert result.output == (
        "Error: the app can't be cut by monolith: "
        "the app wrote no cloud assembly; end it with `app.synth()`\n"
    )


def test_a_broken_cdk_json_is_told(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("[]")
    result = CliRunner().invoke(main, [str(tmp_path)])
    assert result.output == f"Error: {tmp_path}/cdk.json must hold a JSON object\n"


def test_context_is_a_key_and_a_value() -> None:
    result = CliRunner().invoke(main, ["-c", "stage"])
    assert "Invalid value for -c: must be KEY=VALUE, got stage" in result.output


def test_an_unknown_api_is_refused_with_those_that_there_are() -> None:
    told = "the app has no ModularApi Nowhere; there are Bookstore/Api, Shop/Api"
    with pytest.raises(PlanError, match=exactly(told)):
        plan_app(CdkApp.at(ROOT, None, {}), api="Nowhere", init=False)


def test_what_a_role_may_do_beyond_its_own_logs_counts_as_granted() -> None:
    resources = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"Policies": [{"PolicyName": "Execution", "PolicyDocument": {}}]},
        },
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": {
                    "Statement": [
                        {"Effect": "Allow", "Action": READ[0], "Resource": {"Ref": "Handed"}},
                        {"Effect": "Deny", "Action": "*", "Resource": "*"},
                    ]
                },
            },
        },
    }
    function = {"Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}}
    assert granted(resources, function, {"Handed": "Books"}) == {READ}


def test_a_nested_stack_s_parameters_are_its_parent_s_references() -> None:
    books = {"Fn::GetAtt": ["Books", "Arn"]}
    assert substituted([{"Ref": "Books"}, {"Ref": "Own"}], {"Books": books}) == [
        books,
        {"Ref": "Own"},
    ]


def test_each_permission_adds_a_statement_to_the_policy_s_bytes() -> None:
    permission = ("Permission", {"Action": "lambda:InvokeFunction", "Principal": "a.amazonaws.com"})
    one, two, three = (policy_bytes([permission] * count) for count in (1, 2, 3))
    assert 300 < one < 600
    assert three - two == two - one


@pytest.mark.parametrize(
    ("endpoint", "connections"),
    [
        (Endpoint.HTTP_API, [1, 3, 7]),
        # Of a REST API, its resources: the root, /{proxy+}, and with routes /api and what is below.
        (Endpoint.REST_API, [2, 10, 10]),
        ("load_balancer", [1, 3, 7]),
    ],
    ids=str,
)
def test_a_construct_plans_itself_at_every_cut(
    make_app: Callable[..., cdk.App], endpoint: Any, connections: list[int]
) -> None:
    stack = cdk.Stack(make_app(), "Shop")
    if endpoint == "load_balancer":
        endpoint = Endpoint.load_balancer(vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0))
    tables = {"BOOKS_TABLE": "books", "ORDERS_TABLE": "orders"}
    app, service = "bookstore.main:app", ROOT / "examples" / "bookstore" / "service"
    api = ModularApi(
        stack, "Api", app=app, entry=service, environment=tables, endpoint=endpoint, public=PUBLIC
    )

    plan = api.plan

    assert [cut.functions for cut in plan.cuts] == [1, 3, 7]
    assert [cut.connections for cut in plan.cuts] == connections
    assert {cut.surplus for cut in plan.cuts} == {None}


def test_a_construct_cut_by_route_plans_the_surplus_of_what_it_was_granted_so_far(
    make_app: Callable[..., cdk.App],
) -> None:
    # given the bookstore by route, where three routes are granted something
    stack = cdk.Stack(make_app(), "Shop")
    tables = {"BOOKS_TABLE": "books", "ORDERS_TABLE": "orders"}
    app, service = "bookstore.main:app", ROOT / "examples" / "bookstore" / "service"
    api = ModularApi(stack, "Api", app=app, entry=service, environment=tables, granularity="route")
    books, orders = (
        dynamodb.TableV2(
            stack,
            name,
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        )
        for name in ("Books", "Orders")
    )
    books.grant(api.function_for("GET", "/api/books/{book_id}"), "dynamodb:GetItem")
    books.grant(api.function_for("POST", "/api/books"), "dynamodb:PutItem")
    orders.grant(api.function_for("POST", "/api/orders"), "dynamodb:PutItem")
    orders.grant(api.functions["catch_all"], "dynamodb:Scan")

    # when it plans itself
    monolith, module, route = (cut.surplus or {} for cut in api.plan.cuts)

    # then a route has too much what the others of its unit were granted
    def actions(surplus: Surplus, key: str) -> list[str]:
        return [action for action, _ in surplus[key]]

    read = "GET /api/books/{book_id}"
    assert actions(monolith, read) == ["dynamodb:PutItem", "dynamodb:PutItem", "dynamodb:Scan"]
    assert actions(module, read) == ["dynamodb:PutItem"]
    assert actions(module, "POST /api/orders") == []
    assert set(route.values()) == {()}


def test_a_function_url_says_why_it_cannot_be_cut(make_app: Callable[..., cdk.App]) -> None:
    stack = cdk.Stack(make_app(), "Shop")
    tables = {"BOOKS_TABLE": "books", "ORDERS_TABLE": "orders"}
    app, service = "bookstore.main:app", ROOT / "examples" / "bookstore" / "service"
    url = Endpoint.FUNCTION_URL
    plan = ModularApi(stack, "Api", app=app, entry=service, environment=tables, endpoint=url).plan

    assert [cut.granularity for cut in plan.cuts] == [Granularity.MONOLITH]


@pytest.fixture
def two_apis(tmp_path: Path) -> Path:
    """The folder of an app with two APIs, which cdk-nag refuses."""
    (tmp_path / "cdk.json").write_text('{"app": "python app.py"}')
    (tmp_path / "app.py").write_text(TWO_APIS)
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "index.py").write_text("async def app(scope, receive, send): ...")
    (tmp_path / "service" / "big.bin").write_bytes(bytes(50_000_000))
    return tmp_path


def test_each_api_is_shown_though_a_rule_pack_refuses_the_app(two_apis: Path) -> None:
    done = CliRunner().invoke(main, [str(two_apis), "--no-init"])

    assert done.exit_code == 0, done.output
    assert [line.strip() for line in done.output.splitlines() if "(HTTP_API)" in line] == [
        *("Shop/First (HTTP_API)", "Shop/Second (HTTP_API)"),
    ]
    functions, _ = [line for line in done.output.splitlines() if "│ functions" in line]
    assert [word for word in functions.split() if word.isdecimal()] == ["1", "3", "3"]
    assert "not measured" in done.output


def test_one_api_is_shown_as_json_with_what_its_asset_leaves_out(two_apis: Path) -> None:
    done = CliRunner().invoke(main, [str(two_apis), "--api", "Shop/Second", "--json"])

    [plan] = json.loads(done.output)
    assert plan["path"] == "Shop/Second"
    assert plan["bundle"]["size_bytes"] < 50_000_000
    assert 0 < plan["bundle"]["init_milliseconds"] < 60_000


def test_a_chart_of_two_apis_asks_which(two_apis: Path, tmp_path: Path) -> None:
    chart_file = tmp_path / "plan.svg"
    both = CliRunner().invoke(main, [str(two_apis), "--no-init", "--svg", str(chart_file)])
    one = CliRunner().invoke(
        main, [str(two_apis), "--no-init", "--api", "Shop/First", "--svg", str(chart_file)]
    )

    assert both.output == (
        "Error: a chart shows one ModularApi; choose it with --api: Shop/First, Shop/Second\n"
    )
    assert one.exit_code == 0
    assert chart_file.read_text().startswith("<svg")


def _plan(largest: int | None) -> Plan:
    surplus = None if largest is None else {"GET /<b>": (READ,) * largest}
    cuts = [CutPlan(each, 1, 9, 12, 1, 4_000, 1, 400, surplus) for each in Granularity]
    bundle = BundleMeasures(2**20, None, "Python 3.11 on a machine")
    return Plan("Shop/<Api>", "HTTP_API", None, tuple(cuts), bundle, (), {})


def test_a_chart_says_in_words_what_it_shows() -> None:
    drawn = chart(_plan(3))
    assert "<title id=" in drawn
    assert "Shop/&lt;Api&gt; at each granularity" in drawn
    assert "route: 1 functions, 9 resources, largest surplus 3." in drawn
    assert drawn.count("<rect") == 9


def test_a_chart_leaves_out_what_is_unknown() -> None:
    drawn = chart(_plan(None))
    assert drawn.count("<rect") == 6
    assert drawn.count(">?<") == 3


def test_a_plan_is_json() -> None:
    document = json.loads(json.dumps(_plan(2).to_dict()))
    assert [cut["granularity"] for cut in document["cuts"]] == ["monolith", "module", "route"]
    assert document["cuts"][0]["average_surplus"] == 2
    assert document["quotas"]["policy_bytes"] == 20_480
