"""AWS CDK constructs for serverless applications.

The public names are loaded when they are first used, so importing the package costs nothing
beyond ``aws_cdk``, which a CDK app imports anyway.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serverless_patterns._cut import Granularity
    from serverless_patterns._errors import PatternError
    from serverless_patterns._modular_units import UnitOptions
    from serverless_patterns._release import Release
    from serverless_patterns._web_service_compute import Compute
    from serverless_patterns.appconfig import AppConfigExtension
    from serverless_patterns.bundling import PythonCode
    from serverless_patterns.consumers import DynamoDbConsumer, KinesisConsumer
    from serverless_patterns.endpoints import Endpoint
    from serverless_patterns.function import PythonFunction
    from serverless_patterns.idempotency import IdempotencyTable
    from serverless_patterns.modular_api import ModularApi
    from serverless_patterns.parameters import ParametersExtension
    from serverless_patterns.poller import SqsPoller
    from serverless_patterns.provisioned import ProvisionedConcurrency
    from serverless_patterns.proxy_api import ProxyApi
    from serverless_patterns.route_api import Route, RouteApi
    from serverless_patterns.routes import RouteTable
    from serverless_patterns.snapstart import SnapStartAlias
    from serverless_patterns.triggers import EventBridgeTrigger, S3Trigger, SnsTrigger
    from serverless_patterns.web_adapter import WebAdapterFunction
    from serverless_patterns.web_service import WebService

__all__ = [
    "AppConfigExtension",
    "Compute",
    "DynamoDbConsumer",
    "Endpoint",
    "EventBridgeTrigger",
    "Granularity",
    "IdempotencyTable",
    "KinesisConsumer",
    "ModularApi",
    "ParametersExtension",
    "PatternError",
    "ProvisionedConcurrency",
    "ProxyApi",
    "PythonCode",
    "PythonFunction",
    "Release",
    "Route",
    "RouteApi",
    "RouteTable",
    "S3Trigger",
    "SnapStartAlias",
    "SnsTrigger",
    "SqsPoller",
    "UnitOptions",
    "WebAdapterFunction",
    "WebService",
]

_MODULES = {
    "AppConfigExtension": "appconfig",
    "Compute": "_web_service_compute",
    "DynamoDbConsumer": "consumers",
    "Endpoint": "endpoints",
    "EventBridgeTrigger": "triggers",
    "Granularity": "_cut",
    "IdempotencyTable": "idempotency",
    "KinesisConsumer": "consumers",
    "ModularApi": "modular_api",
    "ParametersExtension": "parameters",
    "PatternError": "_errors",
    "ProvisionedConcurrency": "provisioned",
    "ProxyApi": "proxy_api",
    "PythonCode": "bundling",
    "PythonFunction": "function",
    "Release": "_release",
    "Route": "route_api",
    "RouteApi": "route_api",
    "RouteTable": "routes",
    "S3Trigger": "triggers",
    "SnapStartAlias": "snapstart",
    "SnsTrigger": "triggers",
    "SqsPoller": "poller",
    "UnitOptions": "_modular_units",
    "WebAdapterFunction": "web_adapter",
    "WebService": "web_service",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
