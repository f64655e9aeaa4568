"""Uses the bookstore that is deployed to the local cloud, as a customer would."""

import sys

import httpx

from serverless_patterns.local import LocalCloud, LocalCloudError

BOOK = {
    "title": "The C Programming Language",
    "author": "Brian Kernighan, Dennis Ritchie",
    "price_cents": 4500,
    "stock": 7,
}
ISBN = "9780131103627"


def main() -> None:
    """Create, list, update and read a book over HTTP."""
    cloud = LocalCloud()
    url = cloud.outputs("Bookstore")["Url"]
    with httpx.Client(base_url=f"{url}api/", timeout=30) as client:
        created = client.post("books", json={"isbn": ISBN, **BOOK})
        _show("create", created, expected=(201, 409))  # 409: an earlier run created it
        _show("list", client.get("books"), expected=(200,))
        version = client.get(f"books/{ISBN}").json()["version"]
        changed = {**BOOK, "price_cents": 3900, "version": version}
        _show("update", client.put(f"books/{ISBN}", json=changed), expected=(200,))
        _show("read", client.get(f"books/{ISBN}"), expected=(200,))
    print(f"\nThe bookstore answers at {url}api/books")
    print(f"  curl {url}api/books")
    print("Stop it with: make down")


def _show(step: str, response: httpx.Response, expected: tuple[int, ...]) -> None:
    request = response.request
    print(f"\n{step}: {request.method} {request.url.path} -> {response.status_code}")
    print(f"  {response.text}")
    if response.status_code not in expected:
        sys.exit(f"Error: expected {' or '.join(map(str, expected))}")


if __name__ == "__main__":
    try:
        main()
    except (LocalCloudError, httpx.HTTPError) as error:
        sys.exit(f"Error: {error}")
