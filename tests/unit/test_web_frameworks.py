"""The stacks of the web frameworks: as images without Docker, and as zips."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from aws_cdk import assertions

from examples.web_frameworks.stacks import FRAMEWORKS, HERE, GreetingsStack
from serverless_patterns import PatternError
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

    MakeApp = Callable[..., cdk.App]

ZIPS = {
    "flask": ("run.sh", "python3.14"),
    "fastapi": ("run.sh", "python3.14"),
    "express": ("run.sh", "nodejs24.x"),
    "gin": ("bootstrap", "provided.al2023"),
    "spring_boot": ("run.sh", "java25"),
}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_is_an_image(make_app: MakeApp, framework: str) -> None:
    stack = GreetingsStack(make_app(), "Greetings", framework=framework)

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::Lambda::Function", {"PackageType": "Image", "Architectures": ["arm64"]}
    )
    template.has_resource_properties(
        "AWS::ApiGatewayV2::Route", {"RouteKey": "ANY /{proxy+}", "AuthorizationType": "NONE"}
    )


@pytest.mark.parametrize("framework", ZIPS)
def test_each_is_a_zip_where_lambda_has_its_language(make_app: MakeApp, framework: str) -> None:
    stack = GreetingsStack(make_app(), "Greetings", framework=framework, package="zip")

    handler, runtime = ZIPS[framework]
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function", {"Handler": handler, "Runtime": runtime}
    )


@pytest.mark.parametrize(
    ("framework", "reason"),
    [
        ("rails", "its gems are packages of Debian"),
        ("laravel", "Lambda has no runtime for PHP"),
    ],
)
def test_others_are_refused_as_a_zip(make_app: MakeApp, framework: str, reason: str) -> None:
    with pytest.raises(
        PatternError,
        match=exactly(f"Greetings: package must be 'image' for {framework}, got 'zip'; {reason}"),
    ):
        GreetingsStack(make_app(), "Greetings", framework=framework, package="zip")


def test_none_of_them_knows_about_lambda() -> None:
    sources = [
        file
        for framework in FRAMEWORKS.values()
        for file in framework.entry.rglob("*")
        if file.suffix in {".py", ".js", ".go", ".java", ".rb", ".php", ".properties", ".ru"}
    ]

    assert len(sources) > 20
    for file in sources:
        assert not re.search(r"lambda_|aws|lwa", file.read_text(), re.IGNORECASE), file


def test_locks_and_manifests_name_no_registry() -> None:
    names = ("requirements.txt", "package-lock.json", ".npmrc", "go.mod", "go.sum", "pom.xml")
    files = [file for name in names for file in HERE.glob(f"*/{name}")]

    assert len(files) == 7
    for file in files:
        text = file.read_text()
        assert not re.search(
            r"\"resolved\"|--index|registry\.|repository>|://[^/]*(pypi|npmjs)", text
        ), file


def test_the_page_and_the_style_are_the_same_in_each() -> None:
    for names in (("index.html", "index.html.erb", "index.blade.php"), ("style.css",)):
        files = [file for name in names for file in HERE.rglob(name) if "build" not in file.parts]

        assert len(files) == 7
        assert len({file.read_text() for file in files}) == 1
