"""Greetings, in FastAPI."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator  # noqa: TC003 - FastAPI reads it
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Form, Query, Request, Response, UploadFile
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

HERE = Path(__file__).parent

app = FastAPI()
app.add_middleware(GZipMiddleware)
app.mount("/static", StaticFiles(directory=HERE / "static"))


class Note(BaseModel):
    """What may be noted."""

    title: str


@app.get("/")
async def index() -> FileResponse:
    """The page with the forms."""
    return FileResponse(HERE / "templates/index.html")


@app.api_route("/hello/{name}", methods=["GET", "HEAD"], response_class=PlainTextResponse)
async def hello(name: str) -> str:
    """A route parameter."""
    return f"Hello, {name}!"


@app.get("/search")
async def search(
    q: str = "", tag: Annotated[list[str] | None, Query()] = None
) -> dict[str, str | list[str]]:
    """A query, with a key that may come again."""
    return {"q": q, "tags": tag or []}


@app.post("/greetings")
async def greet(name: Annotated[str, Form()]) -> RedirectResponse:
    """A form: remember the name in a cookie and go to its greeting."""
    encoded = quote(name, safe="")
    response = RedirectResponse(f"/hello/{encoded}", 303)
    response.set_cookie("name", encoded, httponly=True)
    return response


@app.post("/notes", status_code=201)
async def add_note(note: Note) -> dict[str, int | str]:
    """A JSON body."""
    return {"id": 1, "title": note.title}


@app.delete("/notes/{note}", status_code=204)
async def remove_note(note: int) -> None:
    """An answer without a body."""


@app.get("/books")
async def books() -> list[dict[str, int | str]]:
    """An answer that is worth compressing."""
    return [{"id": number, "title": f"Book {number}"} for number in range(1, 201)]


@app.post("/uploads")
async def upload(file: UploadFile) -> dict[str, int | str | None]:
    """A file of the form."""
    data = await file.read()
    digest = hashlib.sha256(data).hexdigest()
    return {"name": file.filename, "size": len(data), "sha256": digest}


@app.get("/download")
async def download() -> Response:
    """Each of the 256 bytes there are."""
    headers = {"Content-Disposition": "attachment; filename=bytes.bin"}
    return Response(bytes(range(256)), 200, headers, "application/octet-stream")


@app.get("/cookies")
async def cookies(request: Request) -> JSONResponse:
    """The cookies that came, and two more."""
    response = JSONResponse(dict(sorted(request.cookies.items())))
    response.set_cookie("theme", "dark")
    response.set_cookie("visited", "yes", httponly=True)
    return response


@app.get("/moved")
async def moved() -> RedirectResponse:
    """A redirect."""
    return RedirectResponse("/hello/again", 302)


@app.get("/slow/{milliseconds}", response_class=PlainTextResponse)
async def slow(milliseconds: int) -> str:
    """An answer that takes its time."""
    await asyncio.sleep(milliseconds / 1000)
    return "Done."


@app.get("/stream")
async def stream() -> StreamingResponse:
    """Five lines, one after the other."""

    async def lines() -> AsyncIterator[str]:
        for number in range(1, 6):
            yield f"line {number}\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(lines(), media_type="text/plain")


@app.get("/broken")
async def broken() -> None:
    """A defect."""
    raise RuntimeError("This is the defect.")
