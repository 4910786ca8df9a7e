"""The JSON Schema of policy files: their shape, and for every kind of resource its fields with their constraints.

It refuses nothing that :func:`policyengine.policy.load.policy_data` takes. What it lets pass and loading refuses:

- what stands in another place: ``!param`` without a declaration (editors show the parameter's name as a text, so that
  a text passes wherever a parameter may stand), an id that is not the file's name, a placeholder of a message,
  parameters of an example that are not declared;
- what is a language of its own: CEL, regular expressions, arguments of predicates, the further steps of field paths;
- where a constraint stands: ``required`` on items, predicates on a map's values, other fields in ``dependencies``;
- which constraints apply to a field that is not listed: below a map's key, a list in a list, a related kind;
- a misspelt first field where several kinds are judged, duplicate keys, unknown tags, and what is too large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.documents.json_schema import json_schema
from policyengine.model.kinds import kinds
from policyengine.model.listing import below
from policyengine.policy.constraints import ANY, Constraints
from policyengine.policy.parameters import SCALARS
from policyengine.policy.schema import OUTCOMES, SCHEMA
from policyengine.policy.selectors import PATTERN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from policyengine.model.types import Kind

    Json = dict[str, Any]


def policy_schema(origins: Collection[str]) -> Json:
    """The JSON Schema of policy files; ``origins`` are the known input kinds."""
    schema = json_schema(SCHEMA, "A policy of policyengine")
    properties = schema["properties"]
    properties["target"].update(_target())
    properties["controls"]["items"].update(_controls(properties["controls"]["items"], origins))
    properties["remedy"]["anyOf"][1]["propertyNames"] = {"enum": [*origins, "default"]}
    properties["parameters"]["additionalProperties"]["allOf"] = list(_defaults())
    properties["examples"].update(_examples(properties["examples"], origins))
    for name in ("where", "require"):
        properties[name]["propertyNames"] = {"pattern": PATTERN, "patternErrorMessage": _PATH}
    changes = properties["remediate"]["properties"]
    for names in (changes["set"], changes["add"]):
        names["propertyNames"] = {"pattern": PATTERN, "patternErrorMessage": _PATH}
    constraints = Constraints()
    schema["anyOf"] = [{"required": [name], "properties": {name: {least: 1}}} for name, least in _BODIES.items()]
    schema["allOf"] = [one for kind in kinds().values() for one in _of_kind(kind, constraints)]
    return {**schema, "definitions": constraints.definitions()}


_PATH = 'A field path is a.b, a[].b, a[]?.b, a{} or a["key"].'
_BODIES = {"require": "minProperties", "assert": "minItems", "flows": "minProperties"}


def _target() -> Json:
    known = {"enum": list(kinds()), "enumDescriptions": [kind.meaning for kind in kinds().values()]}
    return {"anyOf": [known, {"type": "array", "minItems": 1, "items": known}]}


def _controls(control: Json, origins: Collection[str]) -> Json:
    control["properties"]["inputs"]["items"] = {"enum": list(origins)}
    return {"anyOf": [{"required": ["benchmark"]}, {"required": ["tool"]}]}


def _examples(examples: Json, origins: Collection[str]) -> Json:
    """At least one that passes and one that fails, each with one input."""
    inputs = {
        origin: {
            "type": ["string", "object"] if origin == "host" else "string",
            "description": f"An input of the kind {origin}.",
        }
        for origin in origins
    }
    example = examples["properties"][OUTCOMES[0]]["anyOf"][0]["items"]
    one = {
        **example,
        "properties": {**inputs, **example["properties"]},
        "additionalProperties": False,
        "oneOf": [{"required": [origin]} for origin in origins],
    }
    for outcome, listed in examples["properties"].items():
        listed["anyOf"][0]["items"] = {"$ref": "#/properties/examples/definitions/example"}
        if outcome in ("pass", "fail"):
            listed |= {"type": "array", "minItems": 1}
    return {"required": ["pass", "fail"], "definitions": {"example": one}}


def _defaults() -> Iterator[Json]:
    """A parameter's default and what it may be have its type."""
    for name in SCALARS:
        some = {"type": "array", "items": {"type": name}}
        yield _if({"type": {"const": name}}, {"default": {"type": name}, "allowed": some})
        yield _if({"type": {"const": "list"}, "items": {"const": name}}, {"default": some, "allowed": some})
    strings = {"type": "array", "items": {"type": "string"}}
    yield {
        "if": {"properties": {"type": {"const": "list"}}, "not": {"required": ["items"]}},
        "then": _properties({"default": strings, "allowed": strings}),
    }


def _if(holds: Json, then: Json) -> Json:
    return {"if": {"properties": holds, "required": list(holds)}, "then": _properties(then)}


def _properties(properties: Json) -> Json:
    return {"properties": properties}


def _of_kind(kind: Kind, constraints: Constraints) -> Iterator[Json]:
    """What holds where a policy judges a kind: constraints on its fields are of their types."""
    typed = {"properties": dict(_fields(kind, constraints)), "additionalProperties": ANY}
    fields = constraints.add(f"fields.{kind.name}", typed)
    told = f"{kind.name} has no such field: `policyengine fields {kind.name}` lists them."
    first = {"pattern": rf"^(?:{'|'.join(kind.fields)})(?![A-Za-z0-9_])", "patternErrorMessage": told}
    names = {"propertyNames": first}
    this = {"const": kind.name}
    for target, holds in (
        ([this, {"type": "array", "contains": this}], fields),
        ([this, {"const": [kind.name]}], constraints.add(f"names.{kind.name}", names)),
    ):
        yield _if({"target": {"anyOf": target}}, dict.fromkeys(("where", "require"), holds))


def _fields(kind: Kind, constraints: Constraints) -> Iterator[tuple[str, Json]]:
    """The paths of a kind's fields, ``[]`` also as ``[]?``, each with the constraints that apply."""
    for name, field in kind.fields.items():
        for path, inner in ((name, field), *below(name, field.type)):
            of_it = constraints.on(inner.type, inner.meaning)
            yield path, of_it
            if "[]" in path:
                yield path.replace("[]", "[]?"), of_it
