"""What networks are asked: a decision that takes too much is no error here, but something that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.commands.firewall.ports import EVERYTHING
from policyengine.errors import BudgetError
from policyengine.firewall.reach import Explanation, Flows, lacking

if TYPE_CHECKING:
    from policyengine.firewall.reach import Network, Place


def flows(network: Network, source: Place, target: Place) -> Flows:
    """What gets from one place to the other; where that cannot be decided, all may."""
    try:
        return network.flows(source, target)
    except BudgetError as error:
        return Flows(unknown=dict(EVERYTHING), why=(str(error),))


def explained(network: Network, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
    """What becomes of a connection; where that cannot be decided, why."""
    try:
        found = network.explain(source, target, protocol, port)
        if found.verdict == "allowed" and found.apart is None:
            ports = None if port is None else ((port, port),)
            return replace(found, apart=lacking(network, source, target, protocol, ports))
        return found
    except BudgetError as error:
        return Explanation("unknown", None, why=str(error))


def short(network: Network, source: Place, target: Place) -> Explanation | None:
    """What shows that of some address nothing gets there at all, or perhaps nothing."""
    try:
        return lacking(network, source, target, None, None)
    except BudgetError as error:
        return Explanation("unknown", None, why=str(error))
