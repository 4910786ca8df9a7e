"""What networks are asked: a decision that takes too much is no error here, but something that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.commands.firewall.ports import EVERYTHING
from policyengine.errors import BudgetError
from policyengine.firewall.reach import Explanation, Flows

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
        return network.explain(source, target, protocol, port)
    except BudgetError as error:
        return Explanation("unknown", None, why=str(error))
