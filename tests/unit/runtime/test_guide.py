"""The guide's code, held against what it shows."""

from __future__ import annotations

import re

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text()


def test_code_that_is_from_a_file_is_in_it() -> None:
    shown = re.findall(r"<!-- from: (\S+) -->\n```python\n(.*?)```", PAGE, re.DOTALL)

    assert shown
    for path, code in shown:
        assert code in (ROOT / path).read_text()


def test_all_other_code_parses() -> None:
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        compile(code, "docs/configuration.md", "exec")
