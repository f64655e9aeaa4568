"""Bodies of all kinds, and paths with slashes."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

router = APIRouter()


@router.get("/text", response_class=PlainTextResponse)
def text() -> str:
    """Text beyond ASCII."""
    return "grüße\n"


@router.get("/page", response_class=HTMLResponse)
def page() -> str:
    """A page."""
    return "<h1>Hello</h1>"


@router.get("/empty")
def empty() -> Response:
    """No body, and no content type."""
    return Response(status_code=200)


@router.get("/image")
def image() -> Response:
    """Every byte there is."""
    return Response(bytes(range(256)), media_type="image/png")


@router.get("/stream")
def stream() -> StreamingResponse:
    """Lines that come one by one."""
    return StreamingResponse((f"{number}\n" for number in range(100)), media_type="text/csv")


@router.get("/big")
def big() -> Response:
    """Two hundred kilobytes."""
    return Response(b"0123456789" * 20_000, media_type="application/octet-stream")


@router.get("/raw/{path:path}")
def raw(path: str, request: Request) -> dict[str, str]:
    """Tell the path as it was decoded, and the query as it came."""
    return {"path": path, "query": request.url.query}


@router.put("/raw/{path:path}")
async def write(path: str, request: Request) -> dict[str, str | int]:
    """Count the bytes that came."""
    body = await request.body()
    return {"path": path, "bytes": len(body), "sum": sum(body)}
