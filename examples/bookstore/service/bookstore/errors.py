"""What the domain refuses."""


class NotFound(Exception):  # noqa: N818 - the domain's word
    """Something that is asked for isn't there."""


class Conflict(Exception):  # noqa: N818 - the domain's word
    """Something that is asked for contradicts what is there."""
