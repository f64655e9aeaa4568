"""What most applications consist of."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

router = APIRouter()


class Item(BaseModel):
    """A thing on sale."""

    name: str
    price: float


Answer = dict[str, object]
Fields = Annotated[dict[str, object], Body()]


@router.get("")
def search(
    tag: Annotated[tuple[str, ...], Query()] = (), q: str | None = None, limit: int = 10
) -> Answer:
    """Tell the query."""
    return {"tags": tag, "q": q, "limit": limit}


@router.post("", status_code=201)
def create(item: Item, response: Response) -> Item:
    """Take an item that is checked."""
    response.headers["location"] = f"/items/{item.name}"
    return item


@router.get("/new")
def form() -> Answer:
    """A path that the next one would match as well."""
    return {"form": "new"}


@router.get("/{item_id}")
def read(item_id: str) -> Answer:
    """Tell the parameter."""
    return {"item": item_id}


@router.put("/{item_id}")
def replace(item_id: str, body: Fields) -> Answer:
    """Tell the parameter and the body."""
    return {"item": item_id, "body": body}


@router.patch("/{item_id}")
def change(item_id: str, body: Fields) -> Answer:
    """Tell them too."""
    return {"changed": item_id, "body": body}


@router.delete("/{item_id}", status_code=204)
def remove(item_id: str) -> None:
    """Answer nothing."""


@router.get("/{item_id}/parts/{part_id}")
async def part(item_id: str, part_id: int) -> Answer:
    """Take a number."""
    return {"item": item_id, "part": part_id}


@router.get("/{item_id}/moved")
def moved(item_id: str) -> RedirectResponse:
    """Lead elsewhere."""
    return RedirectResponse(f"/items/{item_id}")


@router.get("/{item_id}/broken")
def broken(item_id: str) -> float:
    """Fail as the application foresees."""
    return len(item_id) / 0


@router.get("/{item_id}/lost")
def lost(item_id: str) -> str:
    """Fail as it doesn't."""
    raise LookupError(item_id)


@router.post("/{item_id}/echo")
async def echo(item_id: str, request: Request) -> Response:
    """Give back what came."""
    body = await request.body()
    kind = request.headers.get("content-type", "text/plain")
    return Response(body, media_type=kind, headers={"x-item": item_id})
