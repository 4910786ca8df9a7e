"""``policyengine schema``: JSON Schema of the files that users write, for editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policyengine.documents.json_schema import json_schema
from policyengine.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from policyengine.policy.policy import Policy

    Json = dict[str, Any]


def schema(document: str, policies: Sequence[Policy]) -> str:
    """The JSON Schema of a kind of file, one of :data:`DOCUMENTS`; names of these policies are offered in it.

    Raises :class:`UsageError` for another one.
    """
    if document not in DOCUMENTS:
        hint = did_you_mean(document, DOCUMENTS) or f"schemas are {', '.join(DOCUMENTS)}"
        raise UsageError(f'there is no schema of "{document}"', hint=hint)
    return json.dumps(DOCUMENTS[document](policies), indent=1, ensure_ascii=False) + "\n"


def _policy(_policies: Sequence[Policy]) -> Json:
    from policyengine.inputs import inputs
    from policyengine.policy.json_schema import policy_schema

    return policy_schema(list(inputs()))


def _pack(policies: Sequence[Policy]) -> Json:
    from policyengine.policy.packs import SCHEMA

    return json_schema(SCHEMA, "A pack of policyengine", _offers(policies))


def _settings(policies: Sequence[Policy]) -> Json:
    from policyengine.settings.schema import SCHEMA

    return json_schema(SCHEMA, "Settings of policyengine", _offers(policies))


def _waivers(policies: Sequence[Policy]) -> Json:
    from policyengine.exceptions.waiver_schema import SCHEMA, SELECTORS

    offers = {"policies": _offers(policies)["policies"]}
    schema = json_schema(SCHEMA, "Waivers of policyengine", offers)
    schema["properties"]["waivers"]["items"]["anyOf"] = [{"required": [name]} for name in SELECTORS]
    return schema


DOCUMENTS: Mapping[str, Callable[[Sequence[Policy]], Json]] = {
    "policy": _policy,
    "pack": _pack,
    "settings": _settings,
    "waivers": _waivers,
}
"""The kinds of file, each with what makes its schema."""


def _offers(policies: Sequence[Policy]) -> Mapping[str, Json]:
    """What editors offer where a name stands."""
    from policyengine.enrich import enrichments
    from policyengine.model.report import CATEGORIES
    from policyengine.outputs import formats
    from policyengine.policy.packs import built_in_packs, load_pack

    ids = {policy.id: policy.title for policy in policies}
    return {
        "policies": _named({**{name: f"Every policy of the category {name}." for name in CATEGORIES}, **ids}),
        "packs": _named({name: load_pack(name).title for name in built_in_packs()}),
        "formats": {"enum": list(formats())},
        "enrichments": {"enum": list(enrichments())},
        "parameters": {"properties": {one.id: _parameters(one) for one in policies if one.parameters}},
    }


def _named(names: Mapping[str, str]) -> Json:
    return {"enum": list(names), "enumDescriptions": list(names.values())}


def _parameters(policy: Policy) -> Json:
    """A policy's parameters. Their types are told and not demanded: other policies may go by the same id."""
    declared = (policy.parameters or {}).items()
    told = {
        name: {"description": f"{item.help} ({item.type})", "default": item.default, "examples": [item.default]}
        for name, item in declared
    }
    return {"description": policy.title, "type": "object", "properties": told}
