from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, PythonFunction, SnapStartAlias
from serverless_patterns._snapstart_advice import SMALL_ASSET_BYTES
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

DURABLE = (
    "Shop/Live: function must be no durable function, got durable_config; leave the steps to a "
    "durable function that does without SnapStart"
)
STORAGE = (
    "Shop/Live: function must have at most 512 MB of ephemeral storage, got 513 MB; omit its "
    "ephemeral_storage_size"
)
FILES = (
    "Shop/Live: function must have no file system, got filesystem; read the files from S3, or do "
    "without SnapStart"
)
PROVISIONED = (
    "Shop/Live: function must have no provisioned concurrency, got some at {0}; choose one of the "
    "two ways to start fast"
)


def resource_of(function: lambda_.Function) -> lambda_.CfnFunction:
    return cast("lambda_.CfnFunction", function.node.default_child)


def refused(app: cdk.App) -> str:
    with pytest.raises(RuntimeError) as error:
        app.synth()
    return str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"runtime": lambda_.Runtime.PYTHON_3_11},
            "Shop/Live: function must run in Java 11, Python 3.12 or .NET 8 or newer, or in an "
            "image on AWS's base of one, got python3.11; name such a runtime, or do without "
            "SnapStart",
        ),
        ({"ephemeral_storage_size": cdk.Size.mebibytes(513)}, STORAGE),
        (
            {"durable_config": lambda_.DurableConfig(execution_timeout=cdk.Duration.hours(1))},
            DURABLE,
        ),
        (
            {"tenancy_config": lambda_.TenancyConfig.PER_TENANT},
            "Shop/Live: function must serve every tenant from one snapshot, got tenancy_config; "
            "do without SnapStart, or keep tenants apart by functions of their own",
        ),
        (
            {
                "current_version_options": lambda_.VersionOptions(
                    provisioned_concurrent_executions=2
                )
            },
            PROVISIONED.format("Shop/Handler/CurrentVersion"),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_snap_start_excludes_is_refused(
    stack: cdk.Stack, entry: Path, options: dict[str, Any], message: str
) -> None:
    function = PythonFunction(stack, "Handler", entry=entry, **options)

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=function)


@pytest.mark.parametrize(
    "runtime",
    [
        lambda_.Runtime.NODEJS_24_X,
        lambda_.Runtime.PROVIDED_AL2023,
        lambda_.Runtime.RUBY_3_4,
        lambda_.Runtime.JAVA_8_CORRETTO,
        lambda_.Runtime.DOTNET_6,
    ],
    ids=lambda runtime: runtime.name,
)
def test_other_runtimes_are_refused(
    stack: cdk.Stack, entry: Path, runtime: lambda_.Runtime
) -> None:
    code = lambda_.Code.from_asset(str(entry))
    function = lambda_.Function(stack, "F", code=code, handler="index.handler", runtime=runtime)
    message = (
        "Shop/Live: function must run in Java 11, Python 3.12 or .NET 8 or newer, or in an image "
        f"on AWS's base of one, got {runtime.name}; name such a runtime, or do without SnapStart"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=function)


def test_a_file_system_is_refused(stack: cdk.Stack, vpc: ec2.Vpc, entry: Path) -> None:
    files = efs.FileSystem(stack, "Files", vpc=vpc).add_access_point("Point")
    function = PythonFunction(
        stack,
        "Handler",
        entry=entry,
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        filesystem=lambda_.FileSystem.from_efs_access_point(files, "/mnt/files"),
    )

    with pytest.raises(PatternError, match=exactly(FILES)):
        SnapStartAlias(stack, "Live", function=function)


def test_a_capacity_provider_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    kind = lambda_.CfnFunction
    resource_of(handler).capacity_provider_config = kind.CapacityProviderConfigProperty(
        lambda_managed_instances_capacity_provider_config=(
            kind.LambdaManagedInstancesCapacityProviderConfigProperty(
                capacity_provider_arn="arn:aws:lambda:us-east-1:123456789012:capacity-provider:c"
            )
        )
    )
    message = (
        "Shop/Live: function must run on Lambda's own capacity, got a capacity provider; its "
        "instances stay up: do without SnapStart"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=handler)


