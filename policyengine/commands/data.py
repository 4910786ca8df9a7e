"""The policies as data, in JSON: what another program needs to know of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyengine.commands.judged import judged_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.policy.parameters import Parameter
    from policyengine.policy.policy import Policy


def data(policies: Sequence[Policy], packs: Mapping[str, Sequence[str]]) -> str:
    """``{"version": 1, "policies": [...]}``: keys are added, never changed."""
    listed = [_one(policy, packs.get(policy.id, ())) for policy in policies]
    return json.dumps({"version": 1, "policies": listed}, indent=2, ensure_ascii=False) + "\n"


def _one(policy: Policy, packs: Sequence[str]) -> dict[str, object]:
    return {
        "id": policy.id,
        "aliases": policy.aliases,
        "title": policy.title,
        "category": policy.category,
        "severity": policy.severity,
        "tags": policy.tags,
        "why": policy.why,
        "kinds": policy.targets,
        "inputs": judged_inputs(policy),
        "packs": packs,
        "remedy": {"default": policy.remedy} if isinstance(policy.remedy, str) else policy.remedy or {},
        "parameters": {one.name: _parameter(one) for one in (policy.parameters or {}).values()},
        "controls": policy.controls,
        "path": policy.path,
    }


def _parameter(declared: Parameter) -> dict[str, object]:
    told: dict[str, object] = {"type": str(declared.type), "default": declared.default, "help": declared.help}
    return {**told, "allowed": declared.allowed} if declared.allowed else told
