"""Cookies, headers, methods and statuses."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Cookie, Header, Request, Response

router = APIRouter()


@router.get("/cookies")
def cookies(
    first: Annotated[str | None, Cookie()] = None, second: Annotated[str | None, Cookie()] = None
) -> dict[str, str | None]:
    """Tell the cookies that came."""
    return {"first": first, "second": second}


@router.post("/login")
async def login(request: Request, response: Response) -> dict[str, str]:
    """Set two cookies from a form."""
    form = parse_qs((await request.body()).decode())
    [user] = form["user"]
    response.set_cookie("session", user, httponly=True)
    response.set_cookie("theme", "dark", path="/account")
    return {"user": user}


@router.get("/headers")
def headers(
    x_one: Annotated[list[str] | None, Header()] = None,
    accept: Annotated[str | None, Header()] = None,
    authorization: Annotated[str | None, Header()] = None,
) -> dict[str, str | list[str] | None]:
    """Tell headers that came; one that comes twice is a list, as RFC 9110 joins it."""
    values = [value.strip() for line in x_one or [] for value in line.split(",")]
    return {"one": values, "accept": accept, "authorization": authorization}


@router.get("/answer")
def answer(response: Response) -> dict[str, str]:
    """Set headers of all kinds."""
    response.headers["x-answer"] = "42"
    response.headers["cache-control"] = "max-age=60"
    response.headers["etag"] = '"v1"'
    return {"answer": "42"}


@router.get("/teapot")
def teapot() -> Response:
    """Answer a rare status."""
    return Response("short and stout", status_code=418, media_type="text/plain")


@router.get("/not-modified")
def not_modified() -> Response:
    """Answer a status that has no body."""
    return Response(status_code=304, headers={"etag": '"v1"'})


@router.api_route(
    "/any", methods=["GET", "POST", "PUT", "DELETE", "PATCH"], include_in_schema=False
)
def any_method(request: Request) -> dict[str, str]:
    """Tell the method."""
    return {"method": request.method}


@router.head("/probe")
def probe() -> Response:
    """Answer with headers alone."""
    return Response(headers={"x-probe": "yes"})


@router.options("/options")
def options() -> Response:
    """Answer what a browser asks before it sends."""
    return Response(headers={"allow": "GET, OPTIONS"})
