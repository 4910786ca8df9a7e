"""firewalld's table of nftables on its way: chains, and the rules in them, each with the place that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.firewalld.expressions import (
    ACCEPT,
    DROP,
    REJECT,
    Fragment,
    has_state,
    interface,
    is_family,
    match,
    payload,
)
from policyengine.firewall.nft.dump import Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.firewalld.ipsets import Ipset
    from policyengine.firewall.firewalld.settings import Check, Settings
    from policyengine.model.location import Location

TABLE: dict[str, object] = {"family": "inet", "table": "firewalld"}
"""What every object is of."""

AFTER = 10
"""firewalld's chains come as much after those of iptables."""

BASE = {
    "nat_PREROUTING": -100,
    "nat_POSTROUTING": 100,
    "nat_OUTPUT": -100,
    "filter_PREROUTING": 0,
    "filter_INPUT": 0,
    "filter_FORWARD": 0,
    "filter_OUTPUT": 0,
}
"""Its base chains, with the priorities that iptables has for the same."""

STAGES = ("pre", "log", "deny", "allow", "post")
"""The chains of a zone or a policy, in order."""

_MAPPED = (
    ("::", 96),
    ("::ffff:0.0.0.0", 96),
    ("2002::", 24),
    ("2002:a00::", 24),
    ("2002:7f00::", 24),
    ("2002:a9fe::", 32),
    ("2002:ac10::", 28),
    ("2002:c0a8::", 32),
    ("2002:e000::", 19),
)
"""IPv6 addresses that stand for IPv4 ones which are no destinations in the Internet (RFC 3964, section 5.1)."""

_CHECKED: dict[Check, list[str]] = {
    "strict": ["saddr", "mark", "iif"],
    "strict-forward": ["saddr", "mark", "iif"],
    "loose": ["saddr", "mark"],
    "loose-forward": ["saddr", "mark"],
}


class Layout:
    """The chains by name; ``where`` is the place of what firewalld always has."""

    def __init__(self, where: Location) -> None:
        self.where = where
        self._chains: dict[str, Object] = {}
        self._rules: dict[str, list[tuple[int, Object]]] = {}

    def has(self, chain: str) -> bool:
        """Whether there is a chain."""
        return chain in self._chains

    def chain(self, name: str, where: Location | None = None, **base: object) -> None:
        """Add a chain."""
        self._chains[name] = Object("chain", {**TABLE, "name": name, **base}, where or self.where)
        self._rules[name] = []

    def rule(self, chain: str, *statements: Fragment, where: Location | None = None, priority: int = 0) -> None:
        """Add a rule to a chain, after those of the same priority and before those of higher ones."""
        said = {**TABLE, "chain": chain, "expr": list(statements)}
        self._rules[chain].append((priority, Object("rule", said, where or self.where)))

    def jump(self, chain: str, *targets: str, where: Location | None = None) -> None:
        """Add jumps to chains."""
        for target in targets:
            self.rule(chain, jump(target), where=where)

    def objects(self, ipsets: list[Ipset]) -> Iterator[Object]:
        """The table as a dump has it."""
        yield Object("table", {"family": TABLE["family"], "name": TABLE["table"]}, self.where)
        for one in ipsets:
            yield Object("set", {**TABLE, "name": one.name, "elem": list(one.entries)}, one.where)
        yield from self._chains.values()
        for rules in self._rules.values():
            yield from (rule for _, rule in sorted(rules, key=lambda one: one[0]))


def jump(target: str) -> Fragment:
    """On to a chain, and back."""
    return {"jump": {"target": target}}


def goto(target: str) -> Fragment:
    """On to a chain, and not back."""
    return {"goto": {"target": target}}


