"""What the adapter would misread, skip or wait for in vain, and what makes no code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, WebAdapterFunction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAM = lambda_.InvokeMode.RESPONSE_STREAM
SECONDS = cdk.Duration.seconds
TOKEN = cdk.Aws.STACK_NAME

BROKEN_SETTINGS = [
    (
        {"port": 0},
        "port must be a whole number from 1 to 65,535, got 0; omit it to get 8080",
    ),
    (
        {"port": True},
        "port must be a whole number from 1 to 65,535, got True; omit it to get 8080",
    ),
    (
        {"readiness_port": 65536},
        "readiness_port must be a whole number from 1 to 65,535, got 65536; omit it to get port",
    ),
    (
        {"port": 9001},
        "port must not be the one where Lambda's Runtime API listens, got 9001; let the "
        "application listen where the variable PORT says, and omit it",
    ),
    (
        {"readiness_port": 3000},
        "readiness_port must not be the one where the extension of CloudWatch Lambda Insights "
        "listens, got 3000; let the application listen where the variable PORT says, and omit it",
    ),
    (
        {"readiness_path": "health"},
        "readiness_path must start with a slash and hold no query, fragment, space or character "
        "beyond ASCII, got 'health'; write '/health'",
    ),
    (
        {"readiness_path": "/health?deep=1"},
        "readiness_path must start with a slash and hold no query, fragment, space or character "
        "beyond ASCII, got '/health?deep=1'; mend it",
    ),
    (
        {"readiness_protocol": "https"},
        "readiness_protocol must be 'http' or 'tcp': the adapter takes anything else for http, "
        "got 'https'; omit it to get 'http'",
    ),
    (
        {"readiness_protocol": "tcp", "readiness_healthy_status": "200"},
        "readiness_healthy_status must be left out where readiness_protocol is 'tcp', which sees "
        "no status, got '200'; omit either",
    ),
    (
        {"readiness_protocol": "tcp", "port": 80},
        "port must not be 80 where readiness_protocol is 'tcp': the adapter finds no port in a URL "
        "with HTTP's own, got 80; listen on 8080, or omit readiness_protocol",
    ),
    (
        {"readiness_protocol": "tcp", "readiness_port": 80},
        "readiness_port must not be 80 where readiness_protocol is 'tcp': the adapter finds no "
        "port in a URL with HTTP's own, got 80; listen on 8080, or omit readiness_protocol",
    ),
    (
        {"readiness_healthy_status": "200 - 299"},
        "readiness_healthy_status must be status codes and ranges of them from 100 to 599, such as "
        "'200-399,404', got '200 - 299'; mend '200 - 299', which the adapter would skip",
    ),
    (
        {"readiness_healthy_status": "200,,404"},
        "readiness_healthy_status must be status codes and ranges of them from 100 to 599, such as "
        "'200-399,404', got '200,,404'; mend '', which the adapter would skip",
    ),
    (
        {"readiness_healthy_status": "399-200"},
        "readiness_healthy_status must be status codes and ranges of them from 100 to 599, such as "
        "'200-399,404', got '399-200'; mend '399-200', which the adapter would skip",
    ),
    (
        {"readiness_healthy_status": 200},
        "readiness_healthy_status must be a str, got 200; for example '200-399,404'",
    ),
    (
        {"readiness_timeout": 5},
        "readiness_timeout must be a Duration, got 5; for example cdk.Duration.seconds(30)",
    ),
    (
        {"readiness_timeout": SECONDS(0)},
        "readiness_timeout must be whole seconds from 1 to 900, got 0 s; for example "
        "cdk.Duration.seconds(30)",
    ),
    (
        {"remove_base_path": "/v1/"},
        "remove_base_path must end without a slash, which the path that is left must start with, "
        "got '/v1/'; write '/v1'",
    ),
    (
        {"remove_base_path": "/"},
        "remove_base_path must end without a slash, which the path that is left must start with, "
        "got '/'; omit it",
    ),
    (
        {"remove_base_path": "v1"},
        "remove_base_path must start with a slash and hold no query, fragment, space or character "
        "beyond ASCII, got 'v1'; write '/v1'",
    ),
    (
        {"invoke_mode": "response_stream"},
        "invoke_mode must be an InvokeMode, got 'response_stream'; for example "
        "lambda_.InvokeMode.RESPONSE_STREAM",
    ),
    (
        {"invoke_mode": STREAM, "enable_compression": True},
        "enable_compression must be left out where answers are streamed: the adapter compresses "
        "none of them, got True with InvokeMode.RESPONSE_STREAM; let the application compress, or "
        "omit either",
    ),
    (
        {"authorization_source": "X Token"},
        "authorization_source must be the name of a header other than Authorization, which it "
        "replaces, got 'X Token'; for example 'X-Authorization'",
    ),
    (
        {"authorization_source": "authorization"},
        "authorization_source must be the name of a header other than Authorization, which it "
        "replaces, got 'authorization'; for example 'X-Authorization'",
    ),
    (
        {"snapstart_before_checkpoint_path": "drain"},
        "snapstart_before_checkpoint_path must start with a slash and hold no query, fragment, "
        "space or character beyond ASCII, got 'drain'; write '/drain'",
    ),
    (
        {"snapstart_before_checkpoint_path": "/x", "snapstart_after_restore_path": "/x"},
        "snapstart_after_restore_path must differ from snapstart_before_checkpoint_path: both get "
        "an empty POST, got '/x'; give each a path of its own",
    ),
    (
        {"environment": {"PORT": "80"}},
        "environment must leave the adapter's variables to the keywords that write them, got "
        "'PORT'; use the keyword of that name; for_events() sets what events take",
    ),
    (
        {"environment": {"AWS_LWA_ERROR_STATUS_CODES": "500"}},
        "environment must leave the adapter's variables to the keywords that write them, got "
        "'AWS_LWA_ERROR_STATUS_CODES'; use the keyword of that name; for_events() sets what "
        "events take",
    ),
    (
        {"environment": {"READINESS_CHECK_PATH": "/"}},
        "environment must leave the adapter's variables to the keywords that write them, got "
        "'READINESS_CHECK_PATH'; use the keyword of that name; for_events() sets what events take",
    ),
    (
        {"environment": {"A": "x"}},
        "environment must have names of two or more letters, digits and underscores, a letter "
        "first, got 'A'; rename it",
    ),
    (
        {"timeout": SECONDS(901)},
        "timeout must be whole seconds from 1 to 900, got 901 s; split longer work, or run it in a "
        "container or a state machine",
    ),
    (
        {"snap_start": lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS},
        "snap_start must be left to a SnapStartAlias where the function is an image, got a value; "
        "omit it, and publish the function by one",
    ),
    (
        {"function_name": "a b"},
        "function_name must be 1 to 64 letters, digits, hyphens and underscores, got 'a b'; omit "
        "it to let CloudFormation make one",
    ),
]


@pytest.mark.parametrize(("settings", "message"), BROKEN_SETTINGS)
def test_what_can_not_be_told_is_refused(
    stack: cdk.Stack, image: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", image=image, **settings)

    assert str(refused.value) == f"Shop/Web: {message}"
    assert stack.node.children == []


def test_what_is_known_at_deployment_alone_is_not_guessed(stack: cdk.Stack, image: Path) -> None:
    parameter = cdk.CfnParameter(stack, "Port", type="Number")
    number = cast("int", parameter.value_as_number)
    web = WebAdapterFunction(
        stack,
        "Web",
        image=image,
        port=number,
        readiness_path=TOKEN,
        readiness_port=number,
        readiness_healthy_status=TOKEN,
        readiness_timeout=SECONDS(number),
        remove_base_path=TOKEN,
        authorization_source=TOKEN,
    )
    web.for_events(path=TOKEN, error_status_codes=TOKEN)

    said = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    for function in said.values():
        variables = function["Properties"]["Environment"]["Variables"]
        ports = [value for name, value in variables.items() if name.endswith("PORT")]
        assert ports == [{"Ref": "Port"}] * 3


BROKEN_SOURCES = [
    (
        {},
        "image must be given for an image, or entry for a zip, got neither; give the folder of the "
        "Dockerfile, or that of the sources with a command",
    ),
    (
        {"image": "x", "entry": "x"},
        "image must be given for an image, or entry for a zip, got both; give the folder of the "
        "Dockerfile, or that of the sources with a command",
    ),
    (
        {"image": 1},
        "image must be a folder with a Dockerfile, or a lambda_.EcrImageCode, got 1; for example "
        'lambda_.Code.from_ecr_image(repository, tag_or_digest="1.4.2")',
    ),
    (
        {"image": "x", "command": ["x"]},
        "command must be given for a zip alone, got one beside image; say it in the Dockerfile",
    ),
    (
        {"image": "x", "build": ["x"]},
        "build must be given for a zip alone, got one beside image; say it in the Dockerfile",
    ),
    (
        {"image": "x", "runtime": lambda_.Runtime.PYTHON_3_14},
        "runtime must be given for a zip alone, got one beside image; say it in the Dockerfile",
    ),
    (
        {"image": "x", "exclude": ["x"]},
        "exclude must be given for a zip alone, got one beside image; write a .dockerignore file",
    ),
    (
        {"entry": "x", "command": "python -m main"},
        "command must be a list of texts, got 'python -m main'; write ['python -m main']",
    ),
    (
        {"entry": "x"},
        "command must say what starts the application of a zip, got nothing; for example "
        '["python", "-m", "uvicorn", "main:app", "--port", "8080"]',
    ),
    (
        {"entry": "x", "command": []},
        "command must say what starts the application of a zip, got an empty list; for example "
        '["python", "-m", "uvicorn", "main:app", "--port", "8080"]',
    ),
    (
        {"entry": "nowhere", "command": ["x"]},
        "entry must be a folder with the application's sources, got nowhere, which does not exist; "
        "a path starts where the app is run: Path(__file__).parent makes it yours",
    ),
    (
        {"entry": "x", "command": ["x"], "runtime": "python3.14"},
        "runtime must be a Runtime, got 'python3.14'; for example lambda_.Runtime.NODEJS_24_X",
    ),
    (
        {"image": "x", "architecture": "arm64"},
        "architecture must be an Architecture, got 'arm64'; for example "
        "lambda_.Architecture.ARM_64",
    ),
    (
        {"image": "x", "architecture": lambda_.Architecture.custom("riscv")},
        "architecture must be one of arm64, x86_64, got riscv; omit it to get arm64",
    ),
    (
        {"image": "x"},
        "image must be a folder with a Dockerfile, got x, which is no folder; a path starts where "
        "the app is run: Path(__file__).parent makes it yours",
    ),
]


@pytest.mark.parametrize(("sources", "message"), BROKEN_SOURCES)
def test_what_makes_no_code_is_refused(
    stack: cdk.Stack, sources: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", **sources)

    assert str(refused.value) == f"Shop/Web: {message}"


def test_a_script_that_the_library_writes_is_not_overwritten(
    stack: cdk.Stack, sources: Path
) -> None:
    (sources / "run.sh").write_text("#!/bin/sh\n")
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", entry=sources, command=["x"])

    assert str(refused.value) == (
        "Shop/Web: entry must leave the name run.sh to the script that is made of command, got "
        f"{sources}/run.sh; say in command what it starts, and remove it"
    )


@pytest.mark.parametrize(
    ("build", "got", "remedy"),
    [
        (
            ["sh", "-c", "echo one; echo two >&2; exit 3"],
            "exit status 3 of sh -c 'echo one; echo two >&2; exit 3': one / two",
            "run it there by hand",
        ),
        (
            ["no-such-tool"],
            "[Errno 2] No such file or directory: 'no-such-tool'",
            "install it, or mend its name",
        ),
    ],
)
def test_a_build_that_fails_says_its_last_lines(
    make_app: Callable[..., cdk.App], sources: Path, build: list[str], got: str, remedy: str
) -> None:
    stack = cdk.Stack(make_app(bundle=True), "Shop")
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(
            stack,
            "Web",
            entry=sources,
            command=["x"],
            build=build,
            runtime=lambda_.Runtime.NODEJS_24_X,
        )

    said = f"Shop/Web: build must succeed in a copy of entry, got {got}; {remedy}"
    assert str(refused.value) == said


def test_what_exceeds_a_zip_is_refused(
    make_app: Callable[..., cdk.App], sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serverless_patterns._quotas.LAMBDA_UNZIPPED_BYTES", 1)
    stack = cdk.Stack(make_app(bundle=True), "Shop")
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(
            stack, "Web", entry=sources, command=["x"], runtime=lambda_.Runtime.NODEJS_24_X
        )

    assert str(refused.value) == (
        "Shop/Web: entry must make an asset of at most 0 MB, got 0 MB; exclude what isn't needed "
        "to run, or give an image"
    )


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "me-south-1"])
def test_where_no_layer_is_released_one_must_be_given(
    make_app: Callable[..., cdk.App], sources: Path, region: str
) -> None:
    stack = cdk.Stack(make_app(), "Shop", env=cdk.Environment(region=region))
    with pytest.raises(PatternError) as refused:
        WebAdapterFunction(stack, "Web", entry=sources, command=["x"])

    assert str(refused.value) == (
        "Shop/Web: layer must be given in a region for which AWS releases no layer of the adapter, "
        f"got none in {region}; publish one there and give it, or give an image"
    )
    arn = f"arn:aws:lambda:{region}:123456789012:layer:Own:1"
    own = lambda_.LayerVersion.from_layer_version_arn(stack, "Own", arn)
    WebAdapterFunction(stack, "Web", entry=sources, command=["x"], layer=own)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"path": "events"},
            "path must start with a slash and hold no query, fragment, space or character beyond "
            "ASCII, got 'events'; write '/events'",
        ),
        (
            {"path": "/drain"},
            "path must differ from snapstart_before_checkpoint_path, where only the adapter itself "
            "may ask, got '/drain'; give events a path of their own",
        ),
        (
            {"error_status_codes": "500,x"},
            "error_status_codes must be status codes and ranges of them from 100 to 599, such as "
            "'200-399,404', got '500,x'; mend 'x', which the adapter would skip",
        ),
        (
            {"error_status_codes": "500-504"},
            "error_status_codes must hold 500 to 599: an event that is answered with another "
            "status counts as handled, got '500-504'; omit it to get '300-599', or add '500-599'",
        ),
        (
            {"timeout": 5},
            "timeout must be a Duration, got 5; for example cdk.Duration.minutes(5)",
        ),
        (
            {"environment": {"AWS_LWA_PORT": "80"}},
            "environment must leave the adapter's variables to the keywords that write them, got "
            "'AWS_LWA_PORT'; use the keyword of that name; for_events() sets what events take",
        ),
        (
            {"memory_size": 1},
            "memory_size must be a whole number of MB from 128 to 10240, got 1; omit it to get "
            "1024",
        ),
        (
            {"id": "-"},
            "id must hold a letter or a digit, because logical ids are made of them, got '-'; name "
            "the construct after its role, in PascalCase",
        ),
    ],
)
def test_a_sibling_that_would_lose_events_is_refused(
    stack: cdk.Stack, image: Path, options: dict[str, Any], message: str
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image, snapstart_before_checkpoint_path="/drain")
    with pytest.raises(PatternError) as refused:
        web.for_events(**options)

    assert str(refused.value) == f"Shop/Web/{options.get('id', 'Events')}: {message}"


def test_a_function_has_one_sibling_of_a_name(stack: cdk.Stack, image: Path) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    web.for_events()
    web.for_events(id="Slow", path="/slow")
    with pytest.raises(PatternError) as refused:
        web.for_events()

    assert str(refused.value) == (
        "Shop/Web/Events: id must be unique in Shop/Web, got a second 'Events'; choose another id"
    )


def test_the_adapters_variables_can_not_be_added_later(stack: cdk.Stack, image: Path) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    for function in (web, web.for_events()):
        with pytest.raises(PatternError) as refused:
            function.add_environment("AWS_LWA_INVOKE_MODE", "response_stream")

        assert str(refused.value) == (
            f"{function.node.path}: environment must leave the adapter's variables to the keywords "
            "that write them, got 'AWS_LWA_INVOKE_MODE'; use the keyword of that name; "
            "for_events() sets what events take"
        )
