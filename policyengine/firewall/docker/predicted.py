"""The rules that an engine makes, by its version and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.docker import between, classic, modern, nftables
from policyengine.firewall.docker.facts import is_at_least
from policyengine.firewall.docker.policy import writes
from policyengine.firewall.rules import Family, Ruleset, Table
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.docker.facts import Engine

_FAMILIES: tuple[Family, ...] = (4, 6)


def predicted(engine: Engine) -> Ruleset:
    """All tables of the engine. They are not ``whole``: the host may have rules of its own."""
    return Ruleset(tuple(table for family in _FAMILIES if writes(engine, family) for table in _tables(engine, family)))


def whose(engine: Engine) -> str:
    """What the rules are called that are predicted: ``the rules of Docker 20.10``; see ``is_at_least``."""
    version = "the latest Docker" if engine.version is None else f"Docker {'.'.join(map(str, engine.version[:2]))}"
    return f"the rules of {version}{' with nftables' if engine.backend == 'nftables' else ''}"


def _tables(engine: Engine, family: Family) -> Iterator[Table]:
    cause = Location(engine.name)
    if engine.backend == "nftables":
        yield from nftables.tables(engine, family, cause)
    elif is_at_least(engine, 29):
        yield from modern.tables(engine, family, cause)
    elif is_at_least(engine, 28):
        yield from between.tables(engine, family, cause)
    else:
        yield from classic.tables(engine, family, cause)
