from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sns as sns

from serverless_patterns import Endpoint, ProxyApi, PythonFunction
from tests.load_balancers import resources

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]


def test_metrics_count_the_answers_of_functions_and_of_the_load_balancer(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))
    api.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")))
    api.metric_client_error(period=cdk.Duration.minutes(1), label="Mistakes").create_alarm(
        stack, "Mistakes", threshold=1, evaluation_periods=1
    )
    api.metric_count().create_alarm(stack, "Busy", threshold=1, evaluation_periods=1)

    alarms = resources(stack, "AWS::CloudWatch::Alarm").values()
    measured = {}
    for alarm in alarms:
        properties = alarm["Properties"]
        if "Metrics" in properties:
            of_it = properties["Metrics"]
            expressions = tuple(each["Expression"] for each in of_it if "Expression" in each)
            measured[expressions] = {
                each["Id"]: (
                    each["MetricStat"]["Metric"]["MetricName"],
                    each["MetricStat"]["Stat"],
                    each["MetricStat"]["Period"],
                )
                for each in of_it
                if "MetricStat" in each
            }
    assert measured == {
        ("100 * errors / requests", "FILL(function5xx, 0) + FILL(balancer5xx, 0)"): {
            "function5xx": ("HTTPCode_Target_5XX_Count", "Sum", 60),
            "balancer5xx": ("HTTPCode_ELB_5XX_Count", "Sum", 60),
            "requests": ("RequestCount", "Sum", 60),
        },
        ("1000 * seconds",): {"seconds": ("TargetResponseTime", "p99", 60)},
        ("FILL(function4xx, 0) + FILL(balancer4xx, 0)",): {
            "function4xx": ("HTTPCode_Target_4XX_Count", "Sum", 60),
            "balancer4xx": ("HTTPCode_ELB_4XX_Count", "Sum", 60),
        },
    }
