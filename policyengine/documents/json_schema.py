"""A Cerberus schema as JSON Schema draft-07, for editors that help while a file is written.

Draft-07 is what the language servers of YAML and TOML and the editors of JetBrains know best:
https://json-schema.org/draft-07/json-schema-validation. Cerberus's rules are taken as its documentation has them,
https://docs.python-cerberus.org/validation-rules.html, with ``meta`` for what only people and editors want to know:

``help``
    what the value is for: the text that an editor shows.
``lone``
    whether one item may stand for a list of one.
``legacy``
    whether YAML 1.1's booleans count: ``yes``, which to YAML 1.2 is a text.
``offers``
    the name of what an editor offers here, one of ``offers``.

What is translated accepts what Cerberus accepts, and refuses what it refuses, but for what JSON Schema cannot tell:
``1.0`` is an integer there, and whether ``yes`` stands in quotes is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.documents.scalars import LEGACY_BOOLEANS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    Json = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"

_TYPES = {"boolean": "boolean", "integer": "integer", "number": "number", "string": "string"}
_NOT_NULL = ["boolean", "number", "string", "array", "object"]
_SIZES = {"string": "Length", "list": "Items", "dict": "Properties"}
"""What ``minLength``, ``minItems`` and ``minProperties`` count, by Cerberus's type."""


class UntranslatableError(ValueError):
    """A rule of Cerberus has no translation here."""


def json_schema(schema: Mapping[str, Any], title: str, offers: Mapping[str, Json] | None = None) -> Json:
    """The JSON Schema of documents that a Cerberus schema describes.

    ``offers`` are pieces of JSON Schema by name: for texts with ``enum``, which lets other texts pass, and for mappings
    with ``properties``. Raises :class:`UntranslatableError` for a rule that is not known here.
    """
    offered = offers or {}
    found = {"$schema": DIALECT, "title": title, **_mapping({"schema": schema}, offered)}
    return {**found, "definitions": dict(offered)} if offered else found


_KNOWN = {"type", "schema", "keysrules", "valuesrules", "allow_unknown", "required", "nullable", "empty", "allowed"}
_KNOWN |= {"regex", "min", "max", "minlength", "maxlength", "anyof", "excludes", "dependencies", "meta"}


def translated(rules: Mapping[str, Any], offers: Collection[str] = ()) -> Json:
    """What a rules set says of one value."""
    if strange := rules.keys() - _KNOWN:
        raise UntranslatableError(f"no translation of {', '.join(sorted(strange))}")
    meta = rules.get("meta", {})
    found = _value(rules, offers)
    if meta.get("lone"):
        found = {"anyOf": [translated(rules["schema"], offers), found]}
    if meta.get("legacy"):
        found = {"anyOf": [found, {"type": "string", "pattern": f"^{LEGACY_BOOLEANS}$"}]}
    if meta.get("offers") in offers:
        offered = {"$ref": f"#/definitions/{meta['offers']}"}
        found = {**found, "allOf": [offered]} if rules.get("type") == "dict" else {"anyOf": [offered, found]}
    if rules.get("nullable"):
        found = {"anyOf": [found, {"type": "null"}]}
    return {"description": meta["help"], **found} if "help" in meta else found


def _value(rules: Mapping[str, Any], offers: Collection[str]) -> Json:
    if "anyof" in rules:
        return {"anyOf": [translated(one, offers) for one in rules["anyof"]]}
    kind = rules.get("type")
    if kind is None:
        return {"type": _NOT_NULL}
    if kind == "dict":
        return _mapping(rules, offers)
    items = {"items": translated(rules["schema"], offers)} if kind == "list" and "schema" in rules else {}
    return {"type": "array" if kind == "list" else _TYPES[kind], **items, **dict(_limits(rules, kind))}


def _mapping(rules: Mapping[str, Any], offers: Collection[str]) -> Json:
    fields: Mapping[str, Any] = rules.get("schema", {})
    found: Json = {"type": "object", **dict(_limits(rules, "dict"))}
    if fields:
        found["properties"] = {name: translated(inner, offers) for name, inner in fields.items()}
    required = [name for name, inner in fields.items() if inner.get("required")]
    if required:
        found["required"] = required
    if "keysrules" in rules:
        found["propertyNames"] = translated(rules["keysrules"], offers)
    if "valuesrules" in rules:
        found["additionalProperties"] = translated(rules["valuesrules"], offers)
    elif "schema" in rules and not rules.get("allow_unknown"):
        found["additionalProperties"] = False
    beside = {name: needs for name, inner in fields.items() if (needs := _beside(inner))}
    return {**found, "dependencies": beside} if beside else found


def _beside(rules: Mapping[str, Any]) -> Json:
    """What a field demands of those beside it."""
    found: Json = {}
    if "dependencies" in rules:
        found["required"] = list(rules["dependencies"])
    if "excludes" in rules:
        found["not"] = {"required": [rules["excludes"]]}
    return found


def _limits(rules: Mapping[str, Any], kind: str) -> Iterator[tuple[str, object]]:
    if "allowed" in rules:
        yield "enum", list(rules["allowed"])
    if "regex" in rules:
        yield "pattern", f"^(?:{rules['regex']})$"
    for name, keyword in (("min", "minimum"), ("max", "maximum")):
        if name in rules:
            yield keyword, rules[name]
    if kind in _SIZES:
        least = rules.get("minlength", 0 if rules.get("empty", True) else 1)
        if least:
            yield f"min{_SIZES[kind]}", least
        if "maxlength" in rules:
            yield f"max{_SIZES[kind]}", rules["maxlength"]
