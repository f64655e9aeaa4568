from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns import PatternError, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk


@pytest.mark.parametrize("construct_id", ["", "###", "ä"])
def test_an_id_of_which_no_logical_id_can_be_made_is_refused(
    stack: cdk.Stack, entry: Path, construct_id: str
) -> None:
    message = (
        f"Shop/{construct_id}: id must hold a letter or a digit, because logical ids are made of "
        f"them, got {construct_id!r}; name the construct after its role, in PascalCase"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        PythonFunction(stack, construct_id, entry=entry)


def test_an_id_that_is_taken_is_refused(stack: cdk.Stack, entry: Path) -> None:
    PythonFunction(stack, "Worker", entry=entry)

    message = "Shop/Worker: id must be unique in Shop, got a second 'Worker'; choose another id"
    with pytest.raises(PatternError, match=exactly(message)):
        PythonFunction(stack, "Worker", entry=entry)


def test_an_error_tells_where_and_what() -> None:
    error = PatternError("Shop/Worker", "timeout", rule="be short", got="9 h", remedy="split it")

    assert (error.path, error.property) == ("Shop/Worker", "timeout")
    assert str(error) == "Shop/Worker: timeout must be short, got 9 h; split it"
