"""The context keys through which a deployment says where functions will run."""

CONTEXT_ARCHITECTURE = "serverless-patterns:architecture"
CONTEXT_PLATFORM = "serverless-patterns:python-platform"
CONTEXT_PYTHON_VERSION = "serverless-patterns:python-version"
