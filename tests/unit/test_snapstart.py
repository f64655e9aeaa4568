from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

import serverless_patterns
from serverless_patterns import (
    EventBridgeTrigger,
    KinesisConsumer,
    PatternError,
    ProxyApi,
    PythonFunction,
    Route,
    RouteApi,
    S3Trigger,
    SnapStartAlias,
    SnsTrigger,
    SqsPoller,
)
from tests.conftest import ROOT
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
ASKED = lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
CDK_WARNING = "SnapStart only supports published Lambda versions"
WIRES = {
    "AWS::ApiGatewayV2::Integration",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
}
BARE = (
    "Shop/{0}: handler must be the alias of a function that starts from snapshots: $LATEST has "
    "none, got Shop/Handler itself; give it the alias of Shop/Live"
)


def template_of(stack: cdk.Stack) -> assertions.Template:
    return assertions.Template.from_stack(stack)


def only(stack: cdk.Stack, kind: str) -> tuple[str, Mapping[str, Any]]:
    """The one resource of a type, by its logical id."""
    [found] = template_of(stack).find_resources(kind).items()
    return found


def warnings(app: cdk.App, stack: str = "Shop") -> list[str]:
    messages = app.synth().get_stack_by_name(stack).messages
    return [str(each.entry.data) for each in messages]


def test_the_alias_leads_to_a_version_that_starts_from_a_snapshot(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    live = SnapStartAlias(stack, "Live", function=handler)

    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function", {"SnapStart": {"ApplyOn": "PublishedVersions"}}
    )
    function, _ = only(stack, "AWS::Lambda::Function")
    version, made = only(stack, "AWS::Lambda::Version")
    _, alias = only(stack, "AWS::Lambda::Alias")
    assert made["Properties"] == {"FunctionName": {"Ref": function}}
    assert alias["Properties"] == {
        "FunctionName": {"Ref": function},
        "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
        "Name": "live",
    }
    assert "UpdatePolicy" not in alias
    assert live.deployment_group is None
    assert isinstance(live.alias, lambda_.Alias)
    assert isinstance(live.version, lambda_.Version)


def test_an_image_can_start_from_a_snapshot(stack: cdk.Stack) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Repository", "shop")
    code = lambda_.DockerImageCode.from_ecr(repository, tag_or_digest="1")
    function = lambda_.DockerImageFunction(stack, "Image", code=code)
    SnapStartAlias(stack, "Live", function=function)

    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {"PackageType": "Image", "SnapStart": {"ApplyOn": "PublishedVersions"}},
    )


@pytest.mark.parametrize(
    "runtime",
    [lambda_.Runtime.JAVA_11, lambda_.Runtime.PYTHON_3_12, lambda_.Runtime.DOTNET_8],
    ids=lambda runtime: runtime.name,
)
def test_java_python_and_dotnet_can(
    stack: cdk.Stack, entry: Path, runtime: lambda_.Runtime
) -> None:
    code = lambda_.Code.from_asset(str(entry))
    function = lambda_.Function(stack, "F", code=code, handler="index.handler", runtime=runtime)
    SnapStartAlias(stack, "Live", function=function, alias_name="blue")

    template_of(stack).has_resource_properties("AWS::Lambda::Alias", {"Name": "blue"})


@pytest.mark.parametrize(
    "change",
    [
        {"environment": {"GREETING": "ahoy"}},
        {"memory_size": 2048},
        {"timeout": cdk.Duration.seconds(3)},
        {"code": "def handler(event, context):\n    return {'new': True}\n"},
    ],
    ids=str,
)
def test_a_change_of_the_function_publishes_another_version(
    make_app: MakeApp, entry: Path, change: dict[str, Any]
) -> None:
    def version(**options: Any) -> str:
        stack = cdk.Stack(make_app(), "Shop")
        function = PythonFunction(stack, "Handler", entry=entry, **options)
        SnapStartAlias(stack, "Live", function=function)
        return only(stack, "AWS::Lambda::Version")[0]

    before = version()
    again = version()
    if "code" in change:
        (entry / "index.py").write_text(change.pop("code"))

    assert before == again
    assert version(**change) != before


def test_compiled_files_publish_no_version(make_app: MakeApp, entry: Path) -> None:
    def version() -> str:
        stack = cdk.Stack(make_app(bundle=True), "Shop")
        SnapStartAlias(stack, "Live", function=PythonFunction(stack, "Handler", entry=entry))
        return only(stack, "AWS::Lambda::Version")[0]

    before = version()
    (entry / "__pycache__").mkdir()
    (entry / "__pycache__" / "index.cpython-314.pyc").write_bytes(b"compiled")

    assert version() == before


