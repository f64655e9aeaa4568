"""One image behind one load balancer: on Lambda, on Fargate and on EC2 instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns._errors import check_type, new_path
from serverless_patterns._units import Access
from serverless_patterns._warn import warn
from serverless_patterns._web_service_compute import Compute, weights_of
from serverless_patterns._web_service_front import Front, FrontSettings
from serverless_patterns._web_service_health import check_health
from serverless_patterns._web_service_image import (
    adapter_settings,
    check_adapter,
    check_image,
    resolve_image,
)
from serverless_patterns._web_service_legs import Legs, LegSettings
from serverless_patterns._web_service_network import (
    check_region,
    define_application_group,
    lead_nowhere,
    no_way_out,
    subnets_of,
)
from serverless_patterns._web_service_parity import beyond_the_function
from serverless_patterns._web_service_rules import (
    check_environment,
    check_grace,
    check_instances,
    check_room,
    check_scaling,
    check_task_size,
    times_of,
)
from serverless_patterns._web_service_shared import SharedService
from serverless_patterns.bundling import architecture_of
from serverless_patterns.endpoints import Settings

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets
    from aws_cdk import aws_route53 as route53
    from constructs import Construct


class WebService(SharedService):
    """A web application in one image, which Lambda, Fargate and EC2 run side by side.

    Defines a load balancer with its access logs and, for each ``Compute`` that ``weights`` names,
    a target group and what runs the image: a ``WebAdapterFunction``, a service of Amazon ECS on
    Fargate, and one on instances of an auto-scaling group. Tasks scale by CPU and by requests,
    instances by what tasks need; a deployment whose tasks don't get well is rolled back. All stand
    in private subnets with one security group, have the same environment, and may do what is
    granted to all of them. The load balancer is internal unless it is given a ``certificate``.

    ``weights`` divide the traffic, and nothing but the listener changes with them. With a weight
    of 0 a compute is ready, at ``min_capacity``, but gets no request: take it out of ``weights``
    in a later deployment. A load balancer doesn't turn to another compute when one fails.

    The handler owes an answer to ``readiness_path`` of 200 once it can serve, an end within
    ``stop_timeout`` of SIGTERM (within 2 s on Lambda), and connections that it keeps open for
    longer than ``idle_timeout``: a request that meets a closing one is answered with 502.

    Args:
        scope: The construct that the service belongs to.
        id: The construct id.
        image: A folder with a ``Dockerfile`` whose image holds the adapter, a
            ``DockerImageAsset``, or a repository.
        tag_or_digest: What names the image in a repository. Default - a tag of what was built.
        vpc: Where everything stands.
        vpc_subnets: The subnets of the load balancer's nodes. Default - the public ones where it
            faces the internet, else the private ones.
        service_subnets: The subnets of tasks, instances and the function. Default - the private
            ones, those with a way out if there are any.
        weights: How much of the traffic each compute gets, from 0 to 999; what it doesn't name
            isn't made. Default - ``{Compute.LAMBDA: 1}``.
        stickiness_duration: How long a client stays with the compute that it came to first.
            Default - each request is for itself.
        port: Where the application listens, which the variable ``PORT`` tells it.
        readiness_path: What the adapter asks before it lets a request in, and the load balancer
            asks tasks every ten seconds.
        health_checks: Health checks by compute. Default - of tasks by ``readiness_path``, of
            the function none: each would be an invocation.
        health_check_grace_period: How long a task may take to start before health checks count.
            Default - 60 seconds.
        architecture: The instruction set of the image. Default - from context, else ``ARM_64``.
        environment: Environment variables, 4 KB with those of the adapter. Default - none.
        idle_timeout: How long the load balancer waits for an answer, 1 to 4,000 s, and the
            function's timeout as far as Lambda goes. Default - 60 seconds.
        deregistration_delay: How long a task that is to stop goes on with its requests.
            Default - ``idle_timeout``, at most an hour.
        stop_timeout: How long a task then has after SIGTERM, 2 to 120 s. Default - 30 seconds.
        memory_size: The function's memory in MB.
        cpu: The CPU units of a task: 1,024 are a core.
        memory_limit_mib: The memory of a task in MiB, as Fargate has it for so many units.
        instance_type: The EC2 instances; each takes as many tasks as it has network interfaces to
            spare. Default - ``t4g.medium``, or ``t3.medium`` for x86.
        min_capacity: The fewest tasks of Fargate, and of EC2.
        max_capacity: The most tasks of each, on at most twice as many instances.
        target_utilization_percent: The share of their CPU that tasks are to use.
        requests_per_target: The requests a minute that a task is to get.
        domain_name: A name of your own. Default - AWS makes one.
        certificate: The certificate for that name. Default - none: the load balancer is internal.
        hosted_zone: The zone of that name, in which a record is made. Default - the record is
            yours to make.
        authorizer: An action of a load balancer that authenticates. Default - none.
        public: Why anyone may call, where the load balancer faces the internet. Default - no one
            may without an ``authorizer``.
        waf: Whether AWS WAF guards it by managed rules, or the ARN of a web ACL that does.
        response_streaming: Whether the application relies on streamed answers.
        web_sockets: Whether it relies on WebSocket connections.
        max_body_size: The largest request or answer that it relies on. These three change nothing
            but warn where the function can't. Default - 1 MB, which all can.
        retention: How long logs are kept.

    Attributes:
        load_balancer: The L2 of the load balancer.
        listener: The L2 of the listener whose weights divide the traffic.
        access_logs: The bucket of the access logs.
        web_acl: The L1 of the web ACL; ``None`` unless it was made here.
        security_group: The L2 of what all that run the image are in their network.
        function: The function; ``None`` without ``Compute.LAMBDA``.
        tasks: The L2 of the task definition; ``None`` without a compute of containers.
        services: The L2 of each service of ECS, by compute.
        scaling: The L2 of how many tasks each runs, by compute.
        auto_scaling_group: The L2 of the instances; ``None`` without ``Compute.EC2``.
        url: Where it answers, ending in a slash.

    Raises:
        PatternError: If AWS would refuse an argument, a task would end before its answers, or the
            load balancer faces the internet unguarded.

    See:
        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        image: str | os.PathLike[str] | ecr_assets.DockerImageAsset | ecr.IRepository,
        tag_or_digest: str | None = None,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        service_subnets: ec2.SubnetSelection | None = None,
        weights: Mapping[Compute, int] | None = None,
        stickiness_duration: cdk.Duration | None = None,
        port: int = 8080,
        readiness_path: str = "/",
        health_checks: Mapping[Compute, elbv2.HealthCheck] | None = None,
        health_check_grace_period: cdk.Duration | None = None,
        architecture: lambda_.Architecture | None = None,
        environment: Mapping[str, str] | None = None,
        idle_timeout: cdk.Duration | None = None,
        deregistration_delay: cdk.Duration | None = None,
        stop_timeout: cdk.Duration | None = None,
        memory_size: int = 1024,
        cpu: int = 512,
        memory_limit_mib: int = 1024,
        instance_type: ec2.InstanceType | None = None,
        min_capacity: int = 2,
        max_capacity: int = 10,
        target_utilization_percent: int = 60,
        requests_per_target: int = 600,
        domain_name: str | None = None,
        certificate: acm.ICertificate | None = None,
        hosted_zone: route53.IHostedZone | None = None,
        authorizer: elbv2.ListenerAction | None = None,
        public: str | None = None,
        waf: bool | str = False,
        response_streaming: bool = False,
        web_sockets: bool = False,
        max_body_size: cdk.Size | None = None,
        retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        path = new_path(scope, id)
        made = weights_of(path, weights)
        times = times_of(path, idle_timeout, deregistration_delay, stop_timeout)
        front = FrontSettings(
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            access=Access(authorizer=authorizer, public=public),
            settings=Settings(
                name=None,
                description=None,
                cors=None,
                throttle=None,
                retention=retention,
                domain_name=domain_name,
                certificate=certificate,
                hosted_zone=hosted_zone,
            ),
            waf=waf,
            idle_timeout=times.idle,
            stickiness_duration=stickiness_duration,
        )
        front.check(path, scope)
        check_region(path, scope, vpc)
        check_image(path, image, tag_or_digest)
        check_type(
            path, "architecture", architecture, lambda_.Architecture, "lambda_.Architecture.ARM_64"
        )
        built_for = architecture or architecture_of(scope, path)
        check_instances(path, instance_type, built_for)
        adapter = adapter_settings(port, readiness_path)
        adapter.check(path)
        seen = check_adapter(path, image, built_for, adapter) if Compute.LAMBDA in made else {}
        check_environment(path, environment)
        check_health(path, health_checks, made)
        check_grace(path, health_check_grace_period)
        check_task_size(path, cpu, memory_limit_mib)
        if Compute.EC2 in made:
            check_room(path, instance_type, cpu, memory_limit_mib)
        check_scaling(
            path, min_capacity, max_capacity, target_utilization_percent, requests_per_target
        )
        check_type(path, "max_body_size", max_body_size, cdk.Size, "cdk.Size.mebibytes(10)")
        subnets = subnets_of(path, vpc, service_subnets)
        super().__init__(scope, id)
        self.security_group = define_application_group(self, vpc)
        self._legs = Legs(
            self,
            made,
            LegSettings(
                image=resolve_image(self, path, image, tag_or_digest, built_for),
                architecture=built_for,
                environment=dict(environment or {}),
                port=port,
                readiness_path=readiness_path,
                health_checks=dict(health_checks or {}),
                times=times,
                health_check_grace_period=health_check_grace_period,
                vpc=vpc,
                subnets=subnets,
                security_group=self.security_group,
                memory_size=memory_size,
                cpu=cpu,
                memory_limit_mib=memory_limit_mib,
                instance_type=instance_type,
                min_capacity=min_capacity,
                max_capacity=max_capacity,
                target_utilization_percent=target_utilization_percent,
                requests_per_target=requests_per_target,
                retention=retention,
            ),
        )
        self._open(Front(self, front, made, self._legs.arns))
        warn(self, seen)
        if self.tasks and lead_nowhere(path, vpc, subnets):
            warn(self, no_way_out(has_instances=Compute.EC2 in made))
        if Compute.LAMBDA in made:
            beyond = beyond_the_function(
                idle_timeout=times.idle,
                max_body_size=max_body_size,
                response_streaming=response_streaming,
                web_sockets=web_sockets,
            )
            warn(self, beyond)
