"""The application as a Lambda handler, by Mangum."""

from mangum import Mangum

from application import app

handler = Mangum(app, lifespan="off")
