"""One function behind a catch-all route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from serverless_patterns._api import ApiOptions, FrontDoorApi, checked_settings
from serverless_patterns._errors import new_path
from serverless_patterns._invocation import check_handler
from serverless_patterns._units import Access, Target, Unit
from serverless_patterns.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct


class ProxyApi(FrontDoorApi):
    """An HTTP front door that sends every request to one function.

    Defines the endpoint with throttling and JSON access logs where it has them, what sends it
    every method and path, and the permission to invoke the function. Callers sign with IAM unless
    an authorizer or a public reason is given.

    The handler owes an answer to every method and path, a 404 included, within the time that the
    endpoint waits for it. With ``cors`` it owes one to an ``OPTIONS`` request as well: one that is
    no preflight reaches it without authorization.

    Args:
        scope: The construct that the API belongs to.
        id: The construct id.
        handler: The function, or an alias or a version of one.
        endpoint: The kind of front door.
        authorizer: CDK's authorizer for that endpoint. Default - IAM authorizes.
        scopes: OAuth scopes, one of which a JWT must hold.
        public: Why the API may be open to anyone; cdk-nag's acknowledgment records the reason.
            Default - it is closed.
        **options: What the endpoint is set to: see ``ApiOptions``.

    Attributes:
        api: The L2 of the endpoint. A route that is added to it is closed as well.
        stage: The L2 of its stage.
        access_logs: Where it logs requests.
        handler: The function.

    Raises:
        PatternError: If the API would be open without a reason, or the endpoint refuses or
            punishes an argument.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        endpoint: Endpoint = Endpoint.HTTP_API,
        authorizer: object | None = None,
        scopes: Sequence[str] = (),
        public: str | None = None,
        **options: Unpack[ApiOptions],
    ) -> None:
        path = new_path(scope, id)
        check_handler(path, handler)
        access = Access(authorizer, scopes, public)
        unit = Unit("CatchAll", is_catch_all=True)
        settings = checked_settings(path, endpoint, access, [unit], **options)
        super().__init__(scope, id)
        self.handler = handler
        self._open(endpoint, access, settings, [Target(unit, self, handler)])
