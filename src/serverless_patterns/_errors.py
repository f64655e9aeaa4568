"""The one error this library raises for input it refuses."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct


class PatternError(ValueError):
    """Input that AWS would refuse or punish, refused before anything is deployed.

    The message names what was wrong, the rule, the value and the remedy::

        Orders/Intake: timeout must be at most 900 s, got 1200 s; split the work

    Attributes:
        path: The construct path of the construct that was being defined.
        property: The keyword that was refused.
    """

    def __init__(self, path: str, name: str, *, rule: str, got: object, remedy: str) -> None:
        super().__init__(f"{path}: {name} must {rule}, got {got}; {remedy}")
        self.path = path
        self.property = name


def new_path(scope: IConstruct, construct_id: str) -> str:
    """The path of the construct that ``construct_id`` will name under ``scope``.

    Raises:
        PatternError: If no construct of that name can be defined or synthesized there.
    """
    if isinstance(scope, type) or not hasattr(scope, "node"):
        raise PatternError(
            str(construct_id), "scope", rule="be a construct", got=repr(scope), remedy="pass self"
        )
    path = f"{scope.node.path}/{construct_id}".lstrip("/")
    if not isinstance(construct_id, str):
        raise PatternError(
            path, "id", rule="be a text", got=repr(construct_id), remedy='for example "Orders"'
        )
    if not re.search(r"[A-Za-z0-9]", construct_id):
        raise PatternError(
            path,
            "id",
            rule="hold a letter or a digit, because logical ids are made of them",
            got=repr(construct_id),
            remedy="name the construct after its role, in PascalCase",
        )
    if scope.node.try_find_child(construct_id) is not None:
        raise PatternError(
            path,
            "id",
            rule=f"be unique in {scope.node.path or 'the app'}",
            got=f"a second {construct_id!r}",
            remedy="choose another id",
        )
    return path


def check_no_text(path: str, name: str, values: object) -> None:
    """Refuse one text where a list of them is meant: it would be taken letter by letter.

    Raises:
        PatternError: If ``values`` is a text.
    """
    if isinstance(values, str):
        raise PatternError(
            path, name, rule="be a list of texts", got=repr(values), remedy=f"write [{values!r}]"
        )


def check_type(path: str, name: str, value: object, kind: type, example: str) -> None:
    """Refuse a value of another type before it ends in a trace of CDK's.

    Raises:
        PatternError: If ``value`` is given and no ``kind``.
    """
    if value is not None and not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise PatternError(
            path,
            name,
            rule=f"be {article} {kind.__name__}",
            got=repr(value),
            remedy=f"for example {example}",
        )


def kind_of(value: object) -> str:
    """What a value of another type is called in a message."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def check_list(path: str, name: str, values: object, example: str) -> None:
    """Refuse what can't be gone through twice, in an order that stays.

    Raises:
        PatternError: If ``values`` is neither a list nor a tuple.
    """
    if not isinstance(values, list | tuple):
        raise PatternError(
            path,
            name,
            rule="be a list",
            got=repr(values) if isinstance(values, str) else kind_of(values),
            remedy=f"for example [{example}]",
        )


@contextmanager
def refusals_of(l2: str, path: str) -> Iterator[None]:
    """Tell in a line what CDK itself refuses, without the trace of its JavaScript.

    Args:
        l2: The class that is being constructed.
        path: The construct path.

    Raises:
        PatternError: If CDK refuses an argument.
    """
    try:
        yield
    except RuntimeError as error:  # what jsii raises for an error of JavaScript's
        raise PatternError(
            path,
            "arguments",
            rule=f"be what {l2} takes",
            got=f"CDK's refusal: {str(error).splitlines()[0].rstrip('.')}",
            remedy="change the argument that it names",
        ) from error
