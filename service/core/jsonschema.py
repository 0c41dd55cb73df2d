"""JSON Schema 2020-12 of the marshmallow schemas, plain and inline: forms are built from it."""

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from service.core.shapes import Shape


def _inline(_schema: type[Schema]) -> str:
    """Give no schema a name, so that each is written out where it is used."""
    return ""


_PLUGIN = MarshmallowPlugin(schema_name_resolver=_inline)
# OpenAPI 3.1 schemas are JSON Schema 2020-12; the document itself is not used.
APISpec(title="", version="", openapi_version="3.1.0", plugins=[_PLUGIN])
_CONVERTER: Any = _PLUGIN.converter


@cache
def of(schema: type[Schema] | None) -> dict[str, Any]:
    """Return the JSON Schema of a schema class; of no schema: an empty object.

    The answer is shared: copy it before changing it.
    """
    if schema is None:
        return {"type": "object", "properties": {}, "additionalProperties": False}
    found: dict[str, Any] = _CONVERTER.schema2jsonschema(schema)
    return found | (_groups(schema) if issubclass(schema, Shape) else {})


def _groups(shape: type[Shape]) -> dict[str, Any]:
    """Return what the members say of each other."""
    rules = [
        {kind: [{"required": [name]} for name in group]}
        for kind, groups in (("oneOf", shape.exactly_one), ("anyOf", shape.at_least_one))
        for group in groups
    ]
    if not rules:
        return {}
    return rules[0] if len(rules) == 1 else {"allOf": rules}
