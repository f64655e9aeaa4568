def handler(*_: object) -> dict[str, object]:
    return {"PhysicalResourceId": "answer", "Data": {"Answer": "42"}}
