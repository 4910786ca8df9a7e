"""``policyengine packs``: the packs that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.commands.policies import loaded
from policyengine.commands.tables import table
from policyengine.policy.packs import brought_along, built_in_packs, load_pack, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings


def packs(settings: Settings, more: Iterable[str] = (), width: int | None = None) -> str:
    """The built-in packs and those that the settings name, as a table."""
    names = dict.fromkeys([*built_in_packs(), *settings.packs, *more])
    policies, _ = loaded(settings, directories(names))
    found = {pack.path: pack for pack in map(load_pack, names)}.values()
    rows = [(pack.name, str(len(members(pack, policies))), pack.title) for pack in found]
    return table(["Pack", "Policies", "Title"], rows, width) + "\n"


def directories(names: Iterable[str]) -> list[Path]:
    """Where packs have policies that they bring along."""
    return brought_along(map(load_pack, names))


def of_packs(policies: Sequence[Policy], names: Iterable[str]) -> list[Policy]:
    """The policies that are in any of some packs."""
    ids = {id_ for name in names for id_ in members(load_pack(name), policies)}
    return [policy for policy in policies if policy.id in ids]


def packs_of(policies: Sequence[Policy], names: Iterable[str] = ()) -> dict[str, list[str]]:
    """For each policy's id the names of the built-in packs, and of others that are named, that it is in."""
    found: dict[str, list[str]] = {policy.id: [] for policy in policies}
    for pack in {pack.path: pack for pack in map(load_pack, [*built_in_packs(), *names])}.values():
        for id_ in members(pack, policies):
            found[id_].append(pack.name)
    return found