def test_512_mb_are_taken_and_a_token_is_not_guessed(stack: cdk.Stack, entry: Path) -> None:
    exact = PythonFunction(
        stack, "Exact", entry=entry, ephemeral_storage_size=cdk.Size.mebibytes(512)
    )
    token = PythonFunction(stack, "Token", entry=entry)
    size = cdk.CfnParameter(stack, "Size", type="Number").value_as_number
    resource_of(token).ephemeral_storage = lambda_.CfnFunction.EphemeralStorageProperty(size=size)

    SnapStartAlias(stack, "Live", function=exact)
    SnapStartAlias(stack, "OfToken", function=token)


def test_what_is_excluded_later_is_refused_at_synthesis(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Handler", entry=entry)
    SnapStartAlias(stack, "Live", function=function)
    resource_of(function).ephemeral_storage = lambda_.CfnFunction.EphemeralStorageProperty(size=513)

    assert STORAGE in refused(app)


def test_a_runtime_that_its_resource_was_given_since_is_the_one_that_counts(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    resource_of(handler).runtime = "python3.11"
    message = (
        "Shop/Live: function must run in Java 11, Python 3.12 or .NET 8 or newer, or in an image "
        "on AWS's base of one, got python3.11; name such a runtime, or do without SnapStart"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=handler)


def test_provisioned_concurrency_of_the_alias_is_refused_at_synthesis(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    live = SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))
    target = live.alias.add_auto_scaling(max_capacity=5, min_capacity=1)
    target.scale_on_utilization(utilization_target=0.5)

    assert PROVISIONED.format("Shop/Live/Alias/AliasScaling/Target") in refused(app)


def test_provisioned_concurrency_of_another_alias_is_refused_at_synthesis(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Handler", entry=entry)
    live = SnapStartAlias(stack, "Live", function=function)
    lambda_.Alias(
        stack,
        "Warm",
        alias_name="warm",
        version=live.version,
        provisioned_concurrent_executions=1,
    )

    assert PROVISIONED.format("Shop/Warm") in refused(app)


def test_provisioned_concurrency_of_an_alias_that_names_the_arn_is_refused_at_synthesis(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Handler", entry=entry)
    live = SnapStartAlias(stack, "Live", function=function)
    lambda_.CfnAlias(
        stack,
        "Warm",
        function_name=function.function_arn,
        function_version=live.version.version,
        name="warm",
        provisioned_concurrency_config=(
            lambda_.CfnAlias.ProvisionedConcurrencyConfigurationProperty(
                provisioned_concurrent_executions=1
            )
        ),
    )

    assert PROVISIONED.format("Shop/Warm") in refused(app)


@pytest.mark.parametrize("is_scaled", [True, False])
def test_provisioned_concurrency_in_another_stack_is_refused_at_synthesis(
    make_app: MakeApp, entry: Path, *, is_scaled: bool
) -> None:
    app = make_app()
    stack, other = cdk.Stack(app, "Shop"), cdk.Stack(app, "Other")
    live = SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))
    executions = None if is_scaled else 1
    warm = lambda_.Alias(
        other,
        "Warm",
        alias_name="warm",
        version=live.version,
        provisioned_concurrent_executions=executions,
    )
    if is_scaled:
        warm.add_auto_scaling(max_capacity=5)
    holder = "Other/Warm/AliasScaling/Target" if is_scaled else "Other/Warm"

    assert PROVISIONED.format(holder) in refused(app)


def test_stacks_that_are_alike_provision_their_own_functions(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    for name in ("Shop", "Other"):
        stack = cdk.Stack(app, name)
        function = PythonFunction(stack, "Handler", entry=entry)
        if name == "Shop":
            SnapStartAlias(stack, "Live", function=function)
        else:
            warm = function.add_alias("live", provisioned_concurrent_executions=1)
            warm.add_auto_scaling(max_capacity=5)

    assert app.synth().get_stack_by_name("Shop")


def test_another_functions_provisioned_concurrency_is_its_own(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))
    other = PythonFunction(stack, "HandlerOther", entry=entry)
    warm = lambda_.Alias(
        stack,
        "Warm",
        alias_name="warm",
        version=other.current_version,
        provisioned_concurrent_executions=1,
    )
    warm.add_auto_scaling(max_capacity=5)

    assert app.synth().get_stack_by_name("Shop")


NO_FUNCTION = "Shop/Live: function must be a function that this app defines, got {0}; {1}"


@pytest.mark.parametrize(
    ("make", "got", "remedy"),
    [
        (
            lambda function: lambda_.Alias(
                function.stack, "Own", alias_name="own", version=function.current_version
            ),
            "Shop/Own, an alias",
            "give the function itself",
        ),
        (
            lambda function: function.current_version,
            "Shop/Handler/CurrentVersion, a version",
            "give the function itself",
        ),
        (
            lambda function: function.latest_version,
            "$LATEST, of which there is no snapshot",
            "give the function itself",
        ),
        (
            lambda function: lambda_.Function.from_function_arn(
                function.stack,
                "Imported",
                "arn:aws:lambda:us-east-1:123456789012:function:imported",
            ),
            "Shop/Imported, which is imported",
            "define it in this app: what publishes a version defines the function too",
        ),
        (lambda _: "handler", "str", "make one with PythonFunction"),
        (
            lambda _: PythonFunction,
            "the class PythonFunction",
            "make one with PythonFunction",
        ),
    ],
    ids=["alias", "version", "latest", "imported", "text", "class"],
)
def test_only_a_function_of_this_app_can_be_published(
    stack: cdk.Stack,
    handler: PythonFunction,
    make: Callable[[PythonFunction], Any],
    got: str,
    remedy: str,
) -> None:
    with pytest.raises(PatternError, match=exactly(NO_FUNCTION.format(got, remedy))):
        SnapStartAlias(stack, "Live", function=make(handler))


def test_the_alias_stands_in_the_stack_of_its_function(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    function = PythonFunction(cdk.Stack(app, "Code"), "Handler", entry=entry)
    message = (
        "Shop/Live: function must be defined in Shop, the stack of its alias: another stack would "
        "delete the version while the alias still leads to it, got a function in Code; define the "
        "alias beside it, and give that to other stacks"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(cdk.Stack(app, "Shop"), "Live", function=function)


def test_a_function_has_one_of_them(stack: cdk.Stack, handler: PythonFunction) -> None:
    SnapStartAlias(stack, "Live", function=handler)
    message = (
        "Shop/Other: function must have one SnapStartAlias, got a second one beside Shop/Live; "
        "give the alias of the first to whatever invokes it"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Other", function=handler, alias_name="other")


@pytest.mark.parametrize("name", ["", "12", "$LATEST", "a.b", "a" * 129, 3, None])
def test_an_alias_name_is_one_that_lambda_takes(
    stack: cdk.Stack, handler: PythonFunction, name: Any
) -> None:
    message = (
        "Shop/Live: alias_name must be 1 to 128 letters, digits, hyphens and underscores, and no "
        f"number, got {name!r}; omit it to get 'live'"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=handler, alias_name=name)


def test_whether_versions_are_kept_is_yes_or_no(stack: cdk.Stack, handler: PythonFunction) -> None:
    keep: Any = "no"
    message = "Shop/Live: keep_versions must be a bool, got 'no'; for example keep_versions=True"

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=handler, keep_versions=keep)


@pytest.mark.parametrize("is_later", [True, False])
def test_no_other_alias_of_the_function_has_its_name(
    make_app: MakeApp, entry: Path, *, is_later: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Handler", entry=entry)
    if not is_later:
        function.add_alias("live")
    SnapStartAlias(stack, "Live", function=function)
    if is_later:
        function.add_alias("live")
    message = (
        "Shop/Live: alias_name must be that of no other alias of the function, got 'live', as "
        "Shop/Handler/Aliaslive has; rename either, or leave the other out"
    )

    assert message in refused(app)


def test_names_with_digits_and_tokens_are_taken(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    SnapStartAlias(stack, "Digits", function=handler, alias_name="v2")
    name = cdk.CfnParameter(stack, "Name").value_as_string
    SnapStartAlias(stack, "Token", function=other, alias_name=name)


def test_nothing_is_left_of_what_was_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    before = [each.node.path for each in stack.node.find_all()]
    with pytest.raises(PatternError):
        SnapStartAlias(stack, "Live", function=handler, alias_name="12")

    assert [each.node.path for each in stack.node.find_all()] == before
    assert resource_of(handler).snap_start is None


class TestAdvice:
    """Warnings need the asset, so these apps are bundled."""

    GAINS_LITTLE = (
        "Shop/Live: Shop/Handler is 0.0 MB of Python, which initializes in less time than a "
        "snapshot of it is restored in: do without SnapStart, or acknowledge this if it computes "
        "or downloads something for long before its first event "
        "[ack: serverless-patterns:snap-start-gains-little]"
    )
    CACHES = (
        "Shop/Live: the asset of Shop/Handler holds __pycache__, which changes whenever Python "
        "compiles something, and each time a version and a snapshot are made: exclude "
        '["__pycache__", "**/__pycache__", "*.pyc"] from it, or let PythonCode make it '
        "[ack: serverless-patterns:snap-start-caches]"
    )

    @staticmethod
    def plain(
        stack: cdk.Stack, entry: Path, runtime: lambda_.Runtime = lambda_.Runtime.PYTHON_3_14
    ) -> lambda_.Function:
        code = lambda_.Code.from_asset(str(entry))
        return lambda_.Function(
            stack, "Handler", code=code, handler="index.handler", runtime=runtime
        )

    @staticmethod
    def said(app: cdk.App) -> list[str]:
        return [str(each.entry.data) for each in app.synth().get_stack_by_name("Shop").messages]

    @staticmethod
    def grow(entry: Path, size: int) -> None:
        (entry / "data.bin").write_bytes(bytes(size))

    def test_a_small_python_function_gains_little(self, make_app: MakeApp, entry: Path) -> None:
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))

        assert self.said(app) == [self.GAINS_LITTLE]

    def test_the_advice_can_be_acknowledged(self, make_app: MakeApp, entry: Path) -> None:
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        live = SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))
        advice = "serverless-patterns:snap-start-gains-little"
        cdk.Annotations.of(live).acknowledge_warning(advice, "It reads a model at its start")

        assert self.said(app) == []

    def test_a_large_one_is_left_alone(self, make_app: MakeApp, entry: Path) -> None:
        self.grow(entry, SMALL_ASSET_BYTES - (entry / "index.py").stat().st_size)
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))

        assert self.said(app) == []

    def test_what_layers_bring_is_not_known(self, make_app: MakeApp, entry: Path) -> None:
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        layer = lambda_.LayerVersion(stack, "Layer", code=lambda_.Code.from_asset(str(entry)))
        function = PythonFunction(stack, "Handler", entry=entry, layers=[layer])
        SnapStartAlias(stack, "Live", function=function)

        assert self.said(app) == []

    def test_java_gains_at_any_size(self, make_app: MakeApp, entry: Path) -> None:
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        SnapStartAlias(stack, "Live", function=self.plain(stack, entry, lambda_.Runtime.JAVA_21))

        assert self.said(app) == []

    def test_nothing_is_said_of_a_stack_that_is_not_bundled(
        self, make_app: MakeApp, entry: Path
    ) -> None:
        app = make_app()
        stack = cdk.Stack(app, "Shop")
        SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))

        assert self.said(app) == []

    def test_a_shared_asset_is_looked_into_for_each_function(
        self, make_app: MakeApp, entry: Path
    ) -> None:
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        code = lambda_.Code.from_asset(str(entry))
        for name in ("One", "Two"):
            function = lambda_.Function(
                stack,
                name,
                code=code,
                handler="index.handler",
                runtime=lambda_.Runtime.PYTHON_3_14,
            )
            SnapStartAlias(stack, f"{name}Live", function=function)

        assert len(self.said(app)) == 2

    def test_inline_code_has_no_asset(self, make_app: MakeApp) -> None:
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        function = lambda_.Function(
            stack,
            "Handler",
            code=lambda_.Code.from_inline("def handler(event, context): ..."),
            handler="index.handler",
            runtime=lambda_.Runtime.PYTHON_3_14,
        )
        SnapStartAlias(stack, "Live", function=function)

        assert self.said(app) == []

    def test_compiled_files_in_an_asset_are_told_of(self, make_app: MakeApp, entry: Path) -> None:
        self.grow(entry, SMALL_ASSET_BYTES)
        (entry / "__pycache__").mkdir()
        (entry / "__pycache__" / "index.pyc").write_bytes(b"compiled")
        app = make_app(bundle=True)
        stack = cdk.Stack(app, "Shop")
        SnapStartAlias(stack, "Live", function=self.plain(stack, entry))

        assert self.said(app) == [self.CACHES]
