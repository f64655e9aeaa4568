"""`python -m serverless_patterns.local`."""

from serverless_patterns.__main__ import local

if __name__ == "__main__":
    local()
