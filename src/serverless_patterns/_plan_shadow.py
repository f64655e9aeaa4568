"""A construct's own plan: it is defined once more at each granularity, in apps of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from serverless_patterns._cut import Granularity
from serverless_patterns._plan_policies import allowed
from serverless_patterns._plan_synthesis import plan_context
from serverless_patterns.endpoints import Endpoint
from serverless_patterns.plan import Plan, made_of, measured

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serverless_patterns._execution_role import ExecutionRole
    from serverless_patterns.modular_api import ModularApi
    from serverless_patterns.plan import Granted


def plan_of(api: ModularApi, arguments: Mapping[str, Any]) -> Plan:
    """The plan of a construct, from its own arguments alone.

    Who may call, domains and a VPC of its own are left out. Which route a grant to a function of
    several is for can't be told, so surplus is known only of an API that is cut by route.

    Args:
        api: The construct.
        arguments: What decides its cut.

    Raises:
        PatternError: If it can't be bundled.
        PlanError: If its application can't be imported.
    """

    def synthesize(granularity: str, output: Path) -> None:
        context = plan_context(api.node.get_all_context(), granularity)
        app = cdk.App(
            context=context,
            outdir=str(output),
            builtin_cloud_formation_validation=False,
            analytics_reporting=False,
        )
        stack = cdk.Stack(app, "Plan")
        endpoint = arguments["endpoint"]
        if endpoint.name == "load_balancer":
            endpoint = Endpoint.load_balancer(vpc=_some_vpc(stack))
        type(api)(
            stack,
            api.node.id,
            **{**arguments, "endpoint": endpoint},
            routes=api.routes,
            public="A plan, which nobody deploys",
        )
        app.synth()

    found = measured(synthesize)
    path = f"Plan/{api.node.id}"
    return made_of(
        api.node.path,
        {cut: apis[path] for cut, apis in found.apis.items()},
        found.refused,
        chosen=api.granularity,
        init=True,
        granted=_granted_by_route(api),
    )


def _granted_by_route(api: ModularApi) -> Granted:
    """What each unit was granted so far, if the API is cut by route."""
    if api.granularity is not Granularity.ROUTE:
        return {}
    return {
        name: allowed(cast("ExecutionRole", function.role).granted)
        for name, function in api.functions.items()
    }


def _some_vpc(stack: cdk.Stack) -> ec2.IVpc:
    """A VPC that adds no resource to what is counted."""
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-12345678",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=["a", "b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
        private_subnet_route_table_ids=["rtb-1", "rtb-2"],
        public_subnet_ids=["subnet-3", "subnet-4"],
        public_subnet_route_table_ids=["rtb-3", "rtb-4"],
    )
