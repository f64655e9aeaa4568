"""What the domains refuse."""


class NotFound(Exception):  # noqa: N818 - the domain's word
    """Something that is asked for isn't there."""


class Conflict(Exception):  # noqa: N818 - the domain's word
    """Something that is asked for contradicts what is there."""


class Malformed(Exception):  # noqa: N818 - it is what it says
    """A document that isn't what it should be: trying again doesn't help."""