def base(settings: Settings) -> Layout:
    """The chains that are there whatever zones and policies there are."""
    layout = Layout(settings.where)
    for name, priority in BASE.items():
        table, _, hook = name.partition("_")
        told = {"type": table, "hook": hook.lower(), "prio": priority + AFTER, "policy": "accept"}
        layout.chain(name, None, **told)
        for part in () if name == "filter_PREROUTING" else ("POLICIES_pre", "ZONES", "POLICIES_post"):
            if part != "ZONES" or hook != "OUTPUT":
                layout.chain(f"{name}_{part}")
    _reverse(layout, settings.reverse)
    for hook in ("INPUT", "FORWARD"):
        _received(layout, settings, hook)
    _sent(layout, settings)
    layout.jump("nat_PREROUTING", "nat_PREROUTING_ZONES")
    layout.jump("nat_POSTROUTING", "nat_POSTROUTING_ZONES")
    layout.jump("nat_OUTPUT", "nat_OUTPUT_POLICIES_pre", "nat_OUTPUT_POLICIES_post")
    return layout


def _reverse(layout: Layout, check: Check) -> None:
    """Packets of IPv6 are dropped that no route leads back to the source of; not what finds the neighbours."""
    if check == "off":
        return
    chain = "filter_FORWARD" if check.endswith("-forward") else "filter_PREROUTING"
    if chain == "filter_PREROUTING":
        neighbours = {"set": ["nd-router-advert", "nd-neighbor-solicit"]}
        layout.rule(chain, match(payload("icmpv6", "type"), neighbours), ACCEPT)
    missing = match({"fib": {"flags": _CHECKED[check], "result": "oif"}}, right=False)
    layout.rule(chain, is_family(6), missing, DROP)


def _received(layout: Layout, settings: Settings, hook: str) -> None:
    chain = f"filter_{hook}"
    layout.rule(chain, has_state("established", "related"), ACCEPT)
    translated = match({"ct": {"key": "status"}}, "dnat", "in")
    if settings.strict:
        layout.chain(f"{chain}_dnat")
        layout.rule(f"{chain}_dnat", match({"service": {"name": "that firewalld forwards"}}, "undefined"), ACCEPT)
        layout.rule(f"{chain}_dnat", REJECT)
        layout.rule(chain, translated, jump(f"{chain}_dnat"))
    else:
        layout.rule(chain, translated, ACCEPT)
    layout.rule(chain, interface("iifname", "lo"), ACCEPT)
    layout.rule(chain, has_state("invalid"), DROP)
    if hook == "FORWARD" and settings.mapped:
        _refuse_mapped(layout, chain)
    layout.jump(chain, f"{chain}_ZONES")
    layout.rule(chain, REJECT)


def _sent(layout: Layout, settings: Settings) -> None:
    layout.rule("filter_OUTPUT", has_state("established", "related"), ACCEPT)
    layout.rule("filter_OUTPUT", interface("oifname", "lo"), ACCEPT)
    if settings.mapped:
        _refuse_mapped(layout, "filter_OUTPUT")
    layout.jump("filter_OUTPUT", "filter_OUTPUT_POLICIES_pre", "filter_OUTPUT_POLICIES_post")


def _refuse_mapped(layout: Layout, chain: str) -> None:
    networks = [{"prefix": {"addr": address, "len": length}} for address, length in _MAPPED]
    refusal: Fragment = {"reject": {"type": "icmpv6", "expr": "addr-unreachable"}}
    layout.rule(chain, match(payload("ip6", "daddr"), {"set": networks}), refusal)


def staged(layout: Layout, name: str, where: Location, around: str = "") -> None:
    """The chains of a zone or a policy: one for each stage, and one that goes through them.

    ``around`` is the hook's chain whose policies come before and after them, those of zones.
    """
    layout.chain(name, where)
    for stage in STAGES:
        layout.chain(f"{name}_{stage}", where)
    layout.jump(name, *([f"{around}_POLICIES_pre"] if around else []), where=where)
    layout.jump(name, *(f"{name}_{stage}" for stage in STAGES), where=where)
    layout.jump(name, *([f"{around}_POLICIES_post"] if around else []), where=where)


_ENDS: dict[str, Fragment] = {"default": REJECT, "reject": REJECT, "accept": ACCEPT, "drop": DROP}


def end(layout: Layout, chain: str, target: str, where: Location) -> None:
    """The last rule of a chain, by the target of its zone or policy."""
    if target in _ENDS:
        layout.rule(chain, _ENDS[target], where=where)
