"""A reader or a decision that is wrong does not go unnoticed: what is read of the kernel is tampered with."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from tests.firewall.kernel.differential import Found
from tests.installation import ROOT
from tests.once import ONCE

pytestmark = [ONCE, pytest.mark.live]

WRONG = {
    "policy": """
base = chains.Chains.base
chains.Chains.base = lambda self, chain: base(self, replace(chain, policy="accept"))
""",
    "order": "interpreter.sorted = lambda found, key: sorted(found, key=key, reverse=True)",
    "ports": "matches.READERS['--dport'] = matches.READERS['--sport']",
    "tracking": "interpreter._Walk._track = lambda self: None",
    "counting": """
count = programs._counted
programs._counted = lambda text, tables: count(text.replace("[0:0] -A", "[1:1] -A"), tables)
""",
}
"""What is broken, and how."""

RUN = """
import sys
from msgspec.structs import replace
from policyengine.firewall import chains, interpreter
from policyengine.firewall.iptables import matches
from tests.firewall.kernel import differential, programs
{}
sys.argv = ["differential", "--program", "iptables-nft", "--family", "4", "--packets", "8000"]
sys.exit(differential.main())
"""


@pytest.mark.parametrize("part", WRONG)
def test_what_is_wrong_is_noticed(part: str) -> None:
    command = [sys.executable, "-c", RUN.format(WRONG[part])]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr
    assert msgspec.json.decode(ended.stdout, type=Found).mismatched
