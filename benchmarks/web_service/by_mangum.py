"""The application as a Lambda handler, by Mangum."""

from application import app
from mangum import Mangum

handler = Mangum(app, lifespan="off")
