"""What the model refuses."""

from __future__ import annotations


class DeliveryError(ValueError):
    """What the model can't deliver, because it isn't there or AWS doesn't tell what would happen.

    The message names the resource, the reason and the remedy.
    """
