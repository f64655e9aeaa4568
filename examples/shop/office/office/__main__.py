"""Starts the page where the Lambda Web Adapter looks for it."""

import os

import uvicorn

uvicorn.run(
    "office.main:app",
    host="127.0.0.1",
    port=int(os.environ.get("PORT", "8080")),
    access_log=False,
    server_header=False,
)
