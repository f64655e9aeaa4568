"""cdk-nag over the shop-keeper's page: nothing unacknowledged, and every reason where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.shop.office_stack import NO_PLUS, ONE_FACTOR, SIGNS_IN, define_office
from examples.shop.stacks import define_shop
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk


def test_the_page_breaks_no_rule_without_a_reason(make_app: Callable[..., cdk.App]) -> None:
    app = make_app()
    shop, _ = define_shop(app)
    define_office(app, shop)

    assert [each for each in findings(app) if each.path.startswith("ShopOffice/")] == sorted(
        [
            *of_function("ShopOffice/PageFunction"),
            acknowledged("AwsSolutions-APIG4", "ShopOffice/Api/Proxy", SIGNS_IN),
            acknowledged("AwsSolutions-APIG4", "ShopOffice/Api/Root", SIGNS_IN),
            acknowledged("AwsSolutions-COG2", "ShopOffice/Keepers/Resource", ONE_FACTOR),
            acknowledged("AwsSolutions-COG8", "ShopOffice/Keepers/Resource", NO_PLUS),
            acknowledged("Serverless-LambdaDLQ", "ShopOffice/PageFunction/Resource", SYNCHRONOUS),
        ]
    )
