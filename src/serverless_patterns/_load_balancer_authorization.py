"""Who may call a load balancer: those whom it authenticates itself, or whoever reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from serverless_patterns._capabilities import asked_of_another
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from serverless_patterns._units import Access, Unit
    from serverless_patterns.endpoints import Settings

_AUTHENTICATES = ("authenticate-cognito", "authenticate-oidc", "jwt-validation")


def check_access(path: str, access: Access, settings: Settings, units: Sequence[Unit]) -> None:
    """Refuse what can't guard a load balancer, and one that is open without a reason.

    Raises:
        PatternError: If there is such.
    """
    check_authorizer(path, access, settings)
    if any(unit.is_catch_all for unit in units):
        _check_guarded(path, access, settings, "whatever no route matches")
    for route in (route for unit in units for route in unit.routes):
        check_authorizer(path, route.access, settings)
        _check_guarded(path, route.access, settings, route.key)


def check_authorizer(
    path: str,
    access: Access,
    settings: Settings,
    otherwise: str = ", or choose Endpoint.HTTP_API, which IAM guards",
) -> None:
    """Refuse what can't guard a load balancer, or not over HTTP.

    Args:
        path: The construct path.
        access: Who may call.
        settings: What the load balancer is set to.
        otherwise: What else may be chosen.

    Raises:
        PatternError: If it can't.
    """
    if access.scopes:
        raise asked_of_another(path, "scopes", "Endpoint.load_balancer")
    authorizer = access.authorizer
    if authorizer is None:
        return
    action = _first_action(authorizer)
    if action not in _AUTHENTICATES:
        got = f"the class {authorizer.__name__}" if isinstance(authorizer, type) else None
        raise PatternError(
            path,
            "authorizer",
            rule="be an action of a load balancer that authenticates "
            "(aws_elasticloadbalancingv2_actions.AuthenticateCognitoAction, "
            "elbv2.ListenerAction.authenticate_oidc or elbv2.ListenerAction.authenticate_jwt)",
            got=got or action or type(authorizer).__name__,
            remedy=f"take one of them{otherwise}",
        )
    if settings.certificate is None:
        raise PatternError(
            path,
            "authorizer",
            rule="be given with a certificate, for a load balancer authenticates over HTTPS only",
            got=f"{action} without one",
            remedy="add domain_name and certificate, or omit it: only its network reaches an "
            "internal load balancer",
        )


def open_the_way(
    scope: Construct, listener: elbv2.ApplicationListener, accesses: Sequence[Access]
) -> None:
    """Let a load balancer reach whatever it authenticates with."""
    for authorizer in dict.fromkeys(each.authorizer for each in accesses if each.authorizer):
        cast("elbv2.ListenerAction", authorizer).bind(scope, listener)


def forward_to(target_group: str) -> elbv2.ListenerAction:
    """What a listener does with requests that one target group answers."""
    return elbv2.ListenerAction(
        elbv2.CfnListener.ActionProperty(type="forward", target_group_arn=target_group)
    )


def default_action(access: Access, forward: elbv2.ListenerAction) -> elbv2.ListenerAction:
    """What a listener does with what no rule matches, where something answers that.

    Of an authorizer's actions the first is taken; ``forward`` comes in place of the others.
    """
    if access.authorizer is None:
        return forward
    [first, *_] = cast("elbv2.ListenerAction", access.authorizer).render_actions()
    return elbv2.ListenerAction(first, forward)


def rule_actions(access: Access, target_group: str) -> list[elbv2.CfnListenerRule.ActionProperty]:
    """What a rule does, likewise."""
    rule = elbv2.CfnListenerRule
    actions = []
    if access.authorizer is not None:
        [first, *_] = cast("elbv2.ListenerAction", access.authorizer).render_rule_actions()
        actions.append(_of_a_rule(first))
    forward = rule.ActionProperty(
        type="forward", order=len(actions) + 1, target_group_arn=target_group
    )
    return [*actions, forward]


def _of_a_rule(
    action: elbv2.CfnListenerRule.ActionProperty,
) -> elbv2.CfnListenerRule.ActionProperty:
    """An action in a rule's own form: CDK renders the check of tokens for listeners alone."""
    if action.jwt_validation_config is None:
        return action
    rule = elbv2.CfnListenerRule
    tokens = cast("elbv2.CfnListener.JwtValidationConfigProperty", action.jwt_validation_config)
    claims = cast(
        "Sequence[elbv2.CfnListener.JwtValidationActionAdditionalClaimProperty]",
        tokens.additional_claims or (),
    )
    return rule.ActionProperty(
        type=action.type,
        order=1,
        jwt_validation_config=rule.JwtValidationConfigProperty(
            issuer=tokens.issuer,
            jwks_endpoint=tokens.jwks_endpoint,
            additional_claims=[
                rule.JwtValidationActionAdditionalClaimProperty(
                    format=claim.format, name=claim.name, values=claim.values
                )
                for claim in claims
            ]
            or None,
        ),
    )


def _check_guarded(path: str, access: Access, settings: Settings, what: str) -> None:
    open_to_all = access.authorizer is None and access.public is None
    if settings.certificate is not None and open_to_all:
        raise PatternError(
            path,
            "authorizer",
            rule="guard a load balancer that faces the internet, as IAM can't",
            got=f"none for {what}",
            remedy="give one, say why it may be open with public=..., or choose "
            "Endpoint.HTTP_API, which IAM guards",
        )


def _first_action(authorizer: object) -> str | None:
    """The type of what a listener would do first with an action of CDK's."""
    if not isinstance(authorizer, elbv2.ListenerAction):
        return None
    [first, *_] = authorizer.render_rule_actions()
    return first.type
