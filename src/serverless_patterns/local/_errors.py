"""The one error of the local cloud."""


class LocalCloudError(Exception):
    """Something that the local cloud can't do; the message says what, and what to do about it."""
