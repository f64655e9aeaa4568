from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns import PatternError
from serverless_patterns._handler import Handler
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
import os.path
from json import dumps as to_json
plain = 1
annotated: int = 2
first, (second, *rest) = 1, (2, 3)
(walrus := 3)
class Application: ...
async def coroutine(): ...
if plain:
    conditional = 1
else:
    for item in ():
        with open("x") as file:
            pass
try:
    risky = 1
except OSError:
    fallback = 1
match plain:
    case 1:
        matched = 1
def outer():
    inner = 1
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("app = None\n")
    (tmp_path / "shop" / "main.py").write_text(SOURCE)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        *("os", "to_json", "plain", "annotated", "first", "second", "rest", "walrus"),
        *("Application", "coroutine", "conditional", "item", "file", "risky", "fallback"),
        *("matched", "outer", "plain.attribute"),
    ],
)
def test_whatever_a_module_binds_can_be_a_handler(root: Path, name: str) -> None:
    Handler.parse("Shop/Worker", f"shop.main:{name}").check("Shop/Worker", root)


def test_a_package_is_a_module_too(root: Path) -> None:
    Handler.parse("Shop/Worker", "shop:app").check("Shop/Worker", root)


@pytest.mark.parametrize("source", ["from json import *", "def __getattr__(name): ..."])
def test_a_module_that_may_define_anything_is_believed(tmp_path: Path, source: str) -> None:
    (tmp_path / "index.py").write_text(source)

    Handler.parse("Shop/Worker", "index.handler").check("Shop/Worker", tmp_path)


@pytest.mark.parametrize("text", ["handler", "index.", ".handler", "index:", "a-b.c", "", "a:b:c"])
def test_a_handler_of_neither_form_is_refused(text: str) -> None:
    message = (
        'Shop/Worker: handler must be "module.function" or, for an ASGI or WSGI application, '
        f'"module:attribute", got {text!r}; for example "index.handler" or "bookstore.main:app"'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        Handler.parse("Shop/Worker", text)


def test_an_unknown_module_is_refused_with_what_was_meant(root: Path) -> None:
    message = (
        f"Shop/Worker: handler must name a module under {root}, got 'shop.mian:app'; "
        "did you mean 'shop.main'?"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        Handler.parse("Shop/Worker", "shop.mian:app").check("Shop/Worker", root)


def test_an_unknown_module_is_refused_with_what_there_is(root: Path) -> None:
    message = (
        f"Shop/Worker: handler must name a module under {root}, got 'payments.handler'; "
        "the modules there are: shop, shop.main"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        Handler.parse("Shop/Worker", "payments.handler").check("Shop/Worker", root)


@pytest.mark.parametrize("name", ["inner", "nothing"])
def test_an_unknown_attribute_is_refused(root: Path, name: str) -> None:
    source = root / "shop" / "main.py"
    with pytest.raises(PatternError) as refused:
        Handler.parse("Shop/Worker", f"shop.main:{name}").check("Shop/Worker", root)

    assert str(refused.value).startswith(
        f"Shop/Worker: handler must name something that {source} defines, got 'shop.main:{name}'; "
    )


def test_a_misspelt_attribute_is_refused_with_what_was_meant(root: Path) -> None:
    with pytest.raises(PatternError, match=r"did you mean 'Application'\?"):
        Handler.parse("Shop/Worker", "shop.main:Aplication").check("Shop/Worker", root)


def test_a_module_that_does_not_parse_is_refused_with_its_line(tmp_path: Path) -> None:
    source = tmp_path / "index.py"
    source.write_text("x = 1\ndef handler(:\n")
    message = (
        "Shop/Worker: handler must name a module that Python can parse, "
        f"got {source}:2: invalid syntax; mend the file"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        Handler.parse("Shop/Worker", "index.handler").check("Shop/Worker", tmp_path)
