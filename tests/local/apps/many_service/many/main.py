"""An application of three modules that answers in as many ways as HTTP has."""

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from many.account.routes import router as account
from many.files.routes import router as files
from many.items.routes import router as items

app = FastAPI(title="Many")
app.include_router(items, prefix="/items")
app.include_router(files, prefix="/files")
app.include_router(account, prefix="/account")


@app.exception_handler(ZeroDivisionError)
def broken(_: Request, error: Exception) -> PlainTextResponse:
    """Answer an error that the application foresees."""
    return PlainTextResponse(f"broken: {type(error).__name__}", status_code=500)
