"""The local cloud: CDK apps deployed to an AWS emulator on this machine, without Docker."""

from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.deployment import Deployed, deploy
from serverless_patterns.local.server import LocalCloud

__all__ = ["Deployed", "LocalCloud", "LocalCloudError", "deploy"]
