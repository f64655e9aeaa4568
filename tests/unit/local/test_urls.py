from __future__ import annotations

import pytest

from serverless_patterns.local.urls import local_urls

HERE = "http://127.0.0.1:4566"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        (
            "https://3f2a.execute-api.us-east-1.amazonaws.com/",
            [f"{HERE}/_aws/execute-api/3f2a/", "http://3f2a.execute-api.localhost:4566/"],
        ),
        (
            "https://3f2a.execute-api.us-east-1.amazonaws.com",
            [f"{HERE}/_aws/execute-api/3f2a/", "http://3f2a.execute-api.localhost:4566/"],
        ),
        (
            "http://3f2a.execute-api.localhost:4566",
            [f"{HERE}/_aws/execute-api/3f2a/", "http://3f2a.execute-api.localhost:4566/"],
        ),
        (
            "https://3f2a.execute-api.cn-north-1.amazonaws.com.cn/prod/books",
            [
                f"{HERE}/_aws/execute-api/3f2a/prod/books",
                "http://3f2a.execute-api.localhost:4566/prod/books",
            ],
        ),
        (
            "https://abc123.lambda-url.eu-west-1.on.aws/",
            [
                f"{HERE}/_aws/lambda-url/abc123/",
                "http://abc123.lambda-url.eu-west-1.localhost:4566/",
            ],
        ),
        (
            "http://shop-alb-1a2b3c4d.us-east-1.elb.amazonaws.com/books",
            [f"{HERE}/_alb/shop-alb/books", "http://shop-alb.alb.localhost:4566/books"],
        ),
        (
            "shop-alb-1a2b3c4d.us-east-1.elb.amazonaws.com",
            [f"{HERE}/_alb/shop-alb/", "http://shop-alb.alb.localhost:4566/"],
        ),
        ("https://shop.example/", []),
        ("arn:aws:sqs:us-east-1:000000000000:queue", []),
    ],
)
def test_a_url_of_aws_becomes_one_of_this_machine(url: str, local: list[str]) -> None:
    assert local_urls(url, 4566) == local
