"""What may import what: domains know each other by their interfaces, rules know no AWS."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from examples.shop import provider

SHOP = Path(provider.__file__).parent / "service" / "shop"
DOMAINS = {"inventory", "payment", "orders", "insight"}
# Whom each domain may ask. Payment and Inventory ask nobody, so that they can leave.
ASKS = {"inventory": set[str](), "payment": set(), "orders": {"inventory", "payment"}}
ASKS["insight"] = {"orders"}
RULES = ("model", "deliveries", "alerts")
OF_THE_WORLD = {"boto3", "botocore", "aws_lambda_powertools", "fastapi", "urllib3", "os"}


def imported(source: str) -> set[str]:
    """The modules that a source imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import that doesn't say from where"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def crossings(domain: str, source: str) -> set[str]:
    """What a module of a domain imports of other domains, other than from their interfaces."""
    found = set()
    for name in imported(source):
        _, other, *rest = [*name.split("."), "", ""][:4]
        crosses = name.startswith("shop.") and other in DOMAINS - {domain}
        if crosses and (other not in ASKS[domain] or rest[:1] != ["interface"]):
            found.add(name)
    return found - {f"shop.{other}" for other in DOMAINS}


def modules(domain: str) -> list[Path]:
    return sorted((SHOP / domain).glob("*.py"))


@pytest.mark.parametrize("domain", sorted(DOMAINS))
def test_a_domain_knows_another_by_its_interface_alone(domain: str) -> None:
    found = {file.name: crossings(domain, file.read_text()) for file in modules(domain)}

    assert len(found) > 3
    assert not {name: each for name, each in found.items() if each}


@pytest.mark.parametrize(
    "source",
    [
        "from shop.payment.model import Cashier",
        "from shop.payment import model",
        "import shop.payment.storage",
        "def later():\n    from shop.payment.cashier import cashier",
    ],
)
def test_an_import_past_an_interface_is_found(source: str) -> None:
    assert crossings("orders", source)
    assert not crossings("payment", source)


def test_whom_nobody_may_ask_is_not_asked_by_an_interface_either() -> None:
    assert crossings("payment", "from shop.orders.interface import Sale")
    assert not crossings("insight", "from shop.orders.interface import Sale")


@pytest.mark.parametrize("domain", sorted(DOMAINS))
def test_rules_know_neither_aws_nor_http_nor_the_environment(domain: str) -> None:
    rules = [file for file in modules(domain) if file.stem in RULES]

    assert rules
    for file in rules:
        roots = {name.split(".")[0] for name in imported(file.read_text())}
        assert not roots & OF_THE_WORLD, file


def test_what_domains_share_knows_none_of_them() -> None:
    shared = [file for file in SHOP.glob("*.py") if file.stem not in ("main", "without_payment")]

    assert len(shared) > 5
    for file in shared:
        assert not {
            name
            for name in imported(file.read_text())
            if name.split(".")[1:2] in [[d] for d in DOMAINS]
        }, file


def test_payment_leaves_nothing_behind() -> None:
    source = (SHOP / "without_payment.py").read_text()

    assert not {name for name in imported(source) if name.startswith("shop.payment")}
