"""The shop-keeper's page in a real browser, behind the real adapter, beside the deployed shop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from examples.shop.provider import Behaviour, running
from serverless_patterns.local import deploy
from serverless_patterns.local.urls import local_urls
from serverless_patterns.local.web_adapter import adapter_binary
from tests.adapter import require_adapter
from tests.browser import chromium, contrast
from tests.conftest import ROOT
from tests.local.shop import Shop, sku, waited, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from examples.shop.provider import Server
    from serverless_patterns.local import LocalCloud

pytestmark = whole
NAME, PASSWORD = "keeper", "Tea-and-cups-4"
GIVEN_UP = 240  # seconds: five attempts with longer and longer pauses, on a busy machine
HTML = "text/html"
FORM = """<form method="post" action="{url}redrive"><input name="csrf" value="{token}">
<button>Win a teapot</button></form>"""
MARKUP = "<script>document.title = 'taken'</script>"


@dataclass(frozen=True)
class Office:
    """The deployed shop with its office.

    Attributes:
        shop: The shop.
        url: Where the page is, for a browser.
    """

    shop: Shop
    url: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def provider() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def office(
    browser: Browser,
    http: httpx.Client,
    provider: Server,
    start_local_cloud: Callable[..., LocalCloud],
) -> Office:
    """In a cloud of its own, since the shop's own tests leave theirs at the last step."""
    assert browser.is_connected()
    require_adapter(adapter_binary())
    cloud = start_local_cloud()
    deploy(
        cloud,
        folder=ROOT,
        stacks=["ShopPayment", "Shop", "ShopOffice"],
        context={
            "shop_provider": provider.url,
            "shop_standby": provider.url,
            "shop_retry_seconds": "1",
        },
    )
    shop = Shop(cloud, http, 1, provider, provider, cloud.outputs("Shop"))
    http.base_url = f"{shop.outputs['Url']}api/"
    [stack] = cloud.client("cloudformation").describe_stacks(StackName="ShopOffice")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    cognito: Any = cloud.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=outputs["UserPool"], Username=NAME)
    cognito.admin_set_user_password(
        UserPoolId=outputs["UserPool"], Username=NAME, Password=PASSWORD, Permanent=True
    )
    return Office(shop, local_urls(outputs["OfficeUrl"], cloud.port)[1])


@pytest.fixture
def page(browser: Browser, office: Office) -> Iterator[Page]:
    """A page of somebody whom the office doesn't know yet; the browser has nothing against it."""
    complaints: list[str] = []
    with browser.new_context(base_url=office.url) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complaints.append(message.text))
        yield page
    refused = re.compile("Failed to load resource: the server responded with a status of 40[13]")
    assert not [each for each in complaints if not refused.match(each)]


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.goto("/")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def row(page: Page, section: str, text: str) -> list[str]:
    """The cells of the row with a text."""
    found = page.get_by_role("region", name=section).get_by_role("row").filter(has_text=text)
    return found.locator("th, td").all_inner_texts()


def test_who_is_not_signed_in_sees_the_form_alone(page: Page) -> None:
    page.goto("/")

    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.get_by_role("heading", level=2)).to_have_count(0)


def test_a_wrong_password_is_refused(page: Page) -> None:
    sign_in(page, "Tea-and-cups-5")

    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in$"))


def test_a_keeper_signs_in_and_out(page: Page) -> None:
    sign_in(page)
    expect(page.get_by_role("heading", name="Stock")).to_be_visible()
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")

    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(re.compile("/sign-in$"))
    assert page.context.cookies() == []


