"""A REST API whose functions stand in nested stacks, which a body of its own stack refers to."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from serverless_patterns import PythonFunction
from serverless_patterns._nesting import UnitScopes
from serverless_patterns._rest_api import RestApiDoor
from serverless_patterns._units import Access, Target, Unit, UnitRoute
from serverless_patterns.endpoints import Settings

OPEN = Access(public="A test application")

app = cdk.App()
done = cdk.Acknowledgment(
    id="Annotation::serverless-patterns:rest-api-log-role", reason="The emulator asks for no role"
)
cdk.Validations.of(app).acknowledge(done)
stack = cdk.Stack(app, "RestNested")
scope = Construct(stack, "Api")
units = [
    Unit("Books", (UnitRoute("GET", "/books/{id}", OPEN),)),
    Unit("Authors", (UnitRoute("GET", "/authors", OPEN), UnitRoute("POST", "/authors", OPEN))),
    Unit("Everything", is_catch_all=True),
]
scopes = UnitScopes(scope, "Units", nested=True, unit_resources=4)
targets = []
for unit in units:
    unit_scope = scopes.define(unit.id)
    function = PythonFunction(
        unit_scope,
        "Function",
        entry=Path(__file__).parent / "rest_service",
        environment={"WHO": unit.id},
    )
    targets.append(Target(unit, unit_scope, function))
settings = Settings(None, None, None, None, logs.RetentionDays.ONE_DAY)
RestApiDoor.check("RestNested/Api", OPEN, settings, units)
door = RestApiDoor(scope, "RestNested/Api", OPEN, settings, targets)
cdk.CfnOutput(stack, "Url", value=door.url)
app.synth()
