"""A matrix as JSON, version 1: fields are added, never changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyengine.commands.firewall.ports import as_data
from policyengine.model.masking import concealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.commands.firewall.matrix import Matrix
    from policyengine.firewall.reach import Flows, Place


def render(matrices: Sequence[Matrix]) -> Iterator[str]:
    """Every place and every flow of each network; ports are texts such as ``8000-8010``, of icmp there are none."""
    told = {"version": 1, "networks": [_network(made) for made in matrices]}
    yield json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _network(made: Matrix) -> dict[str, object]:
    places = {one.name: one for one in (*made.sources, *made.targets)}
    return {
        "name": made.network,
        "rules": made.rules or None,
        "untold": [concealed(why) for why in made.untold],
        "places": [_place(one) for one in places.values()],
        "flows": [_flow(source, target, flows) for (source, target), flows in made.cells.items()],
    }


def _place(one: Place) -> dict[str, object]:
    where = one.where
    told: dict[str, object] = {"name": one.name, "kind": one.kind}
    if one.namespace:
        told["namespace"] = one.namespace
    if where is not None:
        told["where"] = {"path": where.path, "line": where.line}
    return told


def _flow(source: str, target: str, flows: Flows) -> dict[str, object]:
    return {
        "from": source,
        "to": target,
        "allowed": as_data(flows.allowed),
        "unknown": as_data(flows.unknown),
        "why": [concealed(why) for why in flows.why],
    }
