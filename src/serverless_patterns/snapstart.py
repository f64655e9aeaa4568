"""A function that starts from a snapshot, behind an alias."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns import _snapstart_rules as rules
from serverless_patterns._alias_metrics import MeasuredAlias
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._code_deploy import CodeDeployment
from serverless_patterns._errors import PatternError, check_type, new_path
from serverless_patterns._published import named_alike, provisioned
from serverless_patterns._release import Release
from serverless_patterns._snapstart_advice import advice
from serverless_patterns._versions import publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_codedeploy as codedeploy
    from aws_cdk import aws_iam as iam
    from constructs import Construct

_CDK_WARNING = "@aws-cdk/aws-lambda:snapStartRequirePublish"


class SnapStartAlias(MeasuredAlias):
    """A function that starts from a snapshot, and the alias that leads to it.

    Defines an alias and the version that it leads to, one for each change of the function, and
    turns SnapStart on: Lambda initializes the version once, when it is published, and each
    execution environment starts from a copy of that. There is none of ``$LATEST``, so give
    ``alias`` to whatever invokes the function: the patterns of this library refuse the function
    itself. With ``release`` a deployment group of CodeDeploy's moves the traffic to a new version.

    The handler owes that its copies differ where they must. What it makes before its first event
    is shared by all of them and may be hours old: random seeds, unique ids, temporary files,
    connections, credentials and the time. It makes them in the handler, or anew after a restore,
    within 10 seconds::

        from snapshot_restore_py import register_after_restore, register_before_snapshot

        register_before_snapshot(close_connections)  # any callable; Lambda's runtime has the module
        register_after_restore(seed_and_connect)

    In Java a ``Resource`` of ``org.crac`` does the same, registered with
    ``Core.getGlobalContext()``; ``examples/fast_start`` has both. An image owes a base of AWS's
    for Java, Python or .NET.

    Args:
        scope: The construct that the alias belongs to, in the stack of the function.
        id: The construct id.
        function: The function, in Java 11, Python 3.12 or .NET 8 or newer, as an asset or an
            image; SnapStart need not be asked for there. It may have no provisioned concurrency,
            file system or durable configuration, 512 MB of ephemeral storage, and not keep
            tenants apart.
        alias_name: The name of the alias.
        keep_versions: Whether a version stays when the next one has replaced it. It then costs
            what the one in use does until you delete it: AWS charges for the cache of each
            version's snapshot, in Python and .NET some 4 US dollars a month for 1 GB of memory.
            In a release the version before stays until all traffic has left it in any case.
        release: How traffic moves to a new version: a ``Release``. Default - at once, when
            CloudFormation changes the alias, without CodeDeploy.

    Attributes:
        alias: The alias, an ``lambda_.Alias``.
        version: The version that it leads to, an ``lambda_.Version``.
        deployment_group: The deployment group of CodeDeploy's; ``None`` without ``release``.

    Raises:
        PatternError: If SnapStart excludes the function, it is published already, or CodeDeploy
            would refuse the release.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        function: lambda_.IFunction,
        alias_name: str = "live",
        keep_versions: bool = False,
        release: Release | None = None,
    ) -> None:
        path = new_path(scope, id)
        defined = _defined(path, function)
        _check_place(path, scope, defined)
        _check_alias_name(path, alias_name)
        rules.check_snap_start(path, defined)
        check_type(path, "keep_versions", keep_versions, bool, "keep_versions=True")
        check_type(path, "release", release, Release, "Release.canary()")
        if release is not None:
            release.check(path, scope, defined)
        version = publish(path, defined, keep=keep_versions)
        super().__init__(scope, id)
        self.version = version
        self._function = defined
        _turn_on(defined)
        self.alias = lambda_.Alias(self, "Alias", alias_name=alias_name, version=version)
        rules.claim(defined, path)
        self._deployment = (
            CodeDeployment(self, "Release", release=release, alias=self.alias) if release else None
        )
        check_at_synthesis(self, self._broken_rules)
        cdk.Annotations.of(defined).acknowledge_warning(
            _CDK_WARNING, f"{path} publishes its versions"
        )
        for name, text in advice(defined).items():
            cdk.Annotations.of(self).add_warning_v2(
                f"serverless-patterns:{name}", f"{path}: {text}"
            )

    @property
    def deployment_group(self) -> codedeploy.LambdaDeploymentGroup | None:
        """The deployment group of CodeDeploy's; ``None`` without ``release``."""
        return self._deployment.group if self._deployment else None

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` to invoke the function through the alias.

        Args:
            grantee: Who invokes it.
        """
        return self.alias.grant_invoke(grantee)

    def _broken_rules(self) -> Iterator[PatternError]:
        """What was made of the function, its versions and the hooks since."""
        path = self.node.path
        yield from rules.excluded(path, self._function)
        yield from provisioned(path, self._function, self.node.root)
        yield from named_alike(path, self._function, self.alias)
        if self._deployment:
            yield from self._deployment.broken_rules()


def _defined(path: str, function: lambda_.IFunction) -> lambda_.Function:
    """The function itself, whose versions can be published here."""
    if isinstance(function, lambda_.Function):
        return function
    remedy = "define it in this app: what publishes a version defines the function too"
    if isinstance(function, type):
        got, remedy = f"the class {function.__name__}", "make one with PythonFunction"
    elif isinstance(function, lambda_.Alias | lambda_.Version):
        kind = "an alias" if isinstance(function, lambda_.Alias) else "a version"
        got, remedy = f"{function.node.path}, {kind}", "give the function itself"
    elif not hasattr(function, "add_permission"):
        got, remedy = type(function).__name__, "make one with PythonFunction"
    elif function.node.id == "$LATEST":
        got, remedy = "$LATEST, of which there is no snapshot", "give the function itself"
    else:
        got = f"{function.node.path}, which is imported"
    raise PatternError(
        path, "function", rule="be a function that this app defines", got=got, remedy=remedy
    )


def _check_place(path: str, scope: Construct, function: lambda_.Function) -> None:
    here, there = cdk.Stack.of(scope), cdk.Stack.of(function)
    if here is not there:
        raise PatternError(
            path,
            "function",
            rule=f"be defined in {here.node.path}, the stack of its alias: another stack would "
            "delete the version while the alias still leads to it",
            got=f"a function in {there.node.path}",
            remedy="define the alias beside it, and give that to other stacks",
        )
    other = rules.alias_of(function)
    if other:
        raise PatternError(
            path,
            "function",
            rule="have one SnapStartAlias",
            got=f"a second one beside {other}",
            remedy="give the alias of the first to whatever invokes it",
        )


def _check_alias_name(path: str, name: object) -> None:
    if cdk.Token.is_unresolved(name):
        return
    if not isinstance(name, str) or not re.fullmatch(_quotas.LAMBDA_ALIAS_NAME, name):
        raise PatternError(
            path,
            "alias_name",
            rule="be 1 to 128 letters, digits, hyphens and underscores, and no number",
            got=repr(name),
            remedy="omit it to get 'live'",
        )


def _turn_on(function: lambda_.Function) -> None:
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    resource.snap_start = lambda_.CfnFunction.SnapStartProperty(apply_on="PublishedVersions")
