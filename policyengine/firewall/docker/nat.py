"""The table ``nat``, which is much the same in all versions of Docker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import shown
from policyengine.firewall.docker import ingress
from policyengine.firewall.docker.mappings import of_family
from policyengine.firewall.docker.policy import guarded

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine, EngineNetwork, Subnet
    from policyengine.firewall.docker.spelling import Deed, Sheet
    from policyengine.firewall.rules import Family

LOOPBACK: dict[Family, str] = {4: "127.0.0.0/8", 6: "::1/128"}
LINK_LOCAL = "fe80::/10"

DSTNAT, SRCNAT = -100, 100
"""The priorities of translation (``linux/netfilter_ipv4.h``)."""


def begin_nat(sheet: Sheet, engine: Engine) -> None:
    """The way into the chain DOCKER, and what containers are called by outside."""
    say = sheet.language
    sheet.base("PREROUTING", "prerouting", DSTNAT, type_="nat")
    sheet.base("INPUT", "input", SRCNAT, type_="nat")
    sheet.base("OUTPUT", "output", DSTNAT, type_="nat")
    sheet.base("POSTROUTING", "postrouting", SRCNAT, type_="nat")
    sheet.chain("DOCKER")
    ingress.nat(sheet, engine)
    sheet.add("PREROUTING", [say.local("destination"), *guarded(engine, say.family)], say.jump("DOCKER"))
    # What a host sends to its own loopback is the proxy's.
    beyond = [say.destination(LOOPBACK[say.family], but=True)] if engine.userland_proxy else []
    sheet.add("OUTPUT", [*beyond, say.local("destination"), *guarded(engine, say.family)], say.jump("DOCKER"))
    for network in reversed(engine.bridges(say.family)):
        for subnet in network.subnets:
            if subnet.family == say.family and not network.internal:
                _hide(sheet, engine, network, subnet)


def _hide(sheet: Sheet, engine: Engine, network: EngineNetwork, subnet: Subnet) -> None:
    say = sheet.language
    if not engine.userland_proxy:
        sheet.add("POSTROUTING", [say.out(network.bridge), say.local("source")], _as(sheet, network), network.where)
    if network.masquerade and network.mode(say.family) != "routed":
        parts = [say.source(subnet.text), say.out(network.bridge, but=True)]
        sheet.add("POSTROUTING", parts, _as(sheet, network), network.where)


def _as(sheet: Sheet, network: EngineNetwork) -> Deed:
    address = network.snat.get(sheet.language.family)
    return sheet.language.snat(address) if address else sheet.language.masquerade()


def leave_to_proxy(sheet: Sheet, engine: Engine) -> None:
    """Before 29 containers do not come to published ports by translation: the proxy is there for them."""
    say = sheet.language
    for one in reversed(engine.bridges(say.family)):
        masked = one.masquerade and engine.userland_proxy
        if not one.internal and (masked or one.mode(say.family) == "routed"):
            sheet.add("DOCKER", [say.into(one.bridge)], say.back(), one.where)


def translate(sheet: Sheet, engine: Engine, *, skip_link_local: bool, own_port: bool) -> None:
    """Published ports: to the container, but for what the proxy is there for. ``own_port``: a container that comes to
    its own is masqueraded."""
    say = sheet.language
    for one in (one for one in of_family(engine, say.family) if one.first):
        parts = [say.source(LINK_LOCAL, but=True)] if say.family == 6 and skip_link_local else []
        if one.host is not None:
            parts.append(say.destination(shown(one.host, say.family)))
        if engine.userland_proxy:
            parts.append(say.into(one.network.bridge, but=True))
        parts.append(say.port(one.protocol, one.first, one.last))
        sheet.add("DOCKER", parts, say.dnat(one.container, one.target), one.where)
        if own_port:
            own = shown(one.container, say.family)
            parts = [say.source(own), say.destination(own), say.port(one.protocol, one.target)]
            sheet.add("POSTROUTING", parts, say.masquerade(), one.where)
