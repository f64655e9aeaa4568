"""The application, with what the environment names."""

import os

import boto3

from office.dead_letters import DeadLetters
from office.pages import Office, application
from office.shop_api import ShopApi
from office.sign_in import UserPool


def office() -> Office:
    """What the page shows, and who may see it."""
    return Office(
        pool=UserPool(
            boto3.client("cognito-idp"), os.environ["USER_POOL"], os.environ["USER_POOL_CLIENT"]
        ),
        shop=ShopApi(os.environ["SHOP_URL"]),
        dead_letters=DeadLetters(
            boto3.client("sqs"),
            url=os.environ["DEAD_LETTERS_URL"],
            arn=os.environ["DEAD_LETTERS_ARN"],
            queue=os.environ["ORDERS_QUEUE_URL"],
        ),
    )


app = application(office())
