"""The context keys through which a deployment or a plan changes what an app defines."""

CONTEXT_ARCHITECTURE = "serverless-patterns:architecture"
CONTEXT_PLATFORM = "serverless-patterns:python-platform"
CONTEXT_PYTHON_VERSION = "serverless-patterns:python-version"

CONTEXT_GRANULARITY = "serverless-patterns:granularity"
"""Cuts every ModularApi of an app otherwise than it says: how a plan sees each cut."""
CONTEXT_PLAN = "serverless-patterns:plan"
"""Has every ModularApi tell its units in the assembly's metadata."""
