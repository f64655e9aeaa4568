"""Handler strings: what they name, and whether the sources define it."""

from __future__ import annotations

import ast
import difflib
import keyword
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._sources import excluding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Handler:
    """A handler as the user named it.

    Attributes:
        text: ``module.function``, or ``module:attribute`` for an ASGI or WSGI application.
        module: The dotted module.
        attribute: What the module defines.
        is_application: Whether the attribute is an ASGI or WSGI application to be wrapped.
    """

    text: str
    module: str
    attribute: str
    is_application: bool

    @classmethod
    def parse(cls, path: str, text: str) -> Handler:
        """Read a handler string.

        Raises:
            PatternError: If ``text`` has neither of the two forms.
        """
        is_application = ":" in text
        module, _, attribute = text.rpartition(":" if is_application else ".")
        module = module.replace("/", ".")
        words = [*attribute.split("."), *(module.split(".") if is_application else ())]
        is_formed = all(map(_is_name, words)) and all(module.split("."))
        if not is_formed or len(text) > _quotas.LAMBDA_HANDLER_LENGTH:
            raise PatternError(
                path,
                "handler",
                rule='be "module.function" or, for an ASGI or WSGI application, "module:attribute"',
                got=repr(text),
                remedy='for example "index.handler" or "bookstore.main:app"',
            )
        return cls(text, module, attribute, is_application)

    def check(self, path: str, root: Path, exclude: Sequence[str], python_version: str) -> None:
        """See that the sources under ``root`` define this handler; nothing is imported.

        Args:
            path: The construct path, for errors.
            root: Where imports start from.
            exclude: What the asset leaves out.
            python_version: What runs it: syntax newer than this interpreter's is not judged.

        Raises:
            PatternError: If the module, or the attribute in it, is not there or can't be called.
        """
        source = self._source(root)
        if source is None:
            raise PatternError(
                path,
                "handler",
                rule=f"name a module under {root}",
                got=repr(self.text),
                remedy=_suggestion(self.module, _modules(root), "the modules there are"),
            )
        relative = source.relative_to(root).as_posix()
        pattern = excluding(relative, exclude)
        if pattern:
            raise PatternError(
                path,
                "handler",
                rule="name a module that the asset holds",
                got=f"{self.text!r}, which is left out as {pattern!r}",
                remedy="rename it, or say in exclude what to leave out",
            )
        try:
            tree = ast.parse(source.read_bytes(), filename=str(source))
            names = {*_names(tree.body)}
        except (RecursionError, MemoryError):  # generated code, too deep to be read
            return
        except (SyntaxError, ValueError) as error:
            if _is_newer(python_version):
                return
            line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
            raise PatternError(
                path,
                "handler",
                rule="name a module that Python can parse",
                got=f"{source}{line}: {getattr(error, 'msg', error)}",
                remedy="mend the file",
            ) from error
        wanted = self.attribute.split(".", maxsplit=1)[0]
        if wanted not in names and not names & {"*", "__getattr__"}:
            raise PatternError(
                path,
                "handler",
                rule=f"name something that {source} defines",
                got=repr(self.text),
                remedy=_suggestion(wanted, names, "it defines"),
            )
        bindings = [each for each in tree.body if self.attribute in {*_names([each])}]
        if bindings and getattr(bindings[-1], "name", None) == self.attribute:
            self._check_call(path, bindings[-1])

    def _check_call(self, path: str, statement: ast.stmt) -> None:
        match statement:
            case ast.AsyncFunctionDef(decorator_list=[]) if not self.is_application:
                rule, got = "be a plain function", "an async function"
                remedy = "Lambda awaits nothing: call asyncio.run in it"
            case ast.FunctionDef(
                args=ast.arguments(posonlyargs=[], args=[], vararg=None), decorator_list=[]
            ) if self.is_application:
                rule, got = "be an application", "a function without parameters"
                remedy = "name the application that it makes, assigned in the module"
            case _:
                return
        raise PatternError(path, "handler", rule=rule, got=f"{self.text!r}, {got}", remedy=remedy)

    def _source(self, root: Path) -> Path | None:
        stem = root.joinpath(*self.module.split("."))
        candidates = (stem / "__init__.py", stem.with_name(f"{stem.name}.py"))  # as Python does
        return next((file for file in candidates if file.is_file()), None)


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def _is_newer(python_version: str) -> bool:
    major, minor = map(int, python_version.split("."))
    return (major, minor) > sys.version_info[:2]


def _modules(root: Path) -> set[str]:
    """The dotted names of the modules near the top of ``root``."""
    files = [*root.glob("*.py"), *root.glob("*/*.py"), *root.glob("*/*/*.py")]
    names = (file.relative_to(root).with_suffix("").parts for file in files)
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in names} - {""}


def _suggestion(wanted: str, there: set[str], lead: str) -> str:
    close = difflib.get_close_matches(wanted, there, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    public = sorted(name for name in there if not name.startswith("_"))
    return f"{lead}: {', '.join(public[:8]) or 'none'}"


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _names(statements: Sequence[ast.AST]) -> Iterator[str]:
    """The names that statements bind in their module; ``*`` for a star import."""
    for statement in statements:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name
                for node in ast.walk(statement):
                    if isinstance(node, ast.Global):
                        yield from node.names
                yield from _stored(statement)  # in decorators, defaults and bases
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    yield alias.asname or alias.name.split(".")[0]
            case _:
                yield from _stored(statement)
                for block in _BLOCKS:
                    yield from _names(getattr(statement, block, []))


def _stored(statement: ast.AST) -> Iterator[str]:
    """The names that a statement's own expressions store, those of its blocks left aside."""
    for field, value in ast.iter_fields(statement):
        if field not in _BLOCKS:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    for node in ast.walk(part):
                        match node:
                            case ast.Name(ctx=ast.Store()):
                                yield node.id
                            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                                yield name
                            case ast.MatchMapping(rest=str(name)):
                                yield name
                            case ast.Call(func=ast.Name(id="globals" | "exec" | "setattr")):
                                yield "*"
