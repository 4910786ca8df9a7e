"""The kernel, the interpreter and the diagrams agree about every packet and every counter."""

from __future__ import annotations

import pytest

from policyengine.firewall.rules import STATES
from tests.firewall.kernel.programs import PROGRAMS
from tests.firewall.kernel.running import differential
from tests.once import ONCE

PACKETS = 37_500
"""Of each program and family: 300,000 in all."""
SEED = 4
"""One by which every state meets every verdict."""

pytestmark = [ONCE, pytest.mark.live]


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("program", PROGRAMS)
def test_kernel_interpreter_and_diagrams_agree(program: str, family: int) -> None:
    found = differential(program, family, PACKETS, SEED)
    assert not found.mismatched, "\n\n".join(found.mismatches)
    assert found.packets == PACKETS
    # What is compared is neither all dropped nor all let through, in no state, and many rules are met.
    assert {f"{state} {verdict}" for state in STATES for verdict in ("accept", "drop")} <= set(found.seen)
    assert {f"{state} reject" for state in ("new", "established", "untracked")} <= set(found.seen)
    assert min(found.seen[f"new {verdict}"] for verdict in ("accept", "drop")) > PACKETS / 100
    assert found.met > PACKETS / 10
