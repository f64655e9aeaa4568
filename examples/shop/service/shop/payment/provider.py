"""The payment provider, over HTTP.

The order is the idempotency key: asked again, the provider repeats its first answer. So whatever
goes wrong may be tried again: here at once, and later by whoever asked.
"""

from __future__ import annotations

import json
from typing import Any

import urllib3

from shop.payment.interface import Bill, Declined, Unavailable

_REFUSED = 402
_TOLD = (200, 201, _REFUSED)
_WORTH_ANOTHER_TRY = (429, 500, 502, 503, 504)


class HttpProvider:
    """A provider by its address.

    Args:
        url: Its address.
        timeout: Seconds to wait for a connection, and as long for the answer.
        retries: How often to ask again at once.
        pause: Seconds before the first of these; twice as long before each other.
    """

    def __init__(
        self, url: str, *, timeout: float = 2.0, retries: int = 2, pause: float = 0.1
    ) -> None:
        self._url = url.rstrip("/")
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=timeout, read=timeout),
            retries=urllib3.Retry(
                total=retries,
                allowed_methods=None,  # a POST too, as it has an idempotency key
                status_forcelist=_WORTH_ANOTHER_TRY,
                raise_on_status=False,
                redirect=False,
                backoff_factor=pause,
                backoff_jitter=pause,
            ),
        )

    def charge(self, bill: Bill) -> str | Declined:
        """Make a charge, and return its id.

        Raises:
            Unavailable: If there is no answer that tells.
        """
        asked = {"order": bill.order, "customer": bill.customer, "cents": bill.cents}
        status, document = self._ask(asked, bill)
        if status in _TOLD and not _is_about(document, asked):
            # An answer that came twice waits in the connection for the next question.
            self._pool.clear()
            status, document = self._ask(asked, bill)
        if status not in _TOLD:
            raise Unavailable(f"the provider answered {status}")
        name = "reason" if status == _REFUSED else "charge"
        if not _is_about(document, asked) or not isinstance(document.get(name), str):
            raise Unavailable("the provider answered something else than it was asked")
        told: str = document[name]
        return Declined(told) if status == _REFUSED else told

    def _ask(self, asked: dict[str, Any], bill: Bill) -> tuple[int, Any]:
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": bill.order,
            "X-Correlation-Id": bill.correlation_id,
        }
        try:
            answer = self._pool.request(
                "POST", f"{self._url}/charges", body=json.dumps(asked), headers=headers
            )
            return answer.status, json.loads(answer.data or b"null")
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Unavailable(f"the provider gave no answer: {type(error).__name__}") from error


def _is_about(document: Any, asked: dict[str, Any]) -> bool:
    """Whether an answer is one to this question, and not to an earlier one."""
    return isinstance(document, dict) and all(
        document.get(name) == value for name, value in asked.items()
    )
