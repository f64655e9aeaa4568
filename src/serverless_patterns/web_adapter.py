"""Any web application on Lambda, unmodified, by the Lambda Web Adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns import _function_rules
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import check_type, new_path
from serverless_patterns._function_options import given
from serverless_patterns._warn import warn
from serverless_patterns._web_adapter_events import EventsFunction, check_events
from serverless_patterns._web_adapter_function import AdaptedFunction, Configuration
from serverless_patterns._web_adapter_package import Sources, package_of
from serverless_patterns._web_adapter_settings import AdapterSettings
from serverless_patterns._web_adapter_tree import broken_rules, check_image_region, warn_of_tree
from serverless_patterns._web_adapter_variables import check_no_variables
from serverless_patterns._web_adapter_zip import EXCLUDE

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from serverless_patterns._cdk_options import FunctionOptions


class WebAdapterFunction(AdaptedFunction):
    """A web application in any language, which the Lambda Web Adapter starts and asks.

    Defines the function, a role of its own and a log group of its own, as a ``PythonFunction``
    has them. The code is an image (``image``), in which the adapter is an extension, or a zip
    (``entry`` and ``command``), to which a layer brings it. The application listens on ``port``,
    which the variable ``PORT`` tells it, and knows nothing of Lambda. Give the function to a
    ``ProxyApi`` or a ``RouteApi``; give a trigger, a consumer or a poller what ``for_events``
    returns.

    The handler owes what any web server does: an answer to ``readiness_path`` once it can serve,
    and to every request within ``timeout``. Lambda freezes it between requests, so work that goes
    on after an answer may never end.

    Args:
        scope: The construct that the function belongs to.
        id: The construct id.
        image: A folder with a ``Dockerfile``, or a ``lambda_.EcrImageCode``. Default - a zip of
            ``entry``.
        entry: The folder with the sources of a zip. With a Python runtime, what it requires is
            bundled as ``PythonCode`` does. Default - an image.
        command: What starts the application of a zip, run in the folder of the sources.
            Default - an image says so itself.
        build: A command that is run in a copy of ``entry`` before it is packaged, for example
            ``["npm", "ci", "--omit=dev"]``. What it leaves there is the zip, kept in the cache
            until the sources or the command change. Default - none.
        runtime: The runtime of a zip. Default - the newest Python that SnapStart takes.
        architecture: The instruction set. Default - from context, else ``ARM_64``.
        layer: The layer that brings the adapter to a zip. Default - AWS's own, of version 1.1.0.
        exclude: Names to leave out of a zip; with ``build``, ``node_modules`` too.
        port: Where the application listens.
        readiness_path: Where the adapter asks until the application is ready.
        readiness_port: On which port. Default - on ``port``.
        readiness_protocol: How: ``"tcp"`` asks for no more than a connection.
        readiness_healthy_status: The status codes of an application that is ready, such as
            ``"200-399,404"``. Default - 100 to 499.
        readiness_timeout: How long the adapter asks before it fails the start. Default - until
            Lambda ends it.
        async_init: Whether a start may take longer than the 10 seconds of Lambda's own: the first
            request then waits for the rest of it.
        remove_base_path: What is removed from the start of every path. Default - nothing.
        enable_compression: Whether the adapter compresses answers, by gzip or Brotli.
        invoke_mode: Whether answers are streamed, by an endpoint with ``response_streaming``.
        authorization_source: The header that becomes ``Authorization``, where IAM takes that one
            for itself. Default - none.
        snapstart_before_checkpoint_path: Where the application gets an empty ``POST`` before its
            snapshot is made; only a 2xx answer lets it be made. Default - it gets none.
        snapstart_after_restore_path: Where it gets one after each restore, to be answered within
            10 seconds. Default - it gets none.
        memory_size: Memory in MB, 128 to 10,240.
        timeout: The longest that one invocation may take, 1 to 900 s. Default - 29 seconds.
        environment: Environment variables of the application, 4 KB with those of the adapter.
            Default - none.
        function_name: A physical name; it forbids replacement. Default - made by CloudFormation.
        retention: How long the log group keeps events.
        log_group: A log group that exists. Default - one of the function's own.
        role: A role that exists; it is used as it is. Default - one of the function's own.
        logging_format: The format of Lambda's own log records and the adapter's.
        tracing: Whether X-Ray traces.
        recursive_loop: What Lambda does when it sees the function invoking itself.
        **options: Any other option of ``lambda_.Function`` that CDK doesn't deprecate.

    Raises:
        PatternError: If the adapter would misread an argument, couldn't start the image, or Lambda
            would refuse something, or the sources can't be packaged.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
        https://aws.github.io/aws-lambda-web-adapter/
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        image: str | os.PathLike[str] | lambda_.EcrImageCode | None = None,
        entry: str | os.PathLike[str] | None = None,
        command: Sequence[str] | None = None,
        build: Sequence[str] | None = None,
        runtime: lambda_.Runtime | None = None,
        architecture: lambda_.Architecture | None = None,
        layer: lambda_.ILayerVersion | None = None,
        exclude: Sequence[str] = EXCLUDE,
        port: int = 8080,
        readiness_path: str = "/",
        readiness_port: int | None = None,
        readiness_protocol: Literal["http", "tcp"] = "http",
        readiness_healthy_status: str | None = None,
        readiness_timeout: cdk.Duration | None = None,
        async_init: bool = False,
        remove_base_path: str | None = None,
        enable_compression: bool = False,
        invoke_mode: lambda_.InvokeMode = lambda_.InvokeMode.BUFFERED,
        authorization_source: str | None = None,
        snapstart_before_checkpoint_path: str | None = None,
        snapstart_after_restore_path: str | None = None,
        memory_size: int = 1024,
        timeout: cdk.Duration | None = None,
        environment: Mapping[str, str] | None = None,
        function_name: str | None = None,
        retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        log_group: logs.ILogGroup | None = None,
        role: iam.IRole | None = None,
        logging_format: lambda_.LoggingFormat = lambda_.LoggingFormat.JSON,
        tracing: lambda_.Tracing = lambda_.Tracing.ACTIVE,
        recursive_loop: lambda_.RecursiveLoop = lambda_.RecursiveLoop.TERMINATE,
        **options: Unpack[FunctionOptions],
    ) -> None:
        path = new_path(scope, id)
        for name, existing in (("Role", role), ("LogGroup", log_group)):
            if existing is None:
                new_path(scope, f"{id}{name}")
        check_type(path, "timeout", timeout, cdk.Duration, "cdk.Duration.seconds(29)")
        check_type(path, "tracing", tracing, lambda_.Tracing, "lambda_.Tracing.ACTIVE")
        settings = AdapterSettings(
            port=port,
            readiness_path=readiness_path,
            readiness_port=readiness_port,
            readiness_protocol=readiness_protocol,
            readiness_healthy_status=readiness_healthy_status,
            readiness_timeout=readiness_timeout,
            async_init=async_init,
            remove_base_path=remove_base_path,
            enable_compression=enable_compression,
            invoke_mode=invoke_mode,
            authorization_source=authorization_source,
            snapstart_before_checkpoint_path=snapstart_before_checkpoint_path,
            snapstart_after_restore_path=snapstart_after_restore_path,
        )
        settings.check(path)
        check_no_variables(path, environment or {})
        _function_rules.check_name(path, function_name)
        configuration = Configuration(
            memory_size=memory_size,
            timeout=timeout or cdk.Duration.seconds(29),
            retention=retention,
            log_group=log_group,
            role=role,
            logging_format=logging_format,
            tracing=tracing,
            recursive_loop=recursive_loop,
            options=given(options),
        )
        sources = Sources(
            image=image,
            entry=entry,
            command=command,
            build=build,
            runtime=runtime,
            architecture=architecture,
            layer=layer,
            exclude=exclude,
        )
        package = package_of(scope, id, sources, settings)
        variables = {**(environment or {}), **settings.environment(), **package.environment}
        configuration.check(path, package, variables)
        super().__init__(scope, id, package, configuration, variables, function_name=function_name)
        check_image_region(self)
        self._settings = settings
        self._package = package
        self._configuration = configuration
        check_at_synthesis(self, lambda: broken_rules(self, settings))
        warn_of_tree(self, settings)
        warn(self, package.image.warnings() if package.image else {})

    def for_events(
        self,
        *,
        path: str = "/events",
        id: str = "Events",  # noqa: A002 - CDK's own name
        error_status_codes: str = "300-599",
        memory_size: int | None = None,
        timeout: cdk.Duration | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> lambda_.Function:
        """A function of the same code, for triggers, consumers and pollers.

        The adapter posts each event to ``path`` as JSON. An answer with one of
        ``error_status_codes`` fails the invocation, so that Lambda tries again and keeps what
        fails. The web function can't do both: a client would get a 502 for each of them.

        The application owes, at ``path``, a 2xx answer only to what it has handled. The body of
        that answer is what Lambda gets, if it is JSON, its content type says so and nothing
        compresses it: ``{"batchItemFailures": [{"itemIdentifier": "..."}]}`` tries again what it
        names, of a queue or a stream. Anything else counts as no failure at all. Let it serve
        ``path`` only where the variable ``AWS_LWA_PASS_THROUGH_PATH`` is set, as it is for this
        sibling alone: else whoever may call the web function may post events to it.

        It has an ``id`` below this function, the environment that this one has by now, and a role
        of its own, unless one was given; grant it what handling events takes.

        Args:
            path: Where the application takes events.
            id: The construct id, below this function's.
            error_status_codes: The status codes that fail an invocation, ranges with a hyphen.
            memory_size: Memory in MB. Default - as this function's.
            timeout: The longest that one invocation may take. Default - as this function's.
            environment: Further environment variables. Default - none.

        Raises:
            PatternError: If an event could be lost, or Lambda would refuse an argument.
        """
        where = new_path(self, id)
        if self._package.image:
            self._package.image.check_events(where)
        check_events(where, path, error_status_codes, self._settings)
        check_type(where, "timeout", timeout, cdk.Duration, "cdk.Duration.minutes(5)")
        check_no_variables(where, environment or {})
        return EventsFunction(
            self,
            id,
            package=self._package,
            configuration=self._configuration.of_sibling(memory_size, timeout),
            settings=self._settings,
            environment={**self._environment, **(environment or {})},
            pass_through_path=path,
            error_status_codes=error_status_codes,
        )
