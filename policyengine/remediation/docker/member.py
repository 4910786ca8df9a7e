"""One of the containers that are replaced together, while they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.remediation.docker.handing_over import Handover

if TYPE_CHECKING:
    from policyengine.remediation.docker.inspected import Container
    from policyengine.remediation.docker.memory import Side
    from policyengine.remediation.docker.order import Gate


class Member(Struct):
    """``incoming`` is the id of the container that takes the place of ``outgoing``, empty until it is made.

    ``enters`` and ``leaves`` are how the two are when they serve. The one that gives way is called ``retired`` then.
    ``network`` is the one on which the other warms up. ``before`` are containers that still have the name ``retired``
    from an earlier time.
    """

    name: str
    outgoing: Container
    enters: Side
    leaves: Side
    retired: str
    network: str
    gate: Gate
    incoming: str = ""
    before: tuple[str, ...] = ()

    def handover(self) -> Handover:
        """What is to be in the end."""
        return Handover(
            self.name, self.incoming, self.enters, self.outgoing.id, self.leaves, self.retired, self.network
        )
