"""The way of a packet through the kernel: which chains it comes through, and where it is tracked, translated, routed.

net/netfilter/core.c; the priorities are those of include/uapi/linux/netfilter_ipv4.h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.firewall.rules import Chain, Hook, Table  # noqa: TC001 - structures are made by these types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.packets import Path
    from policyengine.firewall.rules import Family, Ruleset

ROUTE: dict[Path, tuple[Hook | Literal["receive", "route", "return"], ...]] = {
    "input": ("ingress", "receive", "prerouting", "route", "input"),
    "forward": ("ingress", "receive", "prerouting", "route", "forward", "postrouting"),
    "output": ("output", "route", "postrouting"),
    "loopback": ("output", "route", "postrouting", "return", "ingress", "prerouting", "input"),
}
"""Hooks, and what is between them: what no host receives is dropped, and the rest is routed.

What comes back by the loopback is tracked already, and translated as it is to be: ``nf_conntrack_in`` and
``nf_nat_inet_fn`` let it be then.
"""

CONNTRACK = -200
"""The priority of connection tracking, in the first hook that a packet comes to."""

DNAT, SNAT = -100, 100
"""The priorities at which translation is asked, whatever its chains' are: these order them among themselves."""


class Stage(Struct, frozen=True):
    """A part of the way. ``translate``: the chains of a hook that translate, asked one after the other."""

    does: Literal["filter", "translate", "track", "receive", "route", "return"]
    hook: Hook
    chains: tuple[tuple[Table, Chain], ...] = ()


def stages(ruleset: Ruleset, family: Family, path: Path) -> tuple[Stage, ...]:
    """All that a packet of a path comes through, in order."""
    found: list[Stage] = []
    for hook in ROUTE[path]:
        if hook == "receive" or hook == "route" or hook == "return":
            found.append(Stage(hook, "prerouting"))
        else:
            is_back = any(stage.does == "return" for stage in found)
            found += [one for one in _of_hook(ruleset, family, hook) if not is_back or one.does == "filter"]
    return tuple(found)


def _of_hook(ruleset: Ruleset, family: Family, hook: Hook) -> list[Stage]:
    latest_first = reversed(list(_chains(ruleset, family, hook)))
    chains = sorted(latest_first, key=lambda pair: pair[1].priority)
    turns = [
        (chain.priority, 1, Stage("filter", hook, ((table, chain),))) for table, chain in chains if _filters(chain)
    ]
    if hook in ("prerouting", "output"):
        turns.append((CONNTRACK, 0, Stage("track", hook)))
    if translating := tuple((table, chain) for table, chain in chains if not _filters(chain)):
        turns.append((DNAT if hook in ("prerouting", "output") else SNAT, 1, Stage("translate", hook, translating)))
    return [stage for _, _, stage in sorted(turns, key=lambda turn: turn[:2])]


def _filters(chain: Chain) -> bool:
    return chain.type != "nat"


def _chains(ruleset: Ruleset, family: Family, hook: Hook) -> Iterator[tuple[Table, Chain]]:
    for table in ruleset.tables:
        if family in table.families:
            for chain in table.chains:
                if chain.hook == hook:
                    yield table, chain
