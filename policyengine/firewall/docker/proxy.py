"""Whether an engine has a proxy for its published ports, as its rules tell: its API does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.rules import Call, Numbers

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine
    from policyengine.firewall.rules import Rule, Ruleset

_CHAINS = ("DOCKER", "nat-prerouting-and-output")
"""Where published ports are translated: by the backend iptables, and by nftables."""


def with_proxy_as_in(ruleset: Ruleset, engine: Engine) -> Engine:
    """The engine with the setting ``userland-proxy`` that its rules show.

    What the host sends to its own loopback is translated only where there is no proxy: the rule that leads there leaves
    127.0.0.0/8 out otherwise (``begin_nat``). Without such a rule (``--iptables=false``) there is the default.
    """
    leading = [rule for rule in _of_output(ruleset) if isinstance(rule.action, Call) and rule.action.chain in _CHAINS]
    if not leading:
        return engine
    return replace(engine, userland_proxy=all(_leaves_out(rule) for rule in leading))


def _of_output(ruleset: Ruleset) -> list[Rule]:
    bases = [one for table in ruleset.tables if 4 in table.families for one in table.chains]
    return [rule for one in bases if one.hook == "output" and one.type == "nat" for rule in one.rules]


def _leaves_out(rule: Rule) -> bool:
    """Whether a rule is for some destinations only."""
    return all(
        any(isinstance(one, Numbers) and one.field == "destination" for one in conditions) for conditions in rule.any_of
    )
