"""What the page shows, to whom, and which forms it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from office.pages import COOKIE
from office.shop_api import Order, Shelf
from tests.unit.office.conftest import ORIGIN

if TYPE_CHECKING:
    from office.sign_in import UserPool
    from tests.unit.office.conftest import Browser, Cognito, Queues, Shop, Signer

MARKUP = "<b onclick='x'>&\"</b>"
ESCAPED = "&lt;b onclick=&#39;x&#39;&gt;&amp;&#34;&lt;/b&gt;"


def csrf(browser: Browser) -> str:
    """The token in the forms of the page."""
    found = re.findall(r'name="csrf" value="(\w+)"', browser.get("/").text)
    assert len({*found}) == 1
    return str(found[0])


def test_nobody_sees_anything_before_signing_in(browser: Browser) -> None:
    answer = browser.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert "Stock" not in browser.get("/sign-in").text


@pytest.mark.parametrize("claims", [{"exp": 1}, {"aud": "another"}], ids=str)
def test_a_session_that_is_no_longer_one_leads_to_the_form(
    browser: Browser, signer: Signer, claims: dict[str, int]
) -> None:
    browser.cookies.set(COOKIE, signer.token(**claims), domain="office.example")

    assert browser.get("/").headers["Location"] == "/sign-in"
    assert browser.post("/redrive", csrf="any").status_code == 403


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_sees(browser: Browser) -> None:
    answer = browser.post("/sign-in", name="keeper", password="right")
    told = answer.headers["Set-Cookie"]

    assert told.startswith("__Host-office=")
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= {*told.split("; ")}
    assert "Domain" not in told
    [age] = re.findall(r"Max-Age=(\d+)", told)
    assert 3500 < int(age) <= 3600


def test_a_wrong_password_is_refused(browser: Browser) -> None:
    answer = browser.post("/sign-in", name=MARKUP, password="wrong")

    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert f'value="{ESCAPED}"' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_token_that_is_not_for_this_page_is_not_kept(
    browser: Browser, cognito: Cognito, signer: Signer
) -> None:
    cognito.answer = {"AuthenticationResult": {"IdToken": signer.token(aud="another")}}

    answer = browser.post("/sign-in", name="keeper", password="right")

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)


def test_the_shop_is_shown(signed_in: Browser) -> None:
    text = signed_in.get("/").text

    assert '<th scope="row">TEA</th><td>Tea</td>\n<td class="number">5.00</td>' in text
    assert '<th scope="row">o-1</th><td>ada</td><td>settled</td>' in text
    assert "1 order, 2 pieces, 10.00; most between 14:00 and 15:00 UTC." in text
    assert "<td>o-9</td><td><code>{&#34;id&#34;: &#34;o-9&#34;}</code></td>" in text


def test_what_others_wrote_is_text(signed_in: Browser, shop: Shop, queues: Queues) -> None:
    shop.shelves = [Shelf(MARKUP, MARKUP, 1, 1, 1)]
    shop.all_orders = [Order(MARKUP, MARKUP, MARKUP, MARKUP, 1, MARKUP)]
    queues.letters = {0: MARKUP, 1: '{"id": "<b onclick>"}'}

    text = signed_in.get("/").text

    assert "<b " not in text
    assert text.count(ESCAPED) == 8


@pytest.mark.parametrize("part", ["stock", "orders", "sales"])
def test_a_part_that_cannot_be_had_leaves_the_others(
    signed_in: Browser, shop: Shop, part: str
) -> None:
    shop.fails = part

    answer = signed_in.get("/")

    assert answer.status_code == 200
    assert re.findall(r"There is no answer about (\w+) now", answer.text) == [part]


def test_an_empty_shop_says_so(signed_in: Browser, shop: Shop, queues: Queues) -> None:
    shop.shelves, shop.all_orders, shop.hours, queues.letters = [], [], [], {}

    text = signed_in.get("/").text

    for said in ("There are no goods yet.", "Nobody has ordered yet.", "No order was given up."):
        assert said in text
    assert "0 orders, 0 pieces, 0.00." in text
    assert "/redrive" not in text


def test_the_newest_hundred_of_many_orders_are_shown(signed_in: Browser, shop: Shop) -> None:
    shop.all_orders = shop.all_orders * 101

    text = signed_in.get("/").text

    assert "The newest 100 of 101." in text
    assert text.count('<th scope="row">o-1</th>') == 100


def test_the_button_moves_dead_letters_back(signed_in: Browser, queues: Queues) -> None:
    answer = signed_in.post("/redrive", csrf=csrf(signed_in))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/?notice=redriven")
    assert [task["SourceArn"] for task in queues.tasks] == ["arn:letters"]
    shown = signed_in.get("/?notice=redriven").text
    assert "The dead letters are on their way back to the queue." in shown
    assert "The last redrive: running, 0 moved." in shown


def test_a_redrive_that_sqs_refuses_is_said(signed_in: Browser, queues: Queues) -> None:
    queues.running = True

    answer = signed_in.post("/redrive", csrf=csrf(signed_in))

    assert answer.headers["Location"] == "/?notice=refused"
    assert "SQS didn&#39;t take the redrive" in signed_in.get("/?notice=refused").text


def test_a_notice_is_one_that_the_page_knows(signed_in: Browser) -> None:
    assert 'class="notice"' not in signed_in.get(f"/?notice={MARKUP}").text


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "https://office.example.evil"]
)
@pytest.mark.parametrize("path", ["/redrive", "/sign-out", "/sign-in"])
def test_a_form_of_another_site_is_refused(
    signed_in: Browser, queues: Queues, path: str, origin: str | None
) -> None:
    fields = {"csrf": csrf(signed_in), "name": "keeper", "password": "right"}

    answer = signed_in.post(path, origin, **fields)

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    assert (queues.tasks, queues.queue) == ([], [])


@pytest.mark.parametrize("path", ["/redrive", "/sign-out"])
@pytest.mark.parametrize("fields", [{}, {"csrf": ""}, {"csrf": "ä"}, {"csrf": "0" * 64}], ids=str)
def test_a_form_without_the_token_of_its_session_is_refused(
    signed_in: Browser, queues: Queues, path: str, fields: dict[str, str]
) -> None:
    assert signed_in.post(path, ORIGIN, **fields).status_code == 403
    assert queues.tasks == []


def test_the_token_of_another_session_is_refused(
    signed_in: Browser, pool: UserPool, signer: Signer, queues: Queues
) -> None:
    token = csrf(signed_in)
    other = signer.token(sub="another")
    assert pool.keeper(other).name == "keeper"
    signed_in.cookies.clear()
    signed_in.cookies.set(COOKIE, other, domain="office.example", path="/")

    assert signed_in.get("/").status_code == 200
    assert signed_in.post("/redrive", csrf=token).status_code == 403
    assert queues.tasks == []


def test_nothing_is_redriven_by_a_link(signed_in: Browser, queues: Queues) -> None:
    assert signed_in.get(f"/redrive?csrf={csrf(signed_in)}").status_code == 405
    assert queues.tasks == []


def test_signing_out_ends_the_session(signed_in: Browser) -> None:
    answer = signed_in.post("/sign-out", csrf=csrf(signed_in))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert signed_in.get("/").headers["Location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/office.css", "/nowhere"])
def test_every_answer_forbids_scripts_and_frames(signed_in: Browser, path: str) -> None:
    headers = signed_in.get(path).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert (headers["Cache-Control"] == "no-store") == (not path.startswith("/static/"))
    assert headers["Referrer-Policy"] == "same-origin"
