"""A Flask application that answers with what it was sent."""

from typing import Any

import flask

app = flask.Flask("shop")


@app.post("/mirror")
def mirror() -> flask.Response:
    """Answer with the body, backwards."""
    return flask.Response(flask.request.get_data()[::-1], mimetype="application/octet-stream")


@app.get("/query")
def query() -> dict[str, list[str]]:
    """Answer with every value of every key."""
    return flask.request.args.to_dict(flat=False)


@app.get("/people/<path:name>")
def person(name: str) -> dict[str, str]:
    """Answer with the path, decoded."""
    return {"name": name}


@app.get("/visit")
def visit() -> flask.Response:
    """Answer with cookies and a header that may come twice, and set two cookies."""
    asked: dict[str, Any] = {
        "cookies": dict(flask.request.cookies),
        "tags": flask.request.headers.get("x-tag"),
    }
    answer = flask.jsonify(asked)
    answer.set_cookie("seen", "yes")
    answer.set_cookie("basket", "7", httponly=True)
    return answer


@app.get("/broken")
def broken() -> str:
    """Fail."""
    raise RuntimeError
