"""The web application firewall in front of a load balancer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_wafv2 as wafv2

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from constructs import Construct

_ARN = re.compile(r"arn:[a-z-]+:wafv2:([a-z0-9-]+):\d{12}:(regional|global)/webacl/[^/]+/[^/]+")
_MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# It blocks bodies of more than 8 KB, any upload that is, which is all that AWS WAF sees of one.
_COUNTED = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}


def check_firewall(path: str, scope: Construct, waf: Any) -> None:
    """Refuse what is no web ACL of the load balancer's region.

    Raises:
        PatternError: If it is none.
    """
    if isinstance(waf, bool) or cdk.Token.is_unresolved(waf):
        return
    found = _ARN.fullmatch(waf) if isinstance(waf, str) else None
    if not found or found[2] != "regional":
        raise PatternError(
            path,
            "waf",
            rule="be True or the ARN of a regional web ACL",
            got=repr(waf),
            remedy="one of scope CLOUDFRONT guards no load balancer; True makes one"
            if found
            else "True makes one of AWS's managed rules",
        )
    here = cdk.Stack.of(scope).region
    if not cdk.Token.is_unresolved(here) and found[1] != here:
        raise PatternError(
            path,
            "waf",
            rule=f"be in {here} as the load balancer is",
            got=found[1],
            remedy="define both in stacks of one region",
        )


def define_firewall(
    scope: Construct,
    balancer: elbv2.ApplicationLoadBalancer,
    waf: bool | str,  # noqa: FBT001
) -> wafv2.CfnWebACL | None:
    """Guard a load balancer by a web ACL of AWS's managed rules, or by one that exists.

    Returns:
        The web ACL, if it was made here.
    """
    if waf is False:
        return None
    acl = None
    if waf is True:
        acl = wafv2.CfnWebACL(
            scope,
            "WebAcl",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("WebAcl"),
            rules=[_rule(priority, name) for priority, name in enumerate(_MANAGED)],
        )
    wafv2.CfnWebACLAssociation(
        scope,
        "WebAclAssociation",
        resource_arn=balancer.load_balancer_arn,
        web_acl_arn=acl.attr_arn if acl else str(waf),
    )
    return acl


def _rule(priority: int, name: str) -> wafv2.CfnWebACL.RuleProperty:
    counted = [
        wafv2.CfnWebACL.RuleActionOverrideProperty(
            name=each, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
        )
        for each in _COUNTED.get(name, ())
    ]
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=name, rule_action_overrides=counted or None
            )
        ),
        visibility_config=_visible(name),
    )


def _visible(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
