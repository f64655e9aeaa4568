"""The one error this library raises for input it refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    path = f"{scope.node.path}/{construct_id}".lstrip("/")
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
