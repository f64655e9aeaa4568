"""Every example's stacks, as one CDK app that cdk-nag checks at synthesis."""

import aws_cdk as cdk
import cdk_nag

from examples.bookstore.stacks import BookstoreStack

app = cdk.App()
cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app), cdk_nag.ServerlessChecks(app))
BookstoreStack(app, "Bookstore", description="A bookstore as one monolithic function")
app.synth()
