"""No input makes a reader crash, hang, or take memory without end.

``POLICYENGINE_EXAMPLES`` sets how many inputs each reader is given: a fourth of it.
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

COUNT = max(200, int(os.environ.get("POLICYENGINE_EXAMPLES", "0")) // 4)


def test_every_reader_is_fuzzed() -> None:
    assert set(NAMES) == set(document_inputs())


@pytest.mark.parametrize("reader", NAMES)
def test_nothing_crashes(reader: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", reader, str(COUNT), "1"]
    ended = subprocess.run(
        command, cwd=ROOT, env=variables(), capture_output=True, text=True, timeout=1800, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    judged = int(ended.stdout.split("inputs, ")[1].split()[0])
    assert judged > COUNT // 10  # not all of it is noise
