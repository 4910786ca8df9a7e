"""The chains by which Docker before 29 keeps its bridges apart.

https://github.com/moby/moby/tree/v28.5.0/libnetwork/drivers/bridge: ``setINC`` and ``setupInternalNetworkRules``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine
    from policyengine.firewall.docker.spelling import Sheet

STAGE_1, STAGE_2 = "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2"


def isolate(sheet: Sheet, engine: Engine) -> None:
    """From one bridge to another nothing goes; to and from an internal one, nothing but its own addresses."""
    say = sheet.language
    networks = engine.bridges(say.family)
    for one in reversed([one for one in networks if one.internal]):
        for subnet in (subnet for subnet in one.subnets if subnet.family == say.family):
            # IPv6 within the bridge is let be, for the sake of link-local addresses.
            inside = [] if say.family == 4 else [say.into(one.bridge, but=True)]
            outside = [] if say.family == 4 else [say.out(one.bridge, but=True)]
            going = [say.source(subnet.text, but=True), *inside, say.out(one.bridge)]
            coming = [say.destination(subnet.text, but=True), say.into(one.bridge), *outside]
            sheet.add(STAGE_1, going, say.drop(), one.where)
            sheet.add(STAGE_1, coming, say.drop(), one.where)
    for one in reversed([one for one in networks if not one.internal]):
        if one.mode(say.family) == "routed":
            sheet.add(STAGE_1, [say.into(one.bridge), say.known()], say.accept(), one.where)
            sheet.add(STAGE_1, [say.out(one.bridge)], say.back(), one.where)
    for one in reversed([one for one in networks if not one.internal]):
        leaving = [say.into(one.bridge), say.out(one.bridge, but=True)]
        sheet.add(STAGE_1, leaving, say.jump(STAGE_2), one.where)
        sheet.add(STAGE_2, [say.out(one.bridge)], say.drop(), one.where)
