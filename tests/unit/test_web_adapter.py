"""A web application as a function, from an image or a zip, and its sibling for events."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from serverless_patterns import SnapStartAlias, WebAdapterFunction

if TYPE_CHECKING:
    from collections.abc import Callable

MATCH = assertions.Match
PUBLISHED = "@aws-cdk/aws-lambda:snapStartRequirePublish"


def functions_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The properties of each function by its variables' path for events, or ``web``."""
    found = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    variables = "Environment", "Variables"
    return {
        each["Properties"][variables[0]][variables[1]].get("AWS_LWA_PASS_THROUGH_PATH", "web"): (
            each["Properties"]
        )
        for each in found.values()
    }


def asset_of(app: cdk.App, file: str) -> Path:
    """The folder of the one asset that holds ``file``."""
    [found] = [each.parent for each in Path(app.outdir).glob(f"asset.*/{file}")]
    return found


def test_an_image_becomes_a_function_without_docker(stack: cdk.Stack, image: Path) -> None:
    WebAdapterFunction(stack, "Web", image=image)

    web = functions_of(stack)["web"]
    assert web["PackageType"] == "Image"
    assert web["Architectures"] == ["arm64"]
    assert web["Environment"]["Variables"] == {
        "AWS_LWA_PORT": "8080",
        "AWS_LWA_READINESS_CHECK_PATH": "/",
        "PORT": "8080",
    }
    assert {"Handler", "Layers", "Runtime"}.isdisjoint(web)


@pytest.mark.parametrize(
    ("architecture", "platform"),
    [
        (None, "linux/arm64"),
        (lambda_.Architecture.ARM_64, "linux/arm64"),
        (lambda_.Architecture.X86_64, "linux/amd64"),
    ],
)
def test_an_image_is_built_for_the_function_that_it_runs_as(
    stack: cdk.Stack, image: Path, architecture: lambda_.Architecture | None, platform: str
) -> None:
    WebAdapterFunction(stack, "Web", image=image, architecture=architecture)

    assert [each["source"]["platform"] for each in image_assets(stack)] == [platform]


def test_version_control_and_what_the_dockerignore_names_is_not_sent_to_the_build(
    stack: cdk.Stack, image: Path
) -> None:
    for name in (".git/config", "node_modules/a.js", "main.py"):
        (image / name).parent.mkdir(exist_ok=True)
        (image / name).write_text("")
    (image / ".dockerignore").write_text("node_modules\nDockerfile\n")
    WebAdapterFunction(stack, "Web", image=image)

    [asset] = image_assets(stack)
    sent = Path(cdk.App.of(stack).outdir) / asset["source"]["directory"]  # type: ignore[union-attr]
    assert names_in(sent) == [".dockerignore", "Dockerfile", "main.py"]


def test_an_image_in_a_registry_is_taken_as_it_is(stack: cdk.Stack) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Shelf", "shelf")
    code = lambda_.EcrImageCode(repository, tag_or_digest="1.4.2")
    WebAdapterFunction(stack, "Web", image=code)

    uri = json.dumps(functions_of(stack)["web"]["Code"]["ImageUri"])
    assert uri.endswith('"/shelf:1.4.2"]]}')
    assert image_assets(stack) == []


