"""The stack of the page: who may sign in, and what the page may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import assertions

from examples.shop.office_stack import define_office
from examples.shop.stacks import Step, define_shop

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

    MakeApp = Callable[..., cdk.App]


@pytest.fixture
def template(make_app: MakeApp) -> assertions.Template:
    app = make_app()
    shop, _ = define_shop(app)
    return assertions.Template.from_stack(define_office(app, shop))


def test_the_page_may_redrive_dead_letters_and_nothing_else(template: assertions.Template) -> None:
    """What AWS's documentation of StartMessageMoveTask asks for; no table, no other queue."""
    [policy] = template.find_resources("AWS::IAM::Policy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    granted = {
        tuple(each["Action"] if isinstance(each["Action"], list) else [each["Action"]]): str(
            each["Resource"]
        )
        for each in statements
    }
    letters = (
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ListMessageMoveTasks",
        "sqs:ReceiveMessage",
        "sqs:StartMessageMoveTask",
    )

    assert {*granted} == {letters, ("sqs:SendMessage",)}
    assert "OrderQueueDeadLetter" in granted[letters]
    assert "OrderQueue" in granted["sqs:SendMessage",]
    assert "DeadLetter" not in granted["sqs:SendMessage",]


def test_nobody_signs_up_by_themselves(template: assertions.Template) -> None:
    template.has_resource(
        "AWS::Cognito::UserPool",
        {
            "Properties": {
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
                "Policies": {"PasswordPolicy": assertions.Match.object_like({"MinimumLength": 12})},
            },
            "DeletionPolicy": "Retain",
        },
    )


def test_the_page_is_a_client_without_a_secret_that_signs_in_by_password_alone(
    template: assertions.Template,
) -> None:
    template.has_resource_properties(
        "AWS::Cognito::UserPoolClient",
        {
            "AllowedOAuthFlowsUserPoolClient": False,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "GenerateSecret": assertions.Match.absent(),
            "IdTokenValidity": 60,
            "PreventUserExistenceErrors": "ENABLED",
        },
    )


def test_the_page_runs_behind_the_adapter(template: assertions.Template) -> None:
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "run.sh",
            "Environment": {
                "Variables": assertions.Match.object_like(
                    {
                        "AWS_LWA_READINESS_CHECK_PATH": "/sign-in",
                        "POWERTOOLS_SERVICE_NAME": "Office",
                    }
                )
            },
        },
    )


@pytest.mark.parametrize("step", Step)
def test_the_page_is_the_same_at_every_step(
    make_app: MakeApp, template: assertions.Template, step: Step
) -> None:
    """It knows the shop by its address, which no step changes."""
    app = make_app()
    shop, _ = define_shop(app, step=step)

    assert made(assertions.Template.from_stack(define_office(app, shop))) == made(template)


def made(template: assertions.Template) -> dict[str, Any]:
    found: dict[str, Any] = template.to_json()["Resources"]
    return found
