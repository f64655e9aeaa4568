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
    case [starred, *others]:
        pass
def outer():
    global declared
    inner = declared = 1
"""


def check(
    text: str, root: Path, exclude: tuple[str, ...] = (), python_version: str = "3.11"
) -> None:
    Handler.parse("Shop/Worker", text).check("Shop/Worker", root, exclude, python_version)


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
        *("matched", "starred", "others", "declared", "plain.attribute"),
    ],
)
def test_whatever_a_module_binds_can_be_a_handler(root: Path, name: str) -> None:
    check(f"shop.main:{name}", root)


def test_a_package_is_a_module_too(root: Path) -> None:
    check("shop:app", root)


@pytest.mark.parametrize("source", ["from json import *", "def __getattr__(name): ..."])
def test_a_module_that_may_define_anything_is_believed(tmp_path: Path, source: str) -> None:
    (tmp_path / "index.py").write_text(source)

    check("index.handler", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        *("handler", "index.", ".handler", "index:", "", "a:b:c", "a-b:c"),
        "m:class",
        f"m.{'h' * 127}",
    ],
)
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
        check("shop.mian:app", root)


def test_an_unknown_module_is_refused_with_what_there_is(root: Path) -> None:
    message = (
        f"Shop/Worker: handler must name a module under {root}, got 'payments.handler'; "
        "the modules there are: shop, shop.main"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        check("payments.handler", root)


@pytest.mark.parametrize("name", ["inner", "nothing"])
def test_an_unknown_attribute_is_refused(root: Path, name: str) -> None:
    source = root / "shop" / "main.py"
    with pytest.raises(PatternError) as refused:
        check(f"shop.main:{name}", root)

    assert str(refused.value).startswith(
        f"Shop/Worker: handler must name something that {source} defines, got 'shop.main:{name}'; "
    )


def test_a_misspelt_attribute_is_refused_with_what_was_meant(root: Path) -> None:
    with pytest.raises(PatternError, match=r"did you mean 'Application'\?"):
        check("shop.main:Aplication", root)


def test_a_module_that_does_not_parse_is_refused_with_its_line(tmp_path: Path) -> None:
    source = tmp_path / "index.py"
    source.write_text("x = 1\ndef handler(:\n")
    message = (
        "Shop/Worker: handler must name a module that Python can parse, "
        f"got {source}:2: invalid syntax; mend the file"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        check("index.handler", tmp_path)


def test_a_module_in_syntax_newer_than_this_python_is_believed(tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text("syntax of the future, for Lambda alone\n")

    check("index.handler", tmp_path, python_version="3.99")


def test_a_module_too_deep_to_be_read_is_believed(tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text(f"handler = {'-' * 50_000}1\n")

    check("index.handler", tmp_path)


def test_a_plain_handler_may_have_a_name_that_no_statement_could_import(tmp_path: Path) -> None:
    (tmp_path / "my-fn.py").write_text("def handler(event, context): ...\n")

    check("my-fn.handler", tmp_path)


def test_a_package_is_taken_before_the_module_beside_it(root: Path) -> None:
    (root / "shop.py").write_text("other = 1\n")

    check("shop:app", root)


def test_a_module_that_the_asset_leaves_out_is_refused(root: Path) -> None:
    message = (
        "Shop/Worker: handler must name a module that the asset holds, got 'shop.main.plain', "
        "which is left out as 'sh*'; rename it, or say in exclude what to leave out"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        check("shop.main.plain", root, exclude=("*.md", "sh*"))


def test_a_handler_that_would_have_to_be_awaited_is_refused(root: Path) -> None:
    message = (
        "Shop/Worker: handler must be a plain function, got 'shop.main.coroutine', an async "
        "function; Lambda awaits nothing: call asyncio.run in it"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        check("shop.main.coroutine", root)


@pytest.mark.parametrize(
    "source",
    [
        "async def handler(event, context): ...\nhandler = print",
        "async def handler(event, context): ...\ndef handler(event, context): ...",
        "async def handler(event, context): ...\nif True:\n    from json import dumps as handler",
        "@(handler := print)\ndef other(): ...",
        "class Other(handler := object): ...",
        "match {}:\n    case {'a': 1, **handler}: ...",
        "globals()['handler'] = print",
    ],
)
def test_the_last_binding_of_a_handler_is_judged(tmp_path: Path, source: str) -> None:
    (tmp_path / "index.py").write_text(source)

    check("index.handler", tmp_path)


def test_a_factory_of_an_application_is_refused(root: Path) -> None:
    message = (
        "Shop/Worker: handler must be an application, got 'shop.main:create_app', a function "
        "without parameters; name the application that it makes, assigned in the module"
    )
    (root / "shop" / "main.py").write_text("def create_app(): ...\n")
    with pytest.raises(PatternError, match=exactly(message)):
        check("shop.main:create_app", root)
