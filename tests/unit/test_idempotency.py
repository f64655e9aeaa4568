from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from serverless_patterns import (
    IdempotencyTable,
    PatternError,
    PythonFunction,
    _idempotency_rules,
)
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
TABLE = "AWS::DynamoDB::GlobalTable"
OPERATIONS = ("DeleteItem", "GetItem", "PutItem", "UpdateItem")
ACTIONS = [f"dynamodb:{operation}" for operation in OPERATIONS]


def table_of(stack: cdk.Stack) -> tuple[str, Mapping[str, Any]]:
    [(logical_id, table)] = assertions.Template.from_stack(stack).find_resources(TABLE).items()
    return logical_id, table


def environments(stack: cdk.Stack) -> list[dict[str, Any]]:
    functions = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    return [
        function["Properties"].get("Environment", {}).get("Variables", {})
        for function in functions.values()
    ]


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    return [
        statement
        for policy in policies.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def plain_function(scope: cdk.Stack, name: str, **options: Any) -> lambda_.Function:
    return lambda_.Function(
        scope,
        name,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        **options,
    )


def test_the_table_has_the_key_and_the_expiry_that_powertools_writes(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled")

    _, table = table_of(stack)
    assert table["Properties"]["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["Properties"]["AttributeDefinitions"] == [
        {"AttributeName": "id", "AttributeType": "S"}
    ]
    assert table["Properties"]["TimeToLiveSpecification"] == {
        "AttributeName": "expiration",
        "Enabled": True,
    }


def test_the_table_scales_by_itself_and_can_be_restored(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled")

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {
            "removal_policy": cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            "deletion_protection": True,
        },
    ],
    ids=["default", "explicit"],
)
def test_the_table_outlives_the_stack_and_is_protected(
    stack: cdk.Stack, options: dict[str, Any]
) -> None:
    IdempotencyTable(stack, "Handled", **options)

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["UpdateReplacePolicy"] == "Retain"
    assert table["DeletionPolicy"].startswith("Retain")
    assert replica["DeletionProtectionEnabled"] is True


def test_a_table_that_goes_with_its_stack_is_not_protected(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled", removal_policy=cdk.RemovalPolicy.DESTROY)

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["DeletionPolicy"] == "Delete"
    assert replica["DeletionProtectionEnabled"] is False


def test_a_retained_table_can_be_left_unprotected(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled", deletion_protection=False)

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["DeletionPolicy"] == "Retain"
    assert replica["DeletionProtectionEnabled"] is False


def test_a_sort_key_can_hold_the_key_of_an_event(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled", sort_key="event")

    _, table = table_of(stack)
    assert table["Properties"]["KeySchema"] == [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "event", "KeyType": "RANGE"},
    ]
    assert {"AttributeName": "event", "AttributeType": "S"} in table["Properties"][
        "AttributeDefinitions"
    ]


def test_a_function_is_told_the_name_of_the_table(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler)

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}]
    assert isinstance(table.table, dynamodb.TableV2)


def test_the_variable_can_have_another_name(stack: cdk.Stack, handler: PythonFunction) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler, environment_variable="HANDLED_TABLE")

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"HANDLED_TABLE": {"Ref": logical_id}}]


def test_a_function_may_do_what_powertools_does_with_this_table_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    grant = IdempotencyTable(stack, "Handled").protect(handler)

    logical_id, _ = table_of(stack)
    assert statements(stack) == [
        {
            "Action": ACTIONS,
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [logical_id, "Arn"]},
        }
    ]
    assert grant.success


def test_the_granted_actions_are_the_calls_of_the_installed_powertools() -> None:
    source = inspect.getsource(DynamoDBPersistenceLayer)
    calls = re.findall(r"self\.client\.(\w+)\(", source)

    assert {call.title().replace("_", "") for call in calls} == {*OPERATIONS}


def test_the_names_that_a_sort_key_may_not_have_are_those_of_powertools() -> None:
    parameters = inspect.signature(DynamoDBPersistenceLayer).parameters.items()
    names = {each.default for name, each in parameters if name.endswith("_attr") and each.default}

    assert names == {*_idempotency_rules._ATTRIBUTES}


def test_a_function_of_cdks_own_can_be_protected(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled").protect(plain_function(stack, "Plain"))

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}]


def test_functions_share_a_table(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler)
    table.protect(other)

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}] * 2
    assert len(statements(stack)) == 2


def test_protecting_a_function_again_changes_nothing(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler)
    once = assertions.Template.from_stack(stack).to_json()
    table.protect(handler)

    assert assertions.Template.from_stack(stack).to_json() == once


