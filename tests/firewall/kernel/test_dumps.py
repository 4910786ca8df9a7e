"""A dump of a host with Docker 20.10 and two networks of its own, loaded again: the kernel does what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.firewall.kernel.running import with_dump
from tests.once import ONCE

DUMP = Path(__file__).with_name("docker-20.10.rules")

pytestmark = [ONCE, pytest.mark.live]


@pytest.mark.parametrize("program", ["iptables-nft", "iptables-legacy"])
def test_kernel_interpreter_and_diagrams_agree_about_a_dump(program: str) -> None:
    found = with_dump(program, DUMP, 4000)
    assert not found.mismatched, "\n\n".join(found.mismatches)
    assert found.packets == 4000
    assert found.counters == found.rulesets * DUMP.read_text().count("\n-A ")
    assert min(found.seen["new accept"], found.seen["new drop"]) > 100
