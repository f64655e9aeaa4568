"""The shop-keeper's page, in a stack of its own.

It is no part of the shop's application because it may do what no customer's request should be able
to: read the queue of dead letters and send them back. Of the shop it knows the HTTP API alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito

from examples.shop.parts import acknowledge, telemetry
from examples.shop.watch import Watch
from serverless_patterns import ProxyApi, WebAdapterFunction

if TYPE_CHECKING:
    from aws_cdk import aws_apigatewayv2 as apigwv2
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from examples.shop.stacks import ShopStack

ENTRY = Path(__file__).parent / "office"
SIGNS_IN = "The page signs its keeper in by itself: a browser sends it a cookie, no header"
ONE_FACTOR = "The page asks for a password alone; take Cognito's own pages to ask for more"
NO_PLUS = "Threat protection is of Cognito's Plus plan, which an example doesn't choose for you"
PASSWORDS = cognito.PasswordPolicy(
    min_length=12,
    require_digits=True,
    require_lowercase=True,
    require_symbols=True,
    require_uppercase=True,
)


class OfficeStack(cdk.Stack):
    """The page, who may see it, and its address.

    Nobody signs up by themselves: whoever keeps the user pool adds a shop-keeper.

    Args:
        scope: The app.
        construct_id: The construct id.
        shop_url: The address of the shop's API, without ``/api``.
        orders: The queue of orders.
        dead_letters: The queue of the orders that were given up.
        **options: Options of ``cdk.Stack``.

    Attributes:
        users: The user pool of the shop-keepers.
        page: The function.
        api: Its front door.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shop_url: str,
        orders: sqs.IQueue,
        dead_letters: sqs.IQueue,
        **options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **options)
        self.users = cognito.UserPool(
            self,
            "Keepers",
            self_sign_up_enabled=False,
            password_policy=PASSWORDS,
            sign_in_aliases=cognito.SignInAliases(username=True),
        )
        acknowledge(self.users, ONE_FACTOR, "AwsSolutions-COG2")
        acknowledge(self.users, NO_PLUS, "AwsSolutions-COG8")
        client = self.users.add_client(
            "Page",
            auth_flows=cognito.AuthFlow(user_password=True),
            disable_o_auth=True,
            id_token_validity=cdk.Duration.hours(1),
            prevent_user_existence_errors=True,
        )
        self.page = WebAdapterFunction(
            self,
            "PageFunction",
            entry=ENTRY,
            command=["python", "-m", "office"],
            readiness_path="/sign-in",
            environment={
                **telemetry("Office"),
                "SHOP_URL": shop_url,
                "USER_POOL": self.users.user_pool_id,
                "USER_POOL_CLIENT": client.user_pool_client_id,
                "ORDERS_QUEUE_URL": orders.queue_url,
                "DEAD_LETTERS_URL": dead_letters.queue_url,
                "DEAD_LETTERS_ARN": dead_letters.queue_arn,
            },
        )
        # What a task that moves messages needs, and what shows them.
        dead_letters.grant(
            self.page,
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ListMessageMoveTasks",
            "sqs:ReceiveMessage",
            "sqs:StartMessageMoveTask",
        )
        orders.grant(self.page, "sqs:SendMessage")
        self.api = ProxyApi(self, "Api", handler=self.page, public=SIGNS_IN)
        Watch(self, "Watch", api=self.api)
        cdk.CfnOutput(self, "OfficeUrl", value=self.api.url)
        cdk.CfnOutput(self, "UserPool", value=self.users.user_pool_id)


def define_office(scope: Construct, shop: ShopStack) -> OfficeStack:
    """The stack of the page, for a shop.

    Args:
        scope: The app.
        shop: The shop.
    """
    letters = shop.poller.dead_letter_queue
    if letters is None:
        raise TypeError("the queue of orders has no dead-letter queue")
    return OfficeStack(
        scope,
        "ShopOffice",
        description="The shop-keeper's page: stock, orders, sales and dead letters",
        shop_url=cast("apigwv2.HttpApi", shop.api.api).api_endpoint,
        orders=shop.poller.queue,
        dead_letters=letters,
    )
