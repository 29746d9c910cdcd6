"""The OpenAPI document as a judge: what a call may send, what it may answer, and which names a schema
has. Knows nothing of the package."""

from typing import Any

from openapi_schema_validator import OAS31Validator

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def operations(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each call, by operationId."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def parameters(operation: dict[str, Any], where: str) -> set[str]:
    return {one["name"] for one in operation.get("parameters", []) if one["in"] == where}


def check_body(document: dict[str, Any], operation_id: str, body: Any) -> None:
    _, _, operation = operations(document)[operation_id]
    if "requestBody" not in operation:
        assert body is None, f"{operation_id} takes no body"
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    _check(document, schema, body)


def check_answer(document: dict[str, Any], operation_id: str, answer: Any) -> None:
    _, _, operation = operations(document)[operation_id]
    [success] = [one for status, one in operation["responses"].items() if status.startswith("2")]
    if "content" not in success:
        assert answer is None, f"{operation_id} has no answer"
        return
    [content] = success["content"].values()
    _check(document, content["schema"], answer)


def resolved(document: dict[str, Any], schema: Any) -> Any:
    """A schema, or the one it refers to; that of a nullable where it is one."""
    for choice in schema.get("anyOf", []):
        if choice != {"type": "null"}:
            return resolved(document, choice)
    if "$ref" not in schema:
        return schema
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def _check(document: dict[str, Any], schema: Any, value: Any) -> None:
    OAS31Validator({**schema, "components": document["components"]}).validate(value)