def test_a_version_goes_when_the_next_one_has_replaced_it(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SnapStartAlias(stack, "Live", function=handler)

    _, version = only(stack, "AWS::Lambda::Version")
    assert version["DeletionPolicy"] == "Delete"


def test_versions_can_be_kept(stack: cdk.Stack, handler: PythonFunction) -> None:
    SnapStartAlias(stack, "Live", function=handler, keep_versions=True)

    _, version = only(stack, "AWS::Lambda::Version")
    assert version["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize(
    ("policy", "keep", "name"),
    [
        (cdk.RemovalPolicy.RETAIN, False, "RETAIN"),
        (cdk.RemovalPolicy.DESTROY, True, "DELETE"),
    ],
)
def test_the_function_must_say_the_same_of_its_versions(
    stack: cdk.Stack,
    entry: Path,
    policy: cdk.RemovalPolicy,
    keep: bool,  # noqa: FBT001
    name: str,
) -> None:
    options = lambda_.VersionOptions(removal_policy=policy)
    function = PythonFunction(stack, "Handler", entry=entry, current_version_options=options)
    message = (
        "Shop/Live: keep_versions must be what the function's current_version_options say, "
        f"got {keep}, where the removal policy there is {name}; omit removal_policy there"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=function, keep_versions=keep)
    SnapStartAlias(stack, "Same", function=function, keep_versions=not keep)


def test_cdks_warning_is_acknowledged_where_an_alias_is(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Handler", entry=entry, snap_start=ASKED)
    SnapStartAlias(stack, "Live", function=function)
    PythonFunction(stack, "Other", entry=entry, snap_start=ASKED)

    [warning] = warnings(app)
    assert warning.startswith(CDK_WARNING)


PATTERNS: dict[str, Callable[[cdk.Stack, lambda_.IFunction], object]] = {
    "Api": lambda stack, handler: ProxyApi(stack, "Api", handler=handler),
    "Poller": lambda stack, handler: SqsPoller(stack, "Poller", handler=handler),
    "Uploads": lambda stack, handler: S3Trigger(stack, "Uploads", handler=handler),
    "Messages": lambda stack, handler: SnsTrigger(stack, "Messages", handler=handler),
    "Stream": lambda stack, handler: KinesisConsumer(stack, "Stream", handler=handler),
    "Routes GET /books": lambda stack, handler: RouteApi(
        stack, "Routes", routes=[Route("GET", "/books", handler)]
    ),
    "Events": lambda stack, handler: EventBridgeTrigger(
        stack, "Events", handler=handler, event_pattern=events.EventPattern(source=["shop"])
    ),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_takes_the_alias(stack: cdk.Stack, handler: PythonFunction, pattern: str) -> None:
    live = SnapStartAlias(stack, "Live", function=handler)
    PATTERNS[pattern](stack, live.alias)

    alias, _ = only(stack, "AWS::Lambda::Alias")
    template = template_of(stack).to_json()["Resources"].values()
    wired = [each for each in template if each["Type"] in WIRES]
    assert wired
    for each in wired:
        assert json.dumps({"Ref": alias}) in json.dumps(each["Properties"])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_refuses_the_bare_function_naming_the_alias(
    stack: cdk.Stack, handler: PythonFunction, pattern: str
) -> None:
    SnapStartAlias(stack, "Live", function=handler)

    with pytest.raises(PatternError, match=exactly(BARE.format(pattern))):
        PATTERNS[pattern](stack, handler)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_that_was_given_it_before_refuses_it_at_synthesis(
    make_app: MakeApp, entry: Path, pattern: str
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    handler = PythonFunction(stack, "Handler", entry=entry)
    PATTERNS[pattern](stack, handler)
    SnapStartAlias(stack, "Live", function=handler)

    with pytest.raises(RuntimeError) as refused:
        app.synth()
    assert BARE.format(pattern) in str(refused.value)


def test_each_that_was_given_it_before_is_named(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    handler = PythonFunction(stack, "Handler", entry=entry)
    ProxyApi(stack, "Api", handler=handler)
    SqsPoller(stack, "Poller", handler=handler)
    SnapStartAlias(stack, "Live", function=handler)

    with pytest.raises(RuntimeError) as refused:
        app.synth()
    assert BARE.format("Api") in str(refused.value)
    assert BARE.format("Poller") in str(refused.value)


def test_a_function_that_asks_for_snapshots_needs_an_alias(stack: cdk.Stack, entry: Path) -> None:
    function = PythonFunction(stack, "Handler", entry=entry, snap_start=ASKED)
    message = (
        "Shop/Api: handler must be the alias of a function that starts from snapshots: $LATEST "
        "has none, got Shop/Handler itself; publish it by a SnapStartAlias and give it its alias"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        ProxyApi(stack, "Api", handler=function)


def test_no_other_alias_may_lead_to_latest(stack: cdk.Stack, handler: PythonFunction) -> None:
    SnapStartAlias(stack, "Live", function=handler)
    latest = lambda_.Alias(stack, "Latest", alias_name="latest", version=handler.latest_version)

    for bare in (latest, handler.latest_version):
        with pytest.raises(PatternError, match=exactly(BARE.format("Api"))):
            ProxyApi(stack, "Api", handler=bare)


def test_a_version_of_it_and_an_imported_function_are_taken(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    live = SnapStartAlias(stack, "Live", function=handler)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:imported"
    imported = lambda_.Function.from_function_arn(stack, "Imported", arn)

    ProxyApi(stack, "OfVersion", handler=live.version)
    ProxyApi(stack, "OfImported", handler=imported)


def test_the_construct_itself_is_no_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    live: Any = SnapStartAlias(stack, "Live", function=handler)
    message = (
        "Shop/Api: handler must be a function, an alias or a version, got SnapStartAlias; "
        "give it its alias"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        ProxyApi(stack, "Api", handler=live)


def test_invoking_is_granted_through_the_alias_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    live = SnapStartAlias(stack, "Live", function=handler)
    live.grant_invoke(iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal()))

    alias, _ = only(stack, "AWS::Lambda::Alias")
    _, policy = only(stack, "AWS::IAM::Policy")
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("lambda:InvokeFunction", {"Ref": alias})


def test_metrics_are_the_aliass_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = SnapStartAlias(stack, "Live", function=handler)
    minute = cdk.Duration.minutes(1)

    metrics = [
        live.metric_invocations(period=minute),
        live.metric_errors(period=minute),
        live.metric_throttles(period=minute),
        live.metric_duration(period=minute),
    ]
    names = [metric.metric_name for metric in metrics]
    assert names == ["Invocations", "Errors", "Throttles", "Duration"]
    assert {metric.period.to_seconds() for metric in metrics} == {60}
    for metric in metrics:
        assert ":live" in json.dumps(stack.resolve(metric.dimensions))


def test_the_alarms_watch_errors_and_throttles(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = SnapStartAlias(stack, "Live", function=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    alarms = live.add_alarms(action)

    assert [alarm.node.id for alarm in alarms] == ["ErrorAlarm", "ThrottleAlarm"]
    template = template_of(stack)
    template.all_resources_properties(
        "AWS::CloudWatch::Alarm",
        {"EvaluationPeriods": 2, "Threshold": 1, "TreatMissingData": "notBreaching"},
    )
    for name, says in {"Errors": "fails", "Throttles": "is throttled"}.items():
        template.has_resource_properties(
            "AWS::CloudWatch::Alarm",
            {
                "AlarmActions": [{"Ref": MATCH.string_like_regexp("Topic")}],
                "AlarmDescription": f"Shop/Live {says}",
                "MetricName": name,
                "Period": 300,
            },
        )
    message = (
        "Shop/Live: add_alarms must be called once, got a second call; add further actions to the "
        "alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        live.add_alarms(action)


@pytest.mark.parametrize(
    ("logging_format", "query"),
    [
        (lambda_.LoggingFormat.JSON, "platform.restoreReport"),
        (lambda_.LoggingFormat.TEXT, "Restore Duration: * ms"),
    ],
)
def test_a_dashboard_shows_restores_from_the_logs(
    stack: cdk.Stack, entry: Path, logging_format: lambda_.LoggingFormat, query: str
) -> None:
    function = PythonFunction(stack, "Handler", entry=entry, logging_format=logging_format)
    live = SnapStartAlias(stack, "Live", function=function)
    dashboard = cloudwatch.Dashboard(stack, "Dashboard")
    dashboard.add_widgets(*live.dashboard_widgets())

    _, made = only(stack, "AWS::CloudWatch::Dashboard")
    log_group, _ = only(stack, "AWS::Logs::LogGroup")
    shown = json.dumps(made["Properties"]["DashboardBody"])
    assert query in shown
    assert json.dumps({"Ref": log_group}) in shown
    assert [title in shown for title in ("invocations", "duration", "restores")] == [True] * 3


def test_the_log_group_that_lambda_makes_is_shown_where_there_is_no_other(
    make_app: MakeApp, entry: Path
) -> None:
    stack = cdk.Stack(make_app(**{"@aws-cdk/aws-lambda:useCdkManagedLogGroup": False}), "Shop")
    function = lambda_.Function(
        stack,
        "Handler",
        code=lambda_.Code.from_asset(str(entry)),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_14,
    )
    live = SnapStartAlias(stack, "Live", function=function)
    cloudwatch.Dashboard(stack, "Dashboard").add_widgets(*live.dashboard_widgets())

    _, made = only(stack, "AWS::CloudWatch::Dashboard")
    assert "/aws/lambda/" in json.dumps(made["Properties"]["DashboardBody"])
    assert not template_of(stack).find_resources("AWS::Logs::LogGroup")


@pytest.mark.usefixtures("cache_of_routes")
def test_the_code_in_the_docs_synthesizes(
    stack: cdk.Stack, handler: PythonFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "starting-fast.md").read_text()
    page = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {
        **{name: getattr(serverless_patterns, name) for name in serverless_patterns.__all__},
        "cdk": cdk,
        "stack": stack,
        "alias": SnapStartAlias(stack, "Warned", function=handler),
    }

    for code in page:
        exec(code, names)

    assert len(page) == 3
    paths = {each.node.path for each in stack.node.find_all() if isinstance(each, lambda_.Alias)}
    assert {"Shop/Live/Alias", "Shop/Bookstore/CatchAll/Live/Alias"} < paths
    assert template_of(stack).find_resources("AWS::ApiGatewayV2::Api")
