"""Who may see the page: shop-keepers of a Cognito user pool, known by a JWT that it signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLAIMS = ["aud", "cognito:username", "exp", "iat", "iss", "sub", "token_use"]


class SignInError(Exception):
    """Somebody isn't let in; its message is for them."""


class Keys(Protocol):
    """The public keys of a pool, such as ``jwt.PyJWKClient`` fetches and remembers."""

    def get_signing_key_from_jwt(self, token: str | bytes) -> jwt.PyJWK:
        """The key that a token names."""


@dataclass(frozen=True)
class Keeper:
    """A shop-keeper who signed in.

    Attributes:
        name: The name.
        expires: When the token ends, in seconds since the epoch.
    """

    name: str
    expires: int


class UserPool:
    """A user pool of Cognito.

    Args:
        client: The client of ``cognito-idp``.
        pool: The id of the pool.
        app: The id of its client that this page is.
        keys: Its public keys. Default - fetched where the client sends its requests.
    """

    def __init__(self, client: Any, pool: str, app: str, keys: Keys | None = None) -> None:
        self._client = client
        self._app = app
        self._issuer = f"https://cognito-idp.{pool.split('_', maxsplit=1)[0]}.amazonaws.com/{pool}"
        where = f"{client.meta.endpoint_url}/{pool}/.well-known/jwks.json"
        self._keys = keys or jwt.PyJWKClient(where, lifespan=3600, timeout=5)

    def sign_in(self, name: str, password: str) -> str:
        """The ID token of whoever knows the password.

        Raises:
            SignInError: If it is the wrong one, or Cognito asks for more.
        """
        refusals = self._client.exceptions
        try:
            answer: Mapping[str, Any] = self._client.initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH",
                ClientId=self._app,
                AuthParameters={"USERNAME": name, "PASSWORD": password},
            )
        except (
            refusals.NotAuthorizedException,
            refusals.UserNotFoundException,
            refusals.InvalidParameterException,
        ) as error:
            raise SignInError("The name or the password is wrong.") from error
        except refusals.TooManyRequestsException as error:
            raise SignInError("Too many have tried to sign in: wait a moment.") from error
        except (
            refusals.PasswordResetRequiredException,
            refusals.UserNotConfirmedException,
        ) as error:
            raise SignInError(
                "The password must be set anew, by whoever keeps the pool."
            ) from error
        if "AuthenticationResult" not in answer:
            wants = answer.get("ChallengeName", "more than a password")
            raise SignInError(f"Cognito asks for {wants} first, which this page doesn't offer.")
        token: str = answer["AuthenticationResult"]["IdToken"]
        return token

    def keeper(self, token: str) -> Keeper:
        """The shop-keeper that a token names.

        Raises:
            SignInError: If the pool didn't sign it, for this page, or it has expired.
        """
        try:
            claims = jwt.decode(
                token,
                self._keys.get_signing_key_from_jwt(token),
                algorithms=["RS256"],
                audience=self._app,
                issuer=self._issuer,
                options={"require": _CLAIMS},
            )
        except jwt.PyJWTError as error:
            raise SignInError(str(error)) from error
        if claims["token_use"] != "id":  # noqa: S105 - a kind of token
            raise SignInError(f"it is a token for {claims['token_use']}")
        return Keeper(str(claims["cognito:username"]), int(claims["exp"]))
