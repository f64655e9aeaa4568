"""The cashier, with what the environment, parameters and flags say right now."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from serverless_patterns.runtime.appconfig import AppConfig
from serverless_patterns.runtime.parameters import Parameters
from shop.clients import client
from shop.payment.interface import Unavailable
from shop.payment.model import Cashier
from shop.payment.points import BASE_PERCENT
from shop.payment.provider import HttpProvider
from shop.payment.storage import DynamoDbPayments

if TYPE_CHECKING:
    from serverless_patterns.runtime.appconfig import Flag
    from shop.payment.interface import Bill

PRIMARY, STANDBY = "primary", "standby"
_PARAMETERS = {PRIMARY: "PROVIDER_URL_PARAMETER", STANDBY: "STANDBY_URL_PARAMETER"}


@cache
def _flags() -> AppConfig:
    return AppConfig.from_environment()


@cache
def _parameters() -> Parameters:
    return Parameters()


@cache
def _provider(url: str) -> HttpProvider:
    return HttpProvider(url, timeout=float(os.environ["PROVIDER_TIMEOUT_SECONDS"]))


def flag(name: str) -> Flag:
    """A flag as it is now; it is off where no configuration can be read."""
    return _flags().flag(name, default=False)


class ConfiguredProviders:
    """The providers whose addresses are parameters; a flag says which of them is in use."""

    def chosen(self) -> str:
        """The name of the one for new payments."""
        return STANDBY if flag("standby_provider") else PRIMARY

    def named(self, name: str) -> HttpProvider:
        """The provider of that name."""
        return _provider(_parameters().parameter(os.environ[_PARAMETERS[name]]).text)


class CalculatedPoints:
    """Points, by the function that calculates them.

    Args:
        client: The client of Lambda.
        function: The alias of the function.
    """

    def __init__(self, client: Any, function: str) -> None:
        self._client = client
        self._function = function

    def earned(self, bill: Bill) -> int:
        """The points.

        Raises:
            Unavailable: If the function fails: the charge is made, and found when asked again.
        """
        campaign = flag("point_campaign")
        percent = campaign.attribute("percent", int, BASE_PERCENT) if campaign else BASE_PERCENT
        asked = {
            "cents": bill.cents,
            "percent": percent,
            "correlation_id": bill.correlation_id,
        }
        answer = self._client.invoke(
            FunctionName=self._function, Payload=json.dumps(asked).encode()
        )
        document = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise Unavailable(f"the points failed: {document.get('errorMessage')}")
        return int(document["points"])


@cache
def storage() -> DynamoDbPayments:
    """The table that the environment names."""
    return DynamoDbPayments(client("dynamodb"), os.environ["PAYMENTS_TABLE"])


@cache
def cashier() -> Cashier:
    """The cashier that the environment describes."""
    points = CalculatedPoints(client("lambda"), os.environ["POINTS_FUNCTION"])
    return Cashier(storage(), ConfiguredProviders(), points)
