from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from serverless_patterns import ParametersExtension, PatternError, PythonFunction
from tests.extensions import imported_layers, layer_arn, layers_of, plain_function, variables_of
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

NAME = "AWS-Parameters-and-Secrets-Lambda-Extension"
SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"  # no secret itself


@pytest.fixture
def parameter(stack: cdk.Stack) -> ssm.IStringParameter:
    return ssm.StringParameter(stack, "Parameter", string_value="blue")


@pytest.fixture
def secret(stack: cdk.Stack) -> secretsmanager.Secret:
    return secretsmanager.Secret(stack, "Secret")


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    return [
        statement
        for policy in policies.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def refusal(stack: cdk.Stack, **options: Any) -> str:
    with pytest.raises(PatternError) as refused:
        ParametersExtension(stack, "Values", **options)
    return str(refused.value)


@pytest.mark.parametrize(
    ("architecture", "part"),
    [(lambda_.Architecture.ARM_64, "arm64"), (lambda_.Architecture.X86_64, "x86")],
)
def test_the_newest_layer_for_the_functions_architecture_is_looked_up_at_deployment(
    stack: cdk.Stack,
    parameter: ssm.IStringParameter,
    architecture: lambda_.Architecture,
    part: str,
) -> None:
    function = plain_function(stack, "Reader", architecture=architecture)
    ParametersExtension(stack, "Values", parameters=[parameter]).attach(function)

    assert layers_of(stack) == [
        f"/aws/service/aws-parameters-and-secrets-lambda-extension/{part}/latest"
    ]


def test_the_extension_keeps_values_and_does_not_wait_without_end(
    stack: cdk.Stack, handler: PythonFunction, parameter: ssm.IStringParameter
) -> None:
    ParametersExtension(stack, "Values", parameters=[parameter]).attach(handler)

    assert variables_of(stack) == {
        "PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE": "1000",
        "PARAMETERS_SECRETS_EXTENSION_MAX_CONNECTIONS": "3",
        "SECRETS_MANAGER_TIMEOUT_MILLIS": "3000",
        "SECRETS_MANAGER_TTL": "300",
        "SSM_PARAMETER_STORE_TIMEOUT_MILLIS": "3000",
        "SSM_PARAMETER_STORE_TTL": "300",
    }


def test_the_extension_is_set_as_it_was_asked_for(
    stack: cdk.Stack, handler: PythonFunction, secret: secretsmanager.Secret
) -> None:
    ParametersExtension(
        stack,
        "Values",
        secrets=[secret],
        ttl=cdk.Duration.seconds(0),
        cache_size=0,
        max_connections=10,
        timeout=cdk.Duration.millis(500),
    ).attach(handler)

    assert variables_of(stack) == {
        "PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE": "0",
        "PARAMETERS_SECRETS_EXTENSION_MAX_CONNECTIONS": "10",
        "SECRETS_MANAGER_TIMEOUT_MILLIS": "500",
        "SECRETS_MANAGER_TTL": "0",
        "SSM_PARAMETER_STORE_TIMEOUT_MILLIS": "500",
        "SSM_PARAMETER_STORE_TTL": "0",
    }


def test_a_function_may_read_these_and_no_others(
    stack: cdk.Stack,
    handler: PythonFunction,
    parameter: ssm.IStringParameter,
    secret: secretsmanager.Secret,
) -> None:
    ssm.StringParameter(stack, "Other", string_value="red")
    values = ParametersExtension(stack, "Values", parameters=[parameter], secrets=[secret])

    assert values.attach(handler).success

    assert statements(stack) == [
        {
            "Action": "ssm:GetParameter",
            "Effect": "Allow",
            "Resource": stack.resolve(parameter.parameter_arn),
        },
        {
            "Action": "secretsmanager:GetSecretValue",
            "Effect": "Allow",
            "Resource": stack.resolve(secret.secret_arn),
        },
    ]


def decrypts(stack: cdk.Stack) -> list[tuple[Any, Any]]:
    """What may be decrypted, and by way of which service."""
    return [
        (each["Resource"], each["Condition"]["StringEquals"]["kms:ViaService"])
        for each in statements(stack)
        if each["Action"] == "kms:Decrypt"
    ]


def test_the_key_of_a_secret_decrypts_it_and_nothing_else(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    key = kms.Key(stack, "Key")
    secret = secretsmanager.Secret(stack, "Secret", encryption_key=key)
    ParametersExtension(stack, "Values", secrets=[secret]).attach(handler)

    service = stack.resolve(f"secretsmanager.{cdk.Aws.REGION}.amazonaws.com")
    assert decrypts(stack) == [(stack.resolve(key.key_arn), service)]


def test_the_key_of_a_parameter_decrypts_it_and_nothing_else(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/1"
    secure = ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, "Secure", parameter_name="/db/password"
    )
    ParametersExtension(
        stack,
        "Values",
        parameters=[secure],
        encryption_keys=[kms.Key.from_key_arn(stack, "Key", arn)],
    ).attach(handler)

    assert decrypts(stack) == [(arn, "ssm.us-east-1.amazonaws.com")]


def test_the_key_behind_an_alias_is_what_decrypts(
    stack: cdk.Stack, handler: PythonFunction, parameter: ssm.IStringParameter
) -> None:
    key = kms.Key(stack, "Key")
    alias = key.add_alias("alias/shop")
    secret = secretsmanager.Secret(stack, "Encrypted", encryption_key=alias)
    ParametersExtension(
        stack, "Values", parameters=[parameter], secrets=[secret], encryption_keys=[alias]
    ).attach(handler)

    assert [arn for arn, _ in decrypts(stack)] == [stack.resolve(key.key_arn)] * 2


def test_an_alias_that_is_known_by_name_is_refused(
    stack: cdk.Stack, parameter: ssm.IStringParameter
) -> None:
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/shop")

    assert refusal(stack, parameters=[parameter], encryption_keys=[alias]) == (
        "Shop/Values: encryption_keys must name keys by their ARNs, as a policy allows nothing by "
        "that of an alias, got the imported alias Shop/Alias; "
        "import the key by kms.Key.from_key_arn"
    )


def test_a_key_is_used_by_way_of_the_service_in_the_keys_own_region(make_app: MakeApp) -> None:
    app = make_app()
    here, there = (
        cdk.Stack(app, name, env=cdk.Environment(account="123456789012", region=region))
        for name, region in (("Here", "us-east-1"), ("There", "eu-west-1"))
    )
    value = ssm.StringParameter.from_string_parameter_name(there, "Value", "/a")
    key = kms.Key.from_key_arn(there, "Key", "arn:aws:kms:eu-west-1:123456789012:key/k")
    values = ParametersExtension(here, "Values", parameters=[value], encryption_keys=[key])
    values.attach(plain_function(there, "Reader"))

    assert decrypts(there) == [(key.key_arn, "ssm.eu-west-1.amazonaws.com")]


def test_how_long_and_how_many_may_be_known_to_the_deployment_alone(
    stack: cdk.Stack, handler: PythonFunction, parameter: ssm.IStringParameter
) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    ParametersExtension(
        stack,
        "Values",
        parameters=[parameter],
        ttl=cdk.Duration.seconds(number),
        timeout=cdk.Duration.millis(number),
        cache_size=cast("int", number),
        max_connections=cast("int", number),
    ).attach(handler)

    variables = variables_of(stack)
    assert len(variables) == 6
    assert all(each == {"Ref": "Number"} for each in variables.values())


def test_an_imported_secret_is_read_by_its_complete_arn(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Secret", SECRET_ARN)
    ParametersExtension(stack, "Values", secrets=[secret]).attach(handler)

    [statement] = statements(stack)
    assert statement["Resource"] == SECRET_ARN


def test_of_a_secret_that_is_known_by_name_the_end_of_the_arn_is_left_open(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "db")
    ParametersExtension(stack, "Values", secrets=[secret]).attach(handler)

    [statement] = statements(stack)
    assert statement["Resource"]["Fn::Join"][1][-1] == ":secret:db-??????"


def test_a_change_of_a_value_changes_no_function(make_app: MakeApp, entry: Path) -> None:
    def template(value: str) -> Any:
        stack = cdk.Stack(make_app(), "Shop")
        function = PythonFunction(stack, "Reader", entry=entry)
        parameter = ssm.StringParameter(stack, "Parameter", string_value=value)
        ParametersExtension(stack, "Values", parameters=[parameter]).attach(function)
        lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
        return assertions.Template.from_stack(stack).to_json()["Resources"]

    before, after = template("blue"), template("red")

    assert {*before} == {*after}
    changed = [after[name]["Type"] for name in after if after[name] != before[name]]
    assert changed == ["AWS::SSM::Parameter"]


def test_two_of_one_function_agree_and_add_up(
    stack: cdk.Stack,
    handler: PythonFunction,
    parameter: ssm.IStringParameter,
    secret: secretsmanager.Secret,
) -> None:
    ParametersExtension(stack, "One", parameters=[parameter]).attach(handler)
    ParametersExtension(stack, "Two", secrets=[secret]).attach(handler)

    assert [each["Action"] for each in statements(stack)] == [
        "ssm:GetParameter",
        "secretsmanager:GetSecretValue",
    ]
    assert len(layers_of(stack)) == 1


def test_two_of_one_function_that_disagree_are_refused(
    stack: cdk.Stack, handler: PythonFunction, parameter: ssm.IStringParameter
) -> None:
    ParametersExtension(stack, "One", parameters=[parameter]).attach(handler)
    two = ParametersExtension(stack, "Two", parameters=[parameter], ttl=cdk.Duration.seconds(10))

    told = (
        "Shop/Two: function must have 10 in SECRETS_MANAGER_TTL, got '300' in Shop/Handler; "
        "give all extensions of a function the same"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        two.attach(handler)


def test_a_function_with_cdks_own_layer_is_refused(
    stack: cdk.Stack, parameter: ssm.IStringParameter
) -> None:
    function = plain_function(stack, "Reader", layers=imported_layers(stack, layer_arn(NAME)))
    values = ParametersExtension(stack, "Values", parameters=[parameter])

    told = (
        f"Shop/Values: layer must be the only one of its extension, got another {NAME} on "
        "Shop/Reader; remove it from the function's layers, or give the same one everywhere"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        values.attach(function)


def test_an_alias_is_refused(
    stack: cdk.Stack, handler: PythonFunction, parameter: ssm.IStringParameter
) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    values = ParametersExtension(stack, "Values", parameters=[parameter])

    told = (
        "Shop/Values: function must be a function that this app defines, got an alias, whose "
        "layers and environment are published; attach the function that it leads to before "
        "publishing: its attribute lambda_"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        values.attach(alias)


def test_a_function_in_another_region_is_refused(make_app: MakeApp) -> None:
    app = make_app()
    here = cdk.Stack(app, "Here", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    secret = secretsmanager.Secret.from_secret_complete_arn(here, "Secret", SECRET_ARN)
    values = ParametersExtension(here, "Values", secrets=[secret])

    told = (
        "Here/Values: function must be in us-east-1 as Here/Secret is, got a function in "
        "eu-west-1; replicate it: the extension reads in the function's own region"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        values.attach(plain_function(here, "Reader"))


def test_who_is_defined_elsewhere_may_be_granted_to_read(
    stack: cdk.Stack, parameter: ssm.IStringParameter
) -> None:
    role = cdk.aws_iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/reader")

    assert ParametersExtension(stack, "Values", parameters=[parameter]).grant_read(role).success

    [statement] = statements(stack)
    assert statement["Action"] == "ssm:GetParameter"


def test_nothing_to_read_is_refused(stack: cdk.Stack) -> None:
    assert refusal(stack) == (
        "Shop/Values: parameters must be given, or secrets, got neither; "
        "give what functions are to read"
    )


def test_keys_without_parameters_are_refused(
    stack: cdk.Stack, secret: secretsmanager.Secret
) -> None:
    assert refusal(stack, secrets=[secret], encryption_keys=[kms.Key(stack, "Key")]) == (
        "Shop/Values: encryption_keys must be those of parameters, got keys without parameters; "
        "omit them: the keys of secrets are known"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"parameters": ["/db/host"]},
            "parameters must be constructs with a parameter_arn, got '/db/host'; "
            "import one by ssm.StringParameter.from_string_parameter_name",
        ),
        (
            {"secrets": [1]},
            "secrets must be constructs with a secret_arn, got int; "
            "import one by secretsmanager.Secret.from_secret_complete_arn",
        ),
        (
            {"encryption_keys": ["key"]},
            "encryption_keys must be constructs with a key_arn, got 'key'; "
            "import one by kms.Key.from_key_arn",
        ),
        (
            {"parameters": "/db/host"},
            "parameters must be a list, got '/db/host'; "
            "for example [ssm.StringParameter.from_string_parameter_name(...)]",
        ),
        (
            {"secrets": None},
            "secrets must be a list, got NoneType; "
            "for example [secretsmanager.Secret.from_secret_complete_arn(...)]",
        ),
        (
            {"parameters": [ssm.StringParameter]},
            "parameters must be constructs with a parameter_arn, got the class StringParameter; "
            "import one by ssm.StringParameter.from_string_parameter_name",
        ),
    ],
)
def test_what_can_not_be_read_is_refused(
    stack: cdk.Stack, options: dict[str, Any], message: str
) -> None:
    assert refusal(stack, **options) == f"Shop/Values: {message}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"ttl": cdk.Duration.seconds(301)},
            "ttl must be whole seconds from 0 to 300, got 301 s; omit it to get 300 s",
        ),
        (
            {"ttl": cdk.Duration.millis(1_500)},
            "ttl must be whole seconds from 0 to 300, got 1.5 s; omit it to get 300 s",
        ),
        ({"ttl": 300}, "ttl must be a Duration, got 300; for example cdk.Duration.seconds(300)"),
        (
            {"cache_size": 1_001},
            "cache_size must be a whole number from 0 to 1000, got 1001; omit it to get 1000",
        ),
        (
            {"cache_size": 5.0},
            "cache_size must be a whole number from 0 to 1000, got 5.0; omit it to get 1000",
        ),
        (
            {"cache_size": True},
            "cache_size must be a whole number from 0 to 1000, got True; omit it to get 1000",
        ),
        (
            {"max_connections": "3"},
            "max_connections must be a whole number from 1, got '3'; omit it to get 3",
        ),
        (
            {"max_connections": 3.0},
            "max_connections must be a whole number from 1, got 3.0; omit it to get 3",
        ),
        (
            {"timeout": cdk.Duration.millis(0.5)},
            "timeout must be whole milliseconds from 1, as 0 means to wait without end, "
            "got 0.5 ms; omit it to get 3 s",
        ),
        (
            {"max_connections": 0},
            "max_connections must be a whole number from 1, got 0; omit it to get 3",
        ),
        (
            {"timeout": cdk.Duration.seconds(0)},
            "timeout must be whole milliseconds from 1, as 0 means to wait without end, "
            "got 0 ms; omit it to get 3 s",
        ),
        (
            {"timeout": 3},
            "timeout must be a Duration, got 3; for example cdk.Duration.seconds(3)",
        ),
        (
            {"layer": "arn"},
            "layer must be a LayerVersion, got 'arn'; for example "
            "lambda_.LayerVersion.from_layer_version_arn(self, 'Layer', arn)",
        ),
    ],
)
def test_what_the_extension_does_not_take_is_refused(
    stack: cdk.Stack, parameter: ssm.IStringParameter, options: dict[str, Any], message: str
) -> None:
    assert refusal(stack, parameters=[parameter], **options) == f"Shop/Values: {message}"
