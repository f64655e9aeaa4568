"""A generated application: as many routes as asked for, each answering its own number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SOURCE = """\
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


def answering(number):
    def answer(request):
        return JSONResponse({{"route": number, "id": request.path_params["id"]}})

    return answer


app = Starlette(
    routes=[
        Route(f"/things{{n}}/{{{{id}}}}", answering(n), methods=["POST"]) for n in range({count})
    ]
)
"""
REQUIREMENT = "starlette==1.10.0"


def write_application(folder: Path, count: int) -> Path:
    """Write an application of ``count`` routes, ``POST /things0/{id}`` and so on, into a folder."""
    folder.mkdir(parents=True)
    (folder / "many.py").write_text(_SOURCE.format(count=count))
    (folder / "requirements.txt").write_text(REQUIREMENT)
    return folder
