"""The guide through the shop's steps, held to the templates that it tells of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from examples.shop.stacks import BUYERS_AT_ONCE, Step, define_shop
from serverless_patterns._cut import Granularity
from serverless_patterns._plan_chart import chart
from serverless_patterns._plan_policies import granted
from serverless_patterns._plan_synthesis import plan_context
from serverless_patterns.plan import Plan, made_of, measured
from serverless_patterns.testing import cdk_context
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Resources = dict[str, dict[str, Any]]

GUIDE = ROOT / "docs" / "a-shop-in-three-steps.md"
CHART = ROOT / "docs" / "images" / "shop-plan.svg"
STACKS = ("ShopPayment", "Shop")
OF_CDK = re.compile("BucketNotificationsHandler|Custom::")
"""What CDK itself runs, at each deployment."""


@dataclass(frozen=True)
class Steps:
    """The resources of both stacks by their logical ids, at each step."""

    of: dict[Step, dict[str, Resources]]

    def functions(self, step: Step) -> dict[str, set[tuple[str, str]]]:
        """What each function of the shop may do beside its logs and traces, by its path."""
        return {
            _path(each): {*granted(resources, each, {})}
            for resources in self.of[step].values()
            for each in resources.values()
            if each["Type"] == "AWS::Lambda::Function" and not OF_CDK.search(_path(each))
        }


def _path(resource: dict[str, Any]) -> str:
    path: str = resource["Metadata"]["aws:cdk:path"]
    return re.sub("(/Function)?/(Resource|Default)$", "", path)


def _app(output: Path, **context: Any) -> cdk.App:
    return cdk.App(
        outdir=str(output),
        context=cdk_context(ROOT) | {"aws:cdk:enable-path-metadata": True} | context,
        builtin_cloud_formation_validation=False,
        analytics_reporting=False,
    )


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    of = {}
    for step in Step:
        output = tmp_path_factory.mktemp("step")
        app = _app(output)
        define_shop(app, step=step)
        app.synth()
        of[step] = {
            stack: json.loads((output / f"{stack}.template.json").read_text())["Resources"]
            for stack in STACKS
        }
    return Steps(of)


@pytest.fixture(scope="module")
def plans() -> dict[Step, Plan]:
    """What `serverless-patterns plan . --api Shop/Api -c shop_step=STEP` tells."""

    def plan(step: Step) -> Plan:
        def synthesize(granularity: str, output: Path) -> None:
            app = _app(output, **plan_context({}, granularity))
            define_shop(app, step=step)
            app.synth()

        found = measured(synthesize)
        apis = {cut: apis["Shop/Api"] for cut, apis in found.apis.items()}
        return made_of("Shop/Api", apis, found.refused, chosen=None, init=False)

    return {step: plan(step) for step in Step}


def _section(heading: str) -> str:
    """What stands under a heading that starts so."""
    pattern = rf"^## {heading}.*?(?=^## |\Z)"
    [section] = re.findall(pattern, GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return str(section)


def _table(heading: str) -> dict[str, list[str]]:
    """The cells of each row of the table under a heading, by the first."""
    rows = [
        [cell.strip() for cell in line.strip("|").replace("`", "").split("|")]
        for line in _section(heading).splitlines()
        if line.startswith("|")
    ]
    return {first: rest for first, *rest in rows[2:]}


def test_the_guide_counts_functions_and_resources(steps: Steps) -> None:
    table = _table("The three steps in numbers")

    assert table["functions"] == [str(len(steps.functions(step))) for step in Step]
    for stack in STACKS:
        counted = [str(len(steps.of[step][stack])) for step in Step]
        assert table[f"resources of {stack}"] == counted


def test_the_guide_counts_surplus_as_a_plan_does(plans: dict[Step, Plan]) -> None:
    table = _table("The three steps in numbers")
    today = [plans[step].cuts[0] for step in Step]

    assert table["surplus of a route, average"] == [f"{cut.average_surplus:.1f}" for cut in today]
    assert table["surplus of a route, most"] == [str(cut.largest_surplus) for cut in today]


def test_the_guide_counts_the_privileges_of_each_function(steps: Steps) -> None:
    may = [steps.functions(step) for step in Step]
    named = {
        path: [str(len(step[path])) if path in step else "" for step in may] for path in may[2]
    }

    assert _table("Who may do how much") == {
        path: counts for path, counts in named.items() if len({*counts}) > 1
    }


def test_the_guide_says_in_words_what_it_counts(steps: Steps) -> None:
    sizes = [sum(map(len, steps.of[step].values())) for step in Step]
    all_routes, without_payment, reading = (
        len(steps.functions(step)["Shop/Api/CatchAll"]) for step in Step
    )
    ordering = len(steps.functions(Step.ROUTES)["Shop/Api/Units/POST api orders"])
    failures = _table("What can fail apart from what")
    told = {
        route: [re.findall(r"\d+", cell) for cell in failures[f"someone breaks into {route}"]]
        for route in ("POST /api/orders", "GET /api/stock")
    }

    for step in (Step.PAYMENT_APART, Step.ROUTES):
        more = sizes[step - 1] - sizes[step - 2]
        assert f"**Cost:** {more} resources more" in _section(f"Step {step}: ")
    assert f"has the {all_routes} privileges of all" in _section("Step 1: ")
    for route, last in (("POST /api/orders", ordering), ("GET /api/stock", reading)):
        assert told[route] == [[str(all_routes)], [str(without_payment)], [str(last)]]
    assert f"takes at most {BUYERS_AT_ONCE} executions" in _section("Step 3: ")


def _changes(before: Resources, after: Resources, stack: str) -> Iterator[str]:
    """The resources that a step changes, as `cdk diff` calls them."""
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        sign = "-" if new is None else "+" if old is None else "~"
        if sign != "~" or _says(old) != _says(new):
            resource = new or old or {}
            path = re.sub("/(Resource|Default)$", "", resource["Metadata"]["aws:cdk:path"])
            path = path.removeprefix(f"{stack}/")
            yield f"[{sign}] {resource['Type']} {path}"


def _statements(steps: Steps, step: Step) -> Iterator[str]:
    """What functions may no longer do, and may do beside, by what they may do it to."""
    before, after = steps.functions(Step(step - 1)), steps.functions(step)
    names = {
        name: _path(each).split("/")[1]
        for at in (Step(step - 1), step)
        for resources in steps.of[at].values()
        for name, each in resources.items()
    }
    for function in before.keys() | after.keys():
        old, new = before.get(function, set()), after.get(function, set())
        for sign, pairs in (("-", old - new), ("+", new - old)):
            actions: dict[str, list[str]] = {}
            for action, resource in sorted(pairs):
                [label] = {path for name, path in names.items() if name in resource}
                actions.setdefault(label, []).append(action)
            for label, each in actions.items():
                yield f"[{sign}] {function.split('/', 1)[1]}: {', '.join(each)} on {label}"


def _says(resource: dict[str, Any] | None) -> Any:
    """A resource without the hash of its code, which differs with every line of it."""
    properties = {**(resource or {}).get("Properties", {})}
    properties.pop("Code", None)
    return properties


def _shown(step: Step) -> list[str]:
    """The changes that the guide lists of a step."""
    return re.findall(r"^\[[-+~]\] .*$", _section(f"Step {step}: "), re.MULTILINE)


@pytest.mark.parametrize("step", [Step.PAYMENT_APART, Step.ROUTES])
def test_the_guide_shows_each_privilege_that_a_step_moves(steps: Steps, step: Step) -> None:
    listed = [line for line in _shown(step) if "AWS::" not in line]

    assert sorted(listed) == sorted(_statements(steps, step))


@pytest.mark.parametrize("step", [Step.PAYMENT_APART, Step.ROUTES])
def test_the_guide_shows_each_resource_that_a_step_changes(steps: Steps, step: Step) -> None:
    listed = [line for line in _shown(step) if "AWS::" in line]
    before, after = steps.of[Step(step - 1)], steps.of[step]
    changes = [
        change for stack in STACKS for change in _changes(before[stack], after[stack], stack)
    ]

    assert sorted(listed) == sorted(changes)


def test_the_chart_is_that_of_the_plan(plans: dict[Step, Plan]) -> None:
    """Renew it with `serverless-patterns plan . --api Shop/Api --svg FILE`, and look at it."""
    assert [cut.granularity for cut in plans[Step.MONOLITH].cuts] == [*Granularity]
    assert CHART.read_text() == chart(plans[Step.MONOLITH])
    [shown] = re.findall(rf"!\[(.*)\]\(images/{CHART.name}\)", GUIDE.read_text())
    counts = [(cut.functions, cut.resources) for cut in plans[Step.MONOLITH].cuts]
    assert re.findall(r"(\w+) functions?, (\d+) resources", shown) == [
        ("One" if functions == 1 else str(functions), str(resources))
        for functions, resources in counts
    ]
