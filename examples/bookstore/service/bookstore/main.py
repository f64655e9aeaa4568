"""The application: its modules, and what their refusals mean in HTTP."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bookstore import books, orders
from bookstore.errors import Conflict, NotFound

app = FastAPI(title="Bookstore", version="1.0.0")
app.include_router(books.router, prefix="/api/books", tags=["books"])
app.include_router(orders.router, prefix="/api/orders", tags=["orders"])


@app.exception_handler(NotFound)
def not_found(_: Request, error: NotFound) -> JSONResponse:
    """What is asked for isn't there."""
    return JSONResponse({"detail": str(error)}, status_code=404)


@app.exception_handler(Conflict)
def conflict(_: Request, error: Conflict) -> JSONResponse:
    """What is asked for contradicts what is there."""
    return JSONResponse({"detail": str(error)}, status_code=409)
