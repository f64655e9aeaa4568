"""Tests of CDK stacks: templates, snapshots, cdk-nag findings and local deployments.

The fixtures come with the pytest plugin that this package registers.
"""

from serverless_patterns.testing.findings import Finding, nag_findings
from serverless_patterns.testing.templates import cdk_context, stable_template

__all__ = ["Finding", "cdk_context", "nag_findings", "stable_template"]
