"""Every example's stacks, as one CDK app that cdk-nag checks at synthesis.

Context cuts the bookstore: ``-c granularity=monolith|module|route``, ``-c extract=orders``,
``-c draining=orders``; several names are parted by commas. It takes the shop to its second and
third step: ``-c shop_step=2``. ``-c shop_provider=URL`` and ``-c shop_standby=URL`` say who takes
its payments, ``-c shop_retry_seconds=1`` how soon an order that failed is tried again.
"""

import aws_cdk as cdk
import cdk_nag

from examples.bookstore.stacks import BookstoreStack
from examples.fast_start.stacks import QuotesStack
from examples.shop.office_stack import define_office
from examples.shop.stacks import Step, define_shop
from examples.warehouse.stacks import WarehouseStack
from examples.web_frameworks.stacks import GreetingsStack

app = cdk.App()
cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app), cdk_nag.ServerlessChecks(app))


def names(key: str) -> list[str]:
    """The names that a context key lists."""
    return [name for name in (app.node.try_get_context(key) or "").split(",") if name]


BookstoreStack(
    app,
    "Bookstore",
    description="A bookstore, as one function or cut as context says",
    granularity=app.node.try_get_context("granularity") or "monolith",
    extract=names("extract"),
    draining=names("draining"),
)
QuotesStack(app, "PythonQuotes", language="python", description="Quotes by FastAPI")
shop, _ = define_shop(
    app,
    step=Step(int(app.node.try_get_context("shop_step") or Step.MONOLITH)),
    **{
        name: value
        for name, key in (("provider_url", "shop_provider"), ("standby_url", "shop_standby"))
        if (value := app.node.try_get_context(key))
    },
    retry_after=cdk.Duration.seconds(int(app.node.try_get_context("shop_retry_seconds") or 10)),
)
define_office(app, shop)
WarehouseStack(app, "Warehouse", description="A warehouse's events, none of them lost")
GreetingsStack(app, "Greetings", framework="express", description="Greetings by Express")
app.synth()