def test_a_function_in_another_stack_can_be_protected(make_app: MakeApp, entry: Path) -> None:
    # given a table in one stack and a function in another, of no particular region
    app = make_app()
    data, shop = cdk.Stack(app, "Data"), cdk.Stack(app, "Shop")
    table = IdempotencyTable(data, "Handled")
    function = PythonFunction(shop, "Handler", entry=entry)

    # when it is protected twice
    table.protect(function)
    table.protect(function)

    # then its environment refers to the table, and the synthesis finds nothing wrong with it
    [variables] = environments(shop)
    assert {*variables} == {"IDEMPOTENCY_TABLE"}
    assert "Data" in str(variables)


def test_a_function_can_be_protected_by_two_tables_under_two_names(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)
    IdempotencyTable(stack, "Paid").protect(handler, environment_variable="PAID_TABLE")

    [variables] = environments(stack)
    assert {*variables} == {"IDEMPOTENCY_TABLE", "PAID_TABLE"}
    assert len({str(name) for name in variables.values()}) == 2


def test_idempotency_that_is_explicitly_on_is_no_contradiction(
    stack: cdk.Stack, entry: Path
) -> None:
    environment = {"POWERTOOLS_IDEMPOTENCY_DISABLED": "False"}
    function = PythonFunction(stack, "Handler", entry=entry, environment=environment)
    IdempotencyTable(stack, "Handled").protect(function)

    [variables] = environments(stack)
    assert {*variables} == {"IDEMPOTENCY_TABLE", "POWERTOOLS_IDEMPOTENCY_DISABLED"}


def test_what_cannot_be_known_yet_is_not_refused(stack: cdk.Stack, entry: Path) -> None:
    disabled = cdk.CfnParameter(stack, "Disabled").value_as_string
    environment = {"POWERTOOLS_IDEMPOTENCY_DISABLED": disabled}
    function = PythonFunction(stack, "Handler", entry=entry, environment=environment)
    sort_key = cdk.CfnParameter(stack, "SortKey").value_as_string
    IdempotencyTable(stack, "Handled", sort_key=sort_key).protect(function)

    [variables] = environments(stack)
    assert "IDEMPOTENCY_TABLE" in variables


def test_a_function_that_is_defined_elsewhere_can_be_granted_the_table(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/worker")
    function = lambda_.Function.from_function_attributes(
        stack,
        "Elsewhere",
        function_arn="arn:aws:lambda:us-east-1:111122223333:function:worker",
        role=role,
    )
    IdempotencyTable(stack, "Handled").grant_use(function)

    [statement] = statements(stack)
    assert statement["Action"] == ACTIONS


def test_a_key_of_ones_own_encrypts_it_and_is_granted_with_it(
    make_app: MakeApp, entry: Path
) -> None:
    stack = cdk.Stack(make_app(), "Shop", env=cdk.Environment(region="us-east-1"))
    handler = PythonFunction(stack, "Handler", entry=entry)
    key = kms.Key(stack, "Key")
    encryption = dynamodb.TableEncryptionV2.customer_managed_key(key)
    IdempotencyTable(stack, "Handled", encryption=encryption).protect(handler)

    [of_table, of_key] = statements(stack)
    assert of_table["Action"] == ACTIONS
    assert {"kms:Decrypt", "kms:Encrypt"} <= {*of_key["Action"]}
    _, table = table_of(stack)
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}


def test_a_key_that_aws_manages_can_encrypt_it(stack: cdk.Stack, handler: PythonFunction) -> None:
    encryption = dynamodb.TableEncryptionV2.aws_managed_key()
    IdempotencyTable(stack, "Handled", encryption=encryption).protect(handler)

    _, table = table_of(stack)
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert [statement["Action"] for statement in statements(stack)] == [ACTIONS]


