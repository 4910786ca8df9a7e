"""The benchmark runs and prints its ratios; how large they are is no test's business."""

from __future__ import annotations

import re

from tests.benchmarks.cold_start import lines, measure


def test_it_measures_and_compares() -> None:
    shown = "\n".join(lines(measure(rounds=1)))
    assert re.search(r"^check +\d+\.\d{3} s +\d+\.\d{3} s  \(to be under 0\.3 s", shown, re.MULTILINE)
    assert re.search(
        r"^check takes +\d+\.\d times \(\d+\.\d of CPU time\) as long as a bare Python$", shown, re.MULTILINE
    )
