"""Both stacks, as an app of their own: only who deploys Java needs Maven.

``npx cdk synth -a "python -m examples.fast_start.app" PythonQuotes``
"""

import aws_cdk as cdk
import cdk_nag

from examples.fast_start.stacks import QuotesStack

app = cdk.App()
cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app), cdk_nag.ServerlessChecks(app))
QuotesStack(app, "PythonQuotes", language="python", description="Quotes by FastAPI")
QuotesStack(app, "JavaQuotes", language="java", description="Quotes by the AWS SDK for Java")
app.synth()