def test_a_zip_starts_by_the_adapters_layer_in_any_region(stack: cdk.Stack, sources: Path) -> None:
    WebAdapterFunction(stack, "Web", entry=sources, command=["python", "-m", "main"])

    web = functions_of(stack)["web"]
    assert (web["Handler"], web["Runtime"]) == ("run.sh", "python3.14")
    assert web["Environment"]["Variables"]["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
    [layer] = web["Layers"]
    assert layer == {
        "Fn::Join": [
            "",
            [
                "arn:",
                {"Ref": "AWS::Partition"},
                ":lambda:",
                {"Ref": "AWS::Region"},
                ":753240598075:layer:LambdaAdapterLayerArm64:30",
            ],
        ]
    }


def test_on_x86_it_is_another_layer(stack: cdk.Stack, sources: Path) -> None:
    x86 = lambda_.Architecture.X86_64
    WebAdapterFunction(stack, "Web", entry=sources, command=["x"], architecture=x86)

    assert "LambdaAdapterLayerX86:30" in json.dumps(functions_of(stack)["web"]["Layers"])


def test_a_layer_of_ones_own_takes_the_place_of_the_adapters(
    stack: cdk.Stack, sources: Path
) -> None:
    arns = [f"arn:aws:lambda:cn-north-1:123456789012:layer:{name}:1" for name in ("Own", "Other")]
    own, other = (
        lambda_.LayerVersion.from_layer_version_arn(stack, arn[-8:-2], arn) for arn in arns
    )
    WebAdapterFunction(stack, "Web", entry=sources, command=["x"], layer=own, layers=[other])

    assert sorted(functions_of(stack)["web"]["Layers"]) == sorted(arns)


def test_a_zip_holds_the_sources_and_a_script_that_starts_them(
    make_app: Callable[..., cdk.App], sources: Path
) -> None:
    (sources / ".env").write_text("SECRET=1")
    app = make_app(bundle=True)
    WebAdapterFunction(
        cdk.Stack(app, "Shop"), "Web", entry=sources, command=["python", "-m", "main", "a b"]
    )

    folder = asset_of(app, "run.sh")
    assert names_in(folder) == ["main.py", "run.sh"]
    assert stat.S_IMODE((folder / "run.sh").stat().st_mode) == 0o755
    assert (folder / "run.sh").read_bytes() == (
        b"#!/bin/sh\n"
        b'cd "$LAMBDA_TASK_ROOT" || exit\n'
        b'PATH="$LAMBDA_TASK_ROOT/bin:$PATH"\n'
        b'PYTHONPATH="$LAMBDA_TASK_ROOT:/opt/python:$LAMBDA_RUNTIME_DIR"\n'
        b"export PATH PYTHONPATH\n"
        b"exec python -m main 'a b'\n"
    )


def test_a_runtime_without_a_language_starts_the_script_itself(
    make_app: Callable[..., cdk.App], sources: Path
) -> None:
    app = make_app(bundle=True)
    stack = cdk.Stack(app, "Shop")
    runtime = lambda_.Runtime.PROVIDED_AL2023
    WebAdapterFunction(stack, "Web", entry=sources, command=["./server"], runtime=runtime)

    web = functions_of(stack)["web"]
    assert web["Handler"] == "bootstrap"
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in web["Environment"]["Variables"]
    assert asset_of(app, "bootstrap").joinpath("bootstrap").read_text().endswith("exec ./server\n")


def test_what_a_build_leaves_is_the_zip_and_the_sources_stay(
    make_app: Callable[..., cdk.App], sources: Path
) -> None:
    (sources / "node_modules").mkdir()
    (sources / "node_modules" / "old.js").write_text("")
    app = make_app(bundle=True)
    WebAdapterFunction(
        cdk.Stack(app, "Shop"),
        "Web",
        entry=sources,
        command=["node", "main.js"],
        build=["sh", "-c", "mkdir node_modules && echo new > node_modules/new.js && rm main.py"],
        runtime=lambda_.Runtime.NODEJS_24_X,
    )

    folder = asset_of(app, "run.sh")
    files = sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())
    assert files == ["node_modules/new.js", "run.sh"]
    assert names_in(sources) == ["main.py", "node_modules"]


def test_what_a_build_leaves_is_bundled_as_python(
    make_app: Callable[..., cdk.App], sources: Path
) -> None:
    app = make_app(bundle=True)
    WebAdapterFunction(
        cdk.Stack(app, "Shop"),
        "Web",
        entry=sources,
        command=["python", "-m", "main"],
        build=["sh", "-c", "mkdir node_modules && echo new > node_modules/new.js"],
    )

    assert names_in(asset_of(app, "run.sh")) == ["main.py", "node_modules", "run.sh"]


