"""The bookstore, closed: IAM authorizes every request."""

import aws_cdk as cdk

from examples.bookstore.stacks import BookstoreStack

app = cdk.App()
BookstoreStack(app, "Closed", public=None)
app.synth()
