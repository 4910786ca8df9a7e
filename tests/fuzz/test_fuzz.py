"""No input makes a reader crash, hang, or take memory without end.

``POLICYENGINE_EXAMPLES`` sets how many inputs each reader is given: a fourth of it; a tenth those of one file's
syntax, which have differential tests of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from policyengine.inputs import document_inputs
from tests.fuzz.projects import NAMES
from tests.installation import ROOT
from tests.running import variables

EXAMPLES = int(os.environ.get("POLICYENGINE_EXAMPLES", "0"))
MANIFESTS = ("compose", "docker", "dockerfile", "kubernetes")


def test_every_reader_is_fuzzed() -> None:
    assert set(NAMES) == set(document_inputs())


@pytest.mark.parametrize("reader", NAMES)
def test_nothing_crashes(reader: str) -> None:
    count = max(200, EXAMPLES // (4 if reader in MANIFESTS else 10))
    command = [sys.executable, "-m", "tests.fuzz", reader, str(count), "1"]
    ended = subprocess.run(
        command, cwd=ROOT, env=variables(), capture_output=True, text=True, timeout=1800, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    judged = int(ended.stdout.split("inputs, ")[1].split()[0])
    # Not all of it is noise; of rules and of OpenSSH's files the least that is wrong has them refused as a whole.
    assert judged > count // (40 if reader in ("firewall", "ssh", "sshd") else 10)
