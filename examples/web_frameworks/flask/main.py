"""Greetings, in Flask."""

from __future__ import annotations

import hashlib
import time
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from flask import send_file as send
from flask_compress import Compress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response as AnyResponse

app = Flask(__name__)
Compress(app)


@app.get("/")
def index() -> str:
    """The page with the forms."""
    return render_template("index.html")


@app.get("/hello/<name>")
def hello(name: str) -> Response:
    """A route parameter."""
    return Response(f"Hello, {name}!", mimetype="text/plain")


@app.get("/search")
def search() -> Response:
    """A query, with a key that may come again."""
    return jsonify(q=request.args.get("q", ""), tags=request.args.getlist("tag"))


@app.post("/greetings")
def greet() -> AnyResponse:
    """A form: remember the name in a cookie and go to its greeting."""
    name = quote(request.form["name"], safe="")
    response = redirect(f"/hello/{name}", 303)
    response.set_cookie("name", name, httponly=True)
    return response


@app.post("/notes")
def add_note() -> tuple[Response, int]:
    """A JSON body."""
    return jsonify(id=1, title=request.get_json()["title"]), 201


@app.delete("/notes/<int:note>")
def remove_note(note: int) -> tuple[str, int]:  # noqa: ARG001 - nothing is stored
    """An answer without a body."""
    return "", 204


@app.get("/books")
def books() -> Response:
    """An answer that is worth compressing."""
    return jsonify([{"id": number, "title": f"Book {number}"} for number in range(1, 201)])


@app.post("/uploads")
def upload() -> Response:
    """A file of the form."""
    file = request.files["file"]
    data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    return jsonify(name=file.filename, size=len(data), sha256=digest)


@app.get("/download")
def download() -> Response:
    """Each of the 256 bytes there are."""
    return send(BytesIO(bytes(range(256))), "application/octet-stream", True, "bytes.bin")  # noqa: FBT003 - by position, it is short


@app.get("/cookies")
def cookies() -> Response:
    """The cookies that came, and two more."""
    response = make_response(jsonify(dict(sorted(request.cookies.items()))))
    response.set_cookie("theme", "dark")
    response.set_cookie("visited", "yes", httponly=True)
    return response


@app.get("/moved")
def moved() -> AnyResponse:
    """A redirect."""
    return redirect("/hello/again", 302)


@app.get("/slow/<int:milliseconds>")
def slow(milliseconds: int) -> Response:
    """An answer that takes its time."""
    time.sleep(milliseconds / 1000)
    return Response("Done.", mimetype="text/plain")


@app.get("/stream")
def stream() -> Response:
    """Five lines, one after the other."""

    def lines() -> Iterator[str]:
        for number in range(1, 6):
            yield f"line {number}\n"
            time.sleep(0.1)

    return Response(lines(), mimetype="text/plain")


@app.get("/broken")
def broken() -> Response:
    """A defect."""
    raise RuntimeError("This is the defect.")
