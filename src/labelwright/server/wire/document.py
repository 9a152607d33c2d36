"""The OpenAPI document: what FastAPI writes, with our problems and our two ways of signing in."""

from __future__ import annotations

import json
from typing import Any, cast

from fastapi import FastAPI

from labelwright.server.wire.problem import Problem

PUBLIC = (("/health", "get"), ("/api/v1/sessions", "post"))
_THEIRS = '"#/components/schemas/HTTPValidationError"'
_OURS = '"#/components/schemas/Problem"'


class DescribedApi(FastAPI):
    """FastAPI, describing itself as it really answers."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _described(super().openapi())
        return self.openapi_schema


def _described(theirs: dict[str, Any]) -> dict[str, Any]:
    found = cast("dict[str, Any]", json.loads(json.dumps(theirs).replace(_THEIRS, _OURS)))
    components: dict[str, Any] = found["components"]
    schemas: dict[str, Any] = components["schemas"] | {"Problem": Problem.model_json_schema()}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "labelwright_session"},
    }
    found["security"] = [{"token": []}, {"cookie": []}]
    for path, method in PUBLIC:
        found["paths"][path][method]["security"] = []
    for answers in (operation["responses"] for path in found["paths"].values() for operation in path.values()):
        for status, answer in answers.items():
            if status.startswith(("4", "5")) and "application/json" in answer.get("content", {}):
                answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
    return found
