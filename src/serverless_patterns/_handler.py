"""Handler strings: what they name, and whether the sources define it."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serverless_patterns._errors import PatternError

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
        names = [*module.split("."), *attribute.split(".")]
        if not all(name.isidentifier() for name in names):
            raise PatternError(
                path,
                "handler",
                rule='be "module.function" or, for an ASGI or WSGI application, "module:attribute"',
                got=repr(text),
                remedy='for example "index.handler" or "bookstore.main:app"',
            )
        return cls(text, module, attribute, is_application)

    def check(self, path: str, root: Path) -> None:
        """See that the sources under ``root`` define this handler; nothing is imported.

        Raises:
            PatternError: If the module, or the attribute in it, is not there.
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
        try:
            tree = ast.parse(source.read_bytes(), filename=str(source))
        except SyntaxError as error:
            raise PatternError(
                path,
                "handler",
                rule="name a module that Python can parse",
                got=f"{source}:{error.lineno}: {error.msg}",
                remedy="mend the file",
            ) from error
        names = set(_names(tree.body))
        wanted = self.attribute.split(".", maxsplit=1)[0]
        if wanted not in names and not names & {"*", "__getattr__"}:
            raise PatternError(
                path,
                "handler",
                rule=f"name something that {source} defines",
                got=repr(self.text),
                remedy=_suggestion(wanted, names, "it defines"),
            )

    def _source(self, root: Path) -> Path | None:
        stem = root.joinpath(*self.module.split("."))
        candidates = (stem.with_name(f"{stem.name}.py"), stem / "__init__.py")
        return next((file for file in candidates if file.is_file()), None)


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
                    stored = (node for node in ast.walk(part) if isinstance(node, ast.Name))
                    yield from (node.id for node in stored if isinstance(node.ctx, ast.Store))
