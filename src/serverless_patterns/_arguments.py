"""What kinds of arguments there are, asked before CDK refuses one with a trace of JavaScript."""

from __future__ import annotations

from serverless_patterns._errors import PatternError


def kind_of(value: object) -> str:
    """What an argument is, where it is none that was asked for."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def has(value: object, attribute: str) -> bool:
    """Whether an instance has an attribute; a class has those of its instances as well."""
    return not isinstance(value, type) and hasattr(value, attribute)


def check_flag(path: str, name: str, value: object) -> None:
    """Refuse what is neither true nor false: a text would be true, whatever it says.

    Raises:
        PatternError: If it is no bool.
    """
    if not isinstance(value, bool):
        raise PatternError(
            path,
            name,
            rule="be True or False",
            got=repr(value),
            remedy="omit it to get the default",
        )


def check_grantee(path: str, grantee: object) -> None:
    """Refuse what nothing can be granted to.

    Raises:
        PatternError: If it is no role, function or other principal.
    """
    if not has(grantee, "grant_principal"):
        raise PatternError(
            path,
            "grantee",
            rule="be a function, a role or a principal",
            got=kind_of(grantee),
            remedy="for example a PythonFunction or an iam.Role",
        )