def test_a_key_that_aws_owns_encrypts_it_by_default(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled")

    _, table = table_of(stack)
    assert "SSESpecification" not in table["Properties"]


def test_duplicates_are_the_conditional_checks_that_failed(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    metric = table.metric_conditional_check_failed_requests(period=cdk.Duration.minutes(1))

    assert (metric.namespace, metric.metric_name, metric.statistic) == (
        *("AWS/DynamoDB", "ConditionalCheckFailedRequests", "Sum"),
    )
    assert metric.period.to_seconds() == 60


def test_the_alarms_watch_throttled_writes_and_errors_of_dynamodb(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    alarms = table.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")))

    assert [alarm.node.id for alarm in alarms] == ["ThrottleAlarm", "SystemErrorAlarm"]
    template = assertions.Template.from_stack(stack)
    template.all_resources_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmActions": [{"Ref": MATCH.string_like_regexp("Topic")}],
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": 2,
            "Threshold": 1,
            "TreatMissingData": "notBreaching",
        },
    )
    watched = [
        (
            alarm["Properties"]["MetricName"],
            {each["Name"] for each in alarm["Properties"]["Dimensions"]},
            [each["Value"] for each in alarm["Properties"]["Dimensions"][:-1]],
            alarm["Properties"]["Statistic"],
        )
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
    ]
    assert sorted(watched, key=str) == [
        ("SystemErrors", {"Operation", "TableName"}, ["PutItem"], "Sum"),
        ("WriteThrottleEvents", {"TableName"}, [], "Sum"),
    ]
    descriptions = {
        alarm["Properties"]["AlarmDescription"]
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
    }
    assert descriptions == {"Shop/Handled is throttled", "Shop/Handled is failed by DynamoDB"}


def test_alarms_are_added_once(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    table.add_alarms(action)

    message = (
        "Shop/Handled: add_alarms must be called once, got a second call; add further actions to "
        "the alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.add_alarms(action)


def test_the_widgets_show_duplicates_throttles_and_errors(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    cloudwatch.Dashboard(stack, "Dashboard", widgets=[table.dashboard_widgets()])

    template = assertions.Template.from_stack(stack)
    [dashboard] = template.find_resources("AWS::CloudWatch::Dashboard").values()
    body = str(dashboard["Properties"]["DashboardBody"])
    for shown in (
        *("Shop/Handled: duplicates", "ConditionalCheckFailedRequests"),
        *("Shop/Handled: throttled writes", "WriteThrottleEvents"),
        *("Shop/Handled: system errors", "SystemErrors"),
    ):
        assert shown in body


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"sort_key": "status"},
            "sort_key must be named otherwise than Powertools' own id, expiration, "
            "in_progress_expiration, status, data, validation, got 'status'; for example 'event'",
        ),
        (
            {"sort_key": ""},
            "sort_key must be named in 1 to 255 bytes, got 0 bytes; for example 'event'",
        ),
        (
            {"sort_key": "é" * 128},
            "sort_key must be named in 1 to 255 bytes, got 256 bytes; for example 'event'",
        ),
        ({"sort_key": 1}, "sort_key must be a str, got 1; for example 'event'"),
        (
            {"removal_policy": cdk.RemovalPolicy.SNAPSHOT},
            "removal_policy must be one that CloudFormation has for DynamoDB tables, got SNAPSHOT; "
            "omit it to retain the table, which can be restored to any second of 35 days",
        ),
        (
            {"removal_policy": "destroy"},
            "removal_policy must be a RemovalPolicy, got 'destroy'; for example "
            "cdk.RemovalPolicy.DESTROY",
        ),
        (
            {"removal_policy": cdk.RemovalPolicy.DESTROY, "deletion_protection": True},
            "deletion_protection must be off where removal_policy is DESTROY, got True; omit one "
            "of the two: a stack can't delete a table that is protected",
        ),
        (
            {"deletion_protection": "no"},
            "deletion_protection must be a bool, got 'no'; for example False",
        ),
        (
            {"encryption": dynamodb.TableEncryption.AWS_MANAGED},
            "encryption must be a TableEncryptionV2, got "
            f"{dynamodb.TableEncryption.AWS_MANAGED!r}; for example "
            "dynamodb.TableEncryptionV2.aws_managed_key()",
        ),
    ],
)
def test_a_table_that_dynamodb_or_powertools_would_refuse_is_refused(
    stack: cdk.Stack, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Handled: {message}")):
        IdempotencyTable(stack, "Handled", **options)


def test_a_key_of_ones_own_in_no_particular_region_is_refused(stack: cdk.Stack) -> None:
    encryption = dynamodb.TableEncryptionV2.customer_managed_key(kms.Key(stack, "Key"))
    message = (
        "Shop/Handled: encryption must be with a key of AWS's where the stack is of no particular "
        "region, got a key of your own; give the stack env=cdk.Environment(region=...)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled", encryption=encryption)


def test_nothing_is_left_of_a_table_that_was_refused(stack: cdk.Stack) -> None:
    with pytest.raises(PatternError):
        IdempotencyTable(stack, "Handled", sort_key="data")

    assert not stack.node.children


def test_an_alias_or_a_version_is_refused_for_its_environment(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    for function, kind in ((alias, "an alias"), (handler.current_version, "a version")):
        message = (
            f"Shop/Handled: function must be a function that this app defines, got {kind}, whose "
            "environment is that of its function; protect the function that it leads to: its "
            "attribute lambda_"
        )
        with pytest.raises(PatternError, match=exactly(message)):
            table.protect(function)


def test_the_function_behind_an_alias_can_be_protected(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    table.protect(alias.lambda_)

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}]


@pytest.mark.parametrize("by", ["arn", "name"])
def test_a_function_that_is_defined_elsewhere_is_refused(stack: cdk.Stack, by: str) -> None:
    function = (
        lambda_.Function.from_function_arn(
            stack, "Elsewhere", "arn:aws:lambda:us-east-1:111122223333:function:worker"
        )
        if by == "arn"
        else lambda_.Function.from_function_name(stack, "Elsewhere", "worker")
    )
    message = (
        "Shop/Handled: function must be a function that this app defines, got one that is defined "
        "elsewhere; set IDEMPOTENCY_TABLE where it is defined, and grant_use it the table"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled").protect(function)


def test_a_grantee_without_a_policy_is_refused(stack: cdk.Stack) -> None:
    message = (
        "Shop/Handled: grantee must have a policy that this app can change, got one that has none; "
        "grant the role of the function, in the account that defines it"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled").grant_use(iam.ServicePrincipal("lambda.amazonaws.com"))


def test_what_is_no_function_is_refused(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    message = (
        "Shop/Handled: function must be a function that this app defines, got str; make one with "
        "PythonFunction"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect("worker")  # type: ignore[arg-type]


@pytest.mark.parametrize("what", ["region", "account"])
def test_a_function_out_of_the_tables_reach_is_refused(make_app: MakeApp, what: str) -> None:
    app = make_app()
    here = {"region": "us-east-1", "account": "111122223333"}
    there = (
        here | {"region": "eu-west-1"} if what == "region" else here | {"account": "444455556666"}
    )
    table = IdempotencyTable(cdk.Stack(app, "Data", env=cdk.Environment(**here)), "Handled")
    function = plain_function(cdk.Stack(app, "Shop", env=cdk.Environment(**there)), "Plain")

    message = (
        f"Data/Handled: function must be in {what} {here[what]} as the table is, got a function in "
        f"{there[what]}; define an IdempotencyTable in its {what}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect(function)


def test_a_second_table_under_one_name_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)

    message = (
        "Shop/Second: function must have this table's name in IDEMPOTENCY_TABLE, got another value "
        "in Shop/Handler; protect it by one table, or choose another environment_variable"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Second").protect(handler)


def test_a_variable_that_is_changed_afterwards_is_refused_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)
    handler.add_environment("IDEMPOTENCY_TABLE", "another")

    message = (
        "Shop/Handled: function must have this table's name in IDEMPOTENCY_TABLE, got another "
        "value in Shop/Handler; protect it by one table, or choose another environment_variable"
    )
    with pytest.raises(RuntimeError) as raised:
        assertions.Template.from_stack(stack)
    assert message in str(raised.value)


@pytest.mark.parametrize("value", ["true", "1", "maybe"])
def test_a_function_whose_idempotency_is_disabled_is_refused(
    stack: cdk.Stack, entry: Path, value: str
) -> None:
    environment = {"POWERTOOLS_IDEMPOTENCY_DISABLED": value}
    function = PythonFunction(stack, "Handler", entry=entry, environment=environment)

    message = (
        "Shop/Handled: function must leave POWERTOOLS_IDEMPOTENCY_DISABLED off, got "
        f"{value!r} in Shop/Handler; remove it from the environment: it is for tests, which handle "
        "an event twice"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled").protect(function)


def test_idempotency_that_is_disabled_afterwards_is_refused_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)
    handler.add_environment("POWERTOOLS_IDEMPOTENCY_DISABLED", "yes")

    message = (
        "Shop/Handled: function must leave POWERTOOLS_IDEMPOTENCY_DISABLED off, got 'yes' in "
        "Shop/Handler; remove it from the environment: it is for tests, which handle an event twice"
    )
    with pytest.raises(RuntimeError) as raised:
        assertions.Template.from_stack(stack)
    assert message in str(raised.value)


def test_a_variable_that_lambda_would_refuse_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    message = (
        "Shop/Handler: environment must leave alone the names that Lambda sets itself, got "
        "'AWS_REGION'; choose another name"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect(handler, environment_variable="AWS_REGION")

    message = (
        "Shop/Handler: environment_variable must be a str, got 1; for example 'IDEMPOTENCY_TABLE'"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect(handler, environment_variable=1)  # type: ignore[arg-type]