def test_a_build_runs_once_for_equal_sources_and_again_for_others(
    make_app: Callable[..., cdk.App], sources: Path, tmp_path: Path
) -> None:
    count = tmp_path / "count"

    def build(command: str) -> None:
        WebAdapterFunction(
            cdk.Stack(make_app(bundle=True), "Shop"),
            "Web",
            entry=sources,
            command=[command],
            build=["sh", "-c", f"echo x >> {count}"],
            runtime=lambda_.Runtime.NODEJS_24_X,
        )

    build("node")
    build("node")
    assert count.read_text().count("x") == 1
    (sources / "main.py").write_text("app = 1\n")
    build("node")
    build("other")
    assert count.read_text().count("x") == 3


def test_a_stack_that_is_skipped_builds_nothing(stack: cdk.Stack, sources: Path) -> None:
    WebAdapterFunction(stack, "Web", entry=sources, command=["x"], build=["false"])

    assert functions_of(stack)["web"]["Handler"] == "run.sh"


def test_a_command_may_be_the_script_of_a_wheel(
    make_app: Callable[..., cdk.App], sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(_: object, folder: Path) -> None:
        info = folder / "serve-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: serve\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[console_scripts]\nserve = serve.cli:main\n")

    monkeypatch.setattr("serverless_patterns._wheels.Wheels._install_into", install)
    (sources / "requirements.txt").write_text("serve==1.0\n")
    app = make_app(bundle=True)
    WebAdapterFunction(cdk.Stack(app, "Shop"), "Web", entry=sources, command=["serve", "main:app"])

    script = asset_of(app, "run.sh") / "bin" / "serve"
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
    assert script.read_text() == (
        "#!/usr/bin/env python3\nimport sys\n\nfrom serve.cli import main\n\nsys.exit(main())\n"
    )


def test_every_setting_is_told_in_the_adapters_terms(stack: cdk.Stack, image: Path) -> None:
    web = WebAdapterFunction(
        stack,
        "Web",
        image=image,
        port=7000,
        readiness_path="/ready",
        readiness_port=7001,
        readiness_healthy_status="200-399,404",
        readiness_timeout=cdk.Duration.seconds(30),
        async_init=True,
        remove_base_path="/v1",
        enable_compression=True,
        authorization_source="X-Authorization",
        snapstart_before_checkpoint_path="/drain",
        snapstart_after_restore_path="/connect",
        environment={"COLOUR": "blue", "AWS_LWA_POOL_IDLE_TIMEOUT_SECONDS": "0"},
    )
    SnapStartAlias(stack, "Live", function=web)

    assert functions_of(stack)["web"]["Environment"]["Variables"] == {
        "AWS_LWA_ASYNC_INIT": "true",
        "AWS_LWA_AUTHORIZATION_SOURCE": "X-Authorization",
        "AWS_LWA_ENABLE_COMPRESSION": "true",
        "AWS_LWA_POOL_IDLE_TIMEOUT_SECONDS": "0",
        "AWS_LWA_PORT": "7000",
        "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": "200-399,404",
        "AWS_LWA_READINESS_CHECK_PATH": "/ready",
        "AWS_LWA_READINESS_CHECK_PORT": "7001",
        "AWS_LWA_READINESS_CHECK_TIMEOUT_SECONDS": "30",
        "AWS_LWA_REMOVE_BASE_PATH": "/v1",
        "AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH": "/connect",
        "AWS_LWA_SNAPSTART_BEFORE_CHECKPOINT_PATH": "/drain",
        "COLOUR": "blue",
        "PORT": "7000",
    }


