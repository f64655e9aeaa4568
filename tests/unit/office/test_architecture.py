"""The page knows the shop by its HTTP API alone, and what it shows without AWS."""

from __future__ import annotations

from pathlib import Path

from examples.shop import office_stack
from tests.unit.shop.test_architecture import imported

OFFICE = Path(office_stack.ENTRY) / "office"


def test_the_page_imports_nothing_of_the_shop_nor_of_the_library() -> None:
    files = sorted(OFFICE.glob("*.py"))
    roots = {name.split(".")[0] for file in files for name in imported(file.read_text())}

    assert len(files) > 7
    assert "office" in roots
    assert not roots & {"shop", "examples", "serverless_patterns", "aws_cdk"}


def test_clients_are_made_in_one_place() -> None:
    makers = [file.stem for file in OFFICE.glob("*.py") if "boto3" in imported(file.read_text())]

    assert makers == ["main"]