def test_stock_orders_and_sales_are_shown(page: Page, office: Office) -> None:
    article = sku()
    office.shop.receive(article, 9, 1250)
    sold = office.shop.settled(office.shop.order(article, 2, "ada").json()["id"])
    refused = office.shop.settled(office.shop.order(article, 8, "bob").json()["id"])
    waited(lambda: office.shop.http.get(f"sales/{sold['at'][:10]}").json())

    sign_in(page)

    assert row(page, "Stock", article) == [article, article, "12.50", "7", "0"]
    at = sold["at"][:19].replace("T", " ")
    expected = [at, sold["id"], "ada", "settled", "25.00", ""]
    assert row(page, "Orders", sold["id"]) == expected
    assert row(page, "Orders", refused["id"])[3:] == [
        "refused",
        "0.00",
        f"there are too few of {article}",
    ]
    chart = page.get_by_role("img", name=f"Sales of {sold['at'][:10]} by the hour")
    hour = sold["at"][11:13]
    bar = chart.locator("rect").filter(has_text=f"{hour}:00 to")
    expect(bar).to_have_count(1)
    assert float(bar.get_attribute("height") or 0) > 50
    expect(page.locator("figcaption")).to_contain_text("2 pieces, 25.00; most between")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_readable_in_light_and_dark(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    sign_in(page)
    paper = style(page, "body", "background-color")

    assert contrast(style(page, "body", "color"), paper) > 7
    assert contrast(style(page, "figcaption", "color"), paper) > 4.5
    assert contrast(style(page, ".chart text", "fill"), paper) > 4.5
    assert contrast(style(page, ".chart rect", "fill"), paper) > 3
    assert (contrast(paper, "rgb(255, 255, 255)") < 1.1) == (scheme == "light")


def style(page: Page, selector: str, name: str) -> str:
    script = "(element, name) => getComputedStyle(element).getPropertyValue(name)"
    return str(page.locator(selector).first.evaluate(script, name))


def test_dead_letters_are_shown_and_handled_once_they_are_sent_back(
    page: Page, office: Office, provider: Server
) -> None:
    shop, article = office.shop, sku()
    shop.receive(article, 3)
    provider.charges.behaviour = Behaviour("fail")
    queue = shop.outputs["OrdersQueueUrl"]
    shop.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=MARKUP)
    order = shop.order(article).json()["id"]
    sign_in(page)
    waited(lambda: shop.queued("OrdersDeadLettersUrl") == 2, GIVEN_UP)
    page.reload()
    letters = page.get_by_role("region", name="Dead letters")

    assert row(page, "Orders", order)[3:6:2] == ["reserved", "it waits for the payment provider"]
    assert row(page, "Dead letters", order)[1] == order
    assert row(page, "Dead letters", MARKUP)[1:] == ["none", MARKUP]
    expect(page).to_have_title("The shop's office")

    provider.charges.behaviour = Behaviour()
    letters.get_by_role("button", name="Send them back to the queue").click()

    expect(page.get_by_role("status")).to_have_text(
        "The dead letters are on their way back to the queue."
    )
    assert shop.settled(order)["state"] == "settled"
    page.reload()
    assert row(page, "Orders", order)[3] == "settled"
    assert shop.charges([order]) == [order]
    assert shop.stock(article) == (2, 0)
    # What is no order fails again, alone.
    waited(lambda: shop.queued("OrdersDeadLettersUrl") == 1 and shop.queued() == 0, GIVEN_UP)
    page.reload()
    assert row(page, "Dead letters", MARKUP)[1:] == ["none", MARKUP]
    expect(letters.get_by_role("row")).to_have_count(2)


def test_a_form_of_another_site_is_refused(page: Page, office: Office) -> None:
    """Another site's page sends it; the browser sends no cookie along."""
    sign_in(page)
    token = page.locator("input[name=csrf]").first.get_attribute("value")
    form = FORM.format(url=office.url, token=token)
    page.route("http://127.0.0.1:1/", lambda route: route.fulfill(body=form, content_type=HTML))
    page.goto("http://127.0.0.1:1/")

    with page.expect_response(f"{office.url}redrive") as answer:
        page.get_by_role("button").click()

    assert answer.value.status == 403
    sent = answer.value.request.all_headers()
    assert (sent["origin"], "cookie" in sent) == ("http://127.0.0.1:1", False)


def test_a_form_with_a_guessed_token_is_refused(page: Page, office: Office) -> None:
    sign_in(page)
    page.locator("input[name=csrf]").first.evaluate("input => { input.value = 'guessed' }")

    with page.expect_response(f"{office.url}sign-out") as answer:
        page.get_by_role("button", name="Sign out").click()

    assert answer.value.status == 403
    assert "cookie" in answer.value.request.all_headers()
