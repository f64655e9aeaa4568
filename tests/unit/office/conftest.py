from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast

import httpx
import jwt
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from office.dead_letters import DeadLetters
from office.pages import Office, application
from office.shop_api import Hour, Order, Shelf, ShopApi, ShopError
from office.sign_in import UserPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.applications import Starlette

POOL, APP = "eu-west-1_Keepers", "page-client"
ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"
ORIGIN = "https://office.example"


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


class PublishedKeys(jwt.PyJWKClient):
    """The keys of a pool, as they are published, without fetching them."""

    def __init__(self, published: Mapping[str, Any]) -> None:
        super().__init__(f"{ISSUER}/.well-known/jwks.json")
        self._published = published

    def fetch_data(self) -> Any:
        return self._published


class Signer:
    """Signs tokens as Cognito does."""

    def __init__(self, name: str = "key-1") -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.name = name
        public = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.keys = {"keys": [{**public, "kid": name, "use": "sig", "alg": "RS256"}]}

    def token(self, **claims: Any) -> str:
        """A keeper's ID token, but for the claims given; ``None`` leaves one out."""
        now = int(time.time())
        given = {
            "iss": ISSUER,
            "aud": APP,
            "sub": "0000",
            "token_use": "id",
            "cognito:username": "keeper",
            "iat": now,
            "exp": now + 3600,
            **claims,
        }
        kept = {name: value for name, value in given.items() if value is not None}
        return jwt.encode(kept, self._key, algorithm="RS256", headers={"kid": self.name})


class CognitoExceptions:
    """The exceptions of a client of Cognito."""

    def __init__(self) -> None:
        for name in (
            "InvalidParameterException",
            "NotAuthorizedException",
            "PasswordResetRequiredException",
            "TooManyRequestsException",
            "UserNotConfirmedException",
            "UserNotFoundException",
        ):
            setattr(self, name, type(name, (ClientError,), {}))


class Cognito:
    """A client of Cognito, which knows one password.

    Attributes:
        answer: What it answers to whoever knows it.
        fails: The exception that it raises instead.
    """

    class meta:  # noqa: N801 - botocore's name
        endpoint_url = "https://cognito-idp.eu-west-1.amazonaws.com"

    def __init__(self, signer: Signer) -> None:
        self.exceptions = CognitoExceptions()
        self.answer: dict[str, Any] = {"AuthenticationResult": {"IdToken": signer.token()}}
        self.fails: str | None = None

    def initiate_auth(self, **asked: Any) -> dict[str, Any]:
        assert (asked["AuthFlow"], asked["ClientId"]) == ("USER_PASSWORD_AUTH", APP)
        known = {"USERNAME": "keeper", "PASSWORD": "right"}
        code = self.fails or ("" if asked["AuthParameters"] == known else "NotAuthorizedException")
        if code:
            raise getattr(self.exceptions, code)({"Error": {"Code": code}}, "InitiateAuth")
        return self.answer


class Shop:
    """What the shop tells; ``fails`` names what it doesn't."""

    def __init__(self) -> None:
        self.fails = ""
        self.shelves = [Shelf("TEA", "Tea", 500, 7, 2)]
        self.all_orders = [Order("o-1", "ada", "2026-11-25T14:51:15+00:00", "settled", 1000, "")]
        self.hours = [Hour("2026-11-25T14", 1, 2, 1000)]

    def _told(self, name: str, value: Any) -> Any:
        if self.fails == name:
            raise ShopError("the shop doesn't answer")
        return value

    def stock(self) -> Any:
        return self._told("stock", self.shelves)

    def orders(self) -> Any:
        return self._told("orders", self.all_orders)

    def sales(self, _: Any) -> Any:
        return self._told("sales", self.hours)


class Queues:
    """A client of SQS with two queues of bodies.

    Attributes:
        letters: The dead-letter queue: what is there, by its receipt.
        queue: What was sent to the other one.
        has_tasks: Whether it can move messages by itself.
        tasks: The tasks that were started.
        fails_at: The body that it doesn't take.
        running: Whether a task runs already.
    """

    def __init__(self, *bodies: str, has_tasks: bool = True) -> None:
        self.letters = dict(enumerate(bodies))
        self.hidden: set[int] = set()
        self.queue: list[dict[str, Any]] = []
        self.has_tasks = has_tasks
        self.tasks: list[dict[str, Any]] = []
        self.fails_at: str | None = None
        self.running = False

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.letters))}}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        free = [each for each in self.letters if each not in self.hidden]
        taken = free[: asked["MaxNumberOfMessages"]]
        if asked["VisibilityTimeout"]:
            self.hidden |= {*taken}
        messages = [
            {
                "MessageId": f"m-{each}",
                "ReceiptHandle": each,
                "Body": self.letters[each],
                "Attributes": {"SentTimestamp": "1795618275000"},
                "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "order"}},
            }
            for each in taken
        ]
        return {"Messages": messages} if messages else {}

    def send_message(self, **sent: Any) -> None:
        if sent["MessageBody"] == self.fails_at:
            raise refusal("ServiceUnavailable")
        self.queue.append(sent)

    def delete_message(self, **asked: Any) -> None:
        body = self.letters.pop(asked["ReceiptHandle"])
        assert body in [each["MessageBody"] for each in self.queue], "it was deleted before sent"
        self.hidden.discard(asked["ReceiptHandle"])

    def change_message_visibility(self, **asked: Any) -> None:
        self.hidden.discard(asked["ReceiptHandle"])

    def start_message_move_task(self, **asked: Any) -> dict[str, Any]:
        if not self.has_tasks:
            raise refusal("InvalidAction")
        if self.running:
            raise refusal("UnsupportedOperation", "There is already a task running.")
        self.tasks.append({**asked, "Status": "RUNNING"})
        return {"TaskHandle": "1"}

    def list_message_move_tasks(self, **_: Any) -> dict[str, Any]:
        if not self.has_tasks:
            raise refusal("InvalidAction")
        return {"Results": self.tasks[-1:]}


class Browser:
    """Sends requests to the application as a browser would, and keeps its cookies."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self.cookies = httpx.Cookies()

    def get(self, path: str) -> httpx.Response:
        return self._send("GET", path)

    def post(self, path: str, origin: str | None = ORIGIN, **fields: str) -> httpx.Response:
        headers = {"Origin": origin} if origin else {}
        return self._send("POST", path, data=fields, headers=headers)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url=ORIGIN, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(send())


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def cognito(signer: Signer) -> Cognito:
    return Cognito(signer)


@pytest.fixture
def pool(cognito: Cognito, signer: Signer) -> UserPool:
    return UserPool(cognito, POOL, APP, PublishedKeys(signer.keys))


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def queues() -> Queues:
    return Queues('{"id": "o-9"}')


@pytest.fixture
def browser(pool: UserPool, shop: Shop, queues: Queues) -> Browser:
    letters = DeadLetters(queues, url="letters", arn="arn:letters", queue="orders")
    return Browser(application(Office(pool, cast("ShopApi", shop), letters)))


@pytest.fixture
def signed_in(browser: Browser) -> Browser:
    answer = browser.post("/sign-in", name="keeper", password="right")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    return browser