def test_a_stream_and_a_bare_connection_are_told_too(stack: cdk.Stack, image: Path) -> None:
    stream = lambda_.InvokeMode.RESPONSE_STREAM
    WebAdapterFunction(stack, "Web", image=image, invoke_mode=stream, readiness_protocol="tcp")

    said = functions_of(stack)["web"]["Environment"]["Variables"]
    assert said["AWS_LWA_INVOKE_MODE"] == "response_stream"
    assert said["AWS_LWA_READINESS_CHECK_PROTOCOL"] == "tcp"


def test_the_sibling_for_events_fails_where_the_application_does(
    stack: cdk.Stack, image: Path
) -> None:
    web = WebAdapterFunction(
        stack,
        "Web",
        image=image,
        port=7000,
        enable_compression=True,
        remove_base_path="/v1",
        authorization_source="X-Authorization",
        environment={"COLOUR": "blue", "AWS_LWA_POOL_IDLE_TIMEOUT_SECONDS": "0"},
    )
    web.add_environment("TABLE", "books")
    web.for_events(path="/queue", environment={"MODE": "events"})

    sibling = functions_of(stack)["/queue"]
    assert sibling["Code"] == functions_of(stack)["web"]["Code"]
    assert sibling["Environment"]["Variables"] == {
        "AWS_LWA_ERROR_STATUS_CODES": "300-599",
        "AWS_LWA_PASS_THROUGH_PATH": "/queue",
        "AWS_LWA_POOL_IDLE_TIMEOUT_SECONDS": "0",
        "AWS_LWA_PORT": "7000",
        "AWS_LWA_READINESS_CHECK_PATH": "/",
        "COLOUR": "blue",
        "MODE": "events",
        "PORT": "7000",
        "TABLE": "books",
    }


def test_the_sibling_of_a_function_that_streams_answers_at_once(
    stack: cdk.Stack, image: Path
) -> None:
    stream = lambda_.InvokeMode.RESPONSE_STREAM
    WebAdapterFunction(stack, "Web", image=image, invoke_mode=stream).for_events()

    variables = functions_of(stack)["/events"]["Environment"]["Variables"]
    assert "AWS_LWA_INVOKE_MODE" not in variables


def test_the_sibling_has_what_functions_share_and_a_role_of_its_own(
    stack: cdk.Stack, sources: Path
) -> None:
    letters = sqs.Queue(stack, "Letters")
    web = WebAdapterFunction(
        stack,
        "Web",
        entry=sources,
        command=["x"],
        memory_size=512,
        description="The shop",
        dead_letter_queue=letters,
        reserved_concurrent_executions=5,
        ephemeral_storage_size=cdk.Size.mebibytes(600),
    )
    events = web.for_events(timeout=cdk.Duration.minutes(5))

    sibling = functions_of(stack)["/events"]
    assert (sibling["MemorySize"], sibling["Timeout"]) == (512, 300)
    assert sibling["EphemeralStorage"] == {"Size": 600}
    assert sibling["Layers"] == functions_of(stack)["web"]["Layers"]
    only = {"Description", "DeadLetterConfig", "ReservedConcurrentExecutions"}
    assert only.isdisjoint(sibling)
    assert events.node.path == "Shop/Web/Events"
    assert events.role is not web.role


def test_a_function_with_snap_start_has_a_sibling_without(stack: cdk.Stack, sources: Path) -> None:
    web = WebAdapterFunction(
        stack,
        "Web",
        entry=sources,
        command=["x"],
        snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS,
    )
    cdk.Annotations.of(web).acknowledge_warning(PUBLISHED, "not what is tested")
    web.for_events()

    assert "SnapStart" not in functions_of(stack)["/events"]


def image_assets(stack: cdk.Stack) -> list[dict[str, Any]]:
    app = cdk.App.of(stack)
    assert isinstance(app, cdk.App)
    app.synth()
    manifest = json.loads((Path(app.outdir) / f"{stack.stack_name}.assets.json").read_text())
    return list(manifest["dockerImages"].values())


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())
