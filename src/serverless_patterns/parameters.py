"""Parameters and secrets, read beside the handler and kept for a while."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import constructs
from aws_cdk import aws_iam as iam

from serverless_patterns import _extension_layer
from serverless_patterns import _parameters_rules as rules
from serverless_patterns._errors import new_path
from serverless_patterns._extension_layer import ExtensionLayer
from serverless_patterns._numbers import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_secretsmanager as secretsmanager
    from aws_cdk import aws_ssm as ssm

_LAYER = ExtensionLayer(
    "ParametersExtensionLayer",
    "AWS-Parameters-and-Secrets-Lambda-Extension",
    "/aws/service/aws-parameters-and-secrets-lambda-extension",
)
_TTL = cdk.Duration.seconds(300)
_TIMEOUT = cdk.Duration.seconds(3)


class ParametersExtension(constructs.Construct):
    """Parameters and secrets that running functions take up within their time to live.

    Defines nothing by itself. ``attach(function)`` gives a function AWS's Parameters and Secrets
    extension, which reads Parameter Store and Secrets Manager beside the handler, keeps what it
    read, and answers the handler on ``localhost:2773``; and it allows the function to read these
    parameters and secrets, and no others. A value that changes there changes no function and no
    published version: nothing starts cold.

    The handler owes three things:

    - To ask the extension while it handles an invocation, not while the module is imported: it
      doesn't answer before. By ``serverless_patterns.runtime.parameters``, or over HTTP with the
      session token of its environment.
    - The names of what it reads: set them in its environment.
    - To ask for a parameter that is a SecureString with decryption, and, when a secret that was
      rotated is refused, to try once more after ``ttl``.

    Args:
        scope: The construct that it belongs to.
        id: The construct id.
        parameters: Parameters of Parameter Store, of the function's own region and account.
        secrets: Secrets of Secrets Manager. Give an imported one by its complete ARN: of one that
            is known by name, the policy can't say how the ARN ends.
        encryption_keys: The keys of your own by which parameters are encrypted; their policies
            leave it to IAM who decrypts, as CDK's do. Those of secrets are known.
        ttl: How long a value is kept, 0 to 300 s. Default - 300 seconds, the extension's own.
        cache_size: How many values are kept at once, 0 to 1,000.
        max_connections: How many connections a function's environment holds to each service.
        timeout: How long the extension waits for either service. Default - 3 seconds; the
            extension's own is to wait without end.
        layer: The layer with the extension, to pin one. Default - the newest for the function's
            architecture and region, which CloudFormation looks up at deployment.

    Attributes:
        parameters: The parameters.
        secrets: The secrets.

    Raises:
        PatternError: If an argument is one that the extension would refuse or pass over.

    See:
        https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        parameters: Sequence[ssm.IParameter] = (),
        secrets: Sequence[secretsmanager.ISecret] = (),
        encryption_keys: Sequence[kms.IKey] = (),
        ttl: cdk.Duration | None = None,
        cache_size: int = 1_000,
        max_connections: int = 3,
        timeout: cdk.Duration | None = None,
        layer: lambda_.ILayerVersion | None = None,
    ) -> None:
        path = new_path(scope, id)
        rules.check_read(path, parameters, secrets, encryption_keys)
        rules.check_ttl(path, ttl)
        rules.check_timeout(path, timeout)
        rules.check_connections(path, cache_size, max_connections)
        _extension_layer.check_layer(path, layer)
        super().__init__(scope, id)
        self.parameters = [*parameters]
        self.secrets = [*secrets]
        self._encryption_keys = [*encryption_keys]
        self._keys = [
            ("ssm", key.env.region, rules.policy_arn(path, "encryption_keys", key))
            for key in encryption_keys
        ]
        self._keys += [
            ("secretsmanager", secret.env.region, rules.policy_arn(path, "secrets", key))
            for secret in secrets
            if (key := secret.encryption_key)
        ]
        self._layer = layer
        kept = rules.duration_text(path, "ttl", ttl or _TTL, "seconds")
        waits = rules.duration_text(path, "timeout", timeout or _TIMEOUT, "millis")
        self._variables = {
            "PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE": number_text(cache_size),
            "PARAMETERS_SECRETS_EXTENSION_MAX_CONNECTIONS": number_text(max_connections),
            "SECRETS_MANAGER_TIMEOUT_MILLIS": waits,
            "SECRETS_MANAGER_TTL": kept,
            "SSM_PARAMETER_STORE_TIMEOUT_MILLIS": waits,
            "SSM_PARAMETER_STORE_TTL": kept,
        }

    def attach(self, function: lambda_.IFunction) -> iam.Grant:
        """Let a function read the parameters and secrets through AWS's extension.

        Args:
            function: The function. Its aliases and versions read them with it.

        Returns:
            The grant to read them.

        Raises:
            PatternError: If the function can't load the extension, or its environment says
                otherwise.
        """
        path = self.node.path
        defined = _extension_layer.defined_function(path, function)
        rules.check_reachable(
            path, defined, [*self.parameters, *self.secrets, *self._encryption_keys]
        )
        _LAYER.check(path, defined, self._layer)
        _extension_layer.check_variables(
            path, defined, self._variables, remedy="give all extensions of a function the same"
        )
        _extension_layer.check_room(defined, self._variables)
        _LAYER.add(defined, self._layer)
        for variable, value in self._variables.items():
            defined.add_environment(variable, value)
        return self.grant_read(defined)

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` to read these parameters and secrets, and to decrypt them.

        Args:
            grantee: Who reads them without ``attach``, such as a function that is defined
                elsewhere.
        """
        grants = []
        if self.parameters:
            arns = [parameter.parameter_arn for parameter in self.parameters]
            grants.append(_allowed(grantee, "ssm:GetParameter", arns))
        if self.secrets:
            arns = [each.secret_full_arn or f"{each.secret_arn}-??????" for each in self.secrets]
            grants.append(_allowed(grantee, "secretsmanager:GetSecretValue", arns))
        for service, region, arn in self._keys:
            # By way of the service alone: the key decrypts nothing else for the grantee.
            way = {"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}}
            grants.append(_allowed(grantee, "kms:Decrypt", [arn], way))
        return functools.reduce(lambda grant, other: grant.combine(other), grants)


def _allowed(
    grantee: iam.IGrantable,
    action: str,
    arns: list[str],
    conditions: Mapping[str, Any] | None = None,
) -> iam.Grant:
    return iam.Grant.add_to_principal(
        grantee=grantee, actions=[action], resource_arns=arns, conditions=conditions
    )
