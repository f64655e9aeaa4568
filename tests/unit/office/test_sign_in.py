"""Who is let in: whoever shows a token that the pool signed, for this page, and still valid."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from office.sign_in import SignInError
from tests.messages import exactly
from tests.unit.office.conftest import ISSUER, Cognito, Signer

if TYPE_CHECKING:
    from office.sign_in import UserPool

WRONG = "The name or the password is wrong."
ANEW = "The password must be set anew, by whoever keeps the pool."


def test_a_token_of_the_pool_names_its_keeper(pool: UserPool, signer: Signer) -> None:
    ends = int(time.time()) + 60

    keeper = pool.keeper(signer.token(exp=ends))

    assert (keeper.name, keeper.expires) == ("keeper", ends)


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": 1}, "Signature has expired"),
        ({"aud": "another-client"}, "Audience doesn't match"),
        ({"aud": None}, 'Token is missing the "aud" claim'),
        ({"exp": None}, 'Token is missing the "exp" claim'),
        ({"iss": ISSUER.replace("Keepers", "Others")}, "Invalid issuer"),
        ({"token_use": "access"}, "it is a token for access"),
        ({"token_use": None}, 'Token is missing the "token_use" claim'),
    ],
    ids=str,
)
def test_a_token_that_says_something_else_is_refused(
    pool: UserPool, signer: Signer, claims: dict[str, Any], said: str
) -> None:
    with pytest.raises(SignInError, match=exactly(said)):
        pool.keeper(signer.token(**claims))


def test_a_token_that_another_key_signed_under_the_same_name_is_refused(pool: UserPool) -> None:
    with pytest.raises(SignInError, match=exactly("Signature verification failed")):
        pool.keeper(Signer().token())


def test_a_token_of_a_key_that_the_pool_has_not_is_refused(pool: UserPool) -> None:
    said = 'Unable to find a signing key that matches: "key-2"'
    with pytest.raises(SignInError, match=exactly(said)):
        pool.keeper(Signer("key-2").token())


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_pools_signature_is_refused(
    pool: UserPool, signer: Signer, algorithm: str
) -> None:
    """Neither unsigned, nor signed with what everybody knows."""
    claims = jwt.decode(signer.token(), options={"verify_signature": False})
    key = "" if algorithm == "none" else "x" * 32
    token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": signer.name})

    with pytest.raises(SignInError, match=exactly("The specified alg value is not allowed")):
        pool.keeper(token)


@pytest.mark.parametrize("token", ["", "no.token.atall", "ä"])
def test_what_is_no_token_is_refused(pool: UserPool, token: str) -> None:
    with pytest.raises(SignInError):
        pool.keeper(token)


def test_whoever_knows_the_password_gets_a_token(pool: UserPool) -> None:
    assert pool.keeper(pool.sign_in("keeper", "right")).name == "keeper"


def test_whoever_does_not_know_it_is_refused(pool: UserPool) -> None:
    with pytest.raises(SignInError, match=exactly(WRONG)):
        pool.sign_in("keeper", "wrong")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("InvalidParameterException", WRONG),
        ("UserNotFoundException", WRONG),
        ("PasswordResetRequiredException", ANEW),
        ("UserNotConfirmedException", ANEW),
        ("TooManyRequestsException", "Too many have tried to sign in: wait a moment."),
    ],
)
def test_what_cognito_refuses_is_said(
    pool: UserPool, cognito: Cognito, code: str, said: str
) -> None:
    cognito.fails = code

    with pytest.raises(SignInError, match=exactly(said)):
        pool.sign_in("keeper", "right")


def test_a_challenge_is_no_sign_in(pool: UserPool, cognito: Cognito) -> None:
    cognito.answer = {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s"}

    said = "Cognito asks for NEW_PASSWORD_REQUIRED first, which this page doesn't offer."
    with pytest.raises(SignInError, match=exactly(said)):
        pool.sign_in("keeper", "right")
