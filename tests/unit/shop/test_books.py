"""The books of a rush of buyers: each thing that may go wrong shows, with its numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.local.shop_books import Books

SETTLED = {"id": "a", "state": "settled", "reason": ""}
REFUSED = {"id": "b", "state": "refused", "reason": "there are too few of TEA"}
FINE = Books(
    placed=["b", "a"],
    received=1,
    told=[SETTLED, REFUSED],
    charged=["a"],
    shelf=(0, 0),
    least=0,
    points=5,
    sold=1,
)


def test_what_adds_up_breaks_no_rule() -> None:
    assert FINE.broken() == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (replace(FINE, placed=["a", "b", "c"]), "3 orders in, 1 settled, 1 refused"),
        (
            replace(FINE, told=[SETTLED, REFUSED | {"reason": ""}]),
            "2 orders in, 1 settled, 0 refused",
        ),
        (
            replace(FINE, told=[SETTLED, REFUSED | {"state": "reserved"}]),
            "2 orders in, 1 settled, 0 refused",
        ),
        (replace(FINE, charged=["a", "a"]), "2 charges for 1 settled orders, 1 twice"),
        (replace(FINE, charged=["b"]), "1 charges for 1 settled orders, 0 twice"),
        (replace(FINE, charged=[]), "0 charges for 1 settled orders, 0 twice"),
        (replace(FINE, least=-1), "-1 pieces at the least"),
        (replace(FINE, shelf=(1, 0)), "(1, 0) on the shelf, of 1 that came in"),
        (replace(FINE, shelf=(0, 1)), "(0, 1) on the shelf, of 1 that came in"),
        (replace(FINE, points=10), "10 points for 1 settled orders"),
        (replace(FINE, sold=2), "2 sales for 1 settled orders"),
        (replace(FINE, waiting=1), "1 messages left"),
        (replace(FINE, dead=1), "1 dead letters"),
    ],
)
def test_what_does_not_add_up_is_told(wrong: Books, told: str) -> None:
    assert wrong.broken() == [told]
