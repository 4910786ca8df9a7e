"""How long decisions about rule sets of growing size take: ``python -m tests.benchmarks.firewall [WHAT...]``.

WHAT is a shape of ``tests.firewall.realistic`` and how many rules (``campus:5000``), or a file of iptables-save. Times
are of this process on its processor; on a machine that has other things to do, the loop that is run beside each is
slower by as much as they are.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.firewall import ipset
from policyengine.firewall.addresses import first_and_last
from policyengine.firewall.deciding import decide
from policyengine.firewall.iptables import matches, read
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import Ruleset
from tests.firewall.realistic import SHAPES, made
from tests.firewall.realistic.dump import Made

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (*(f"{shape}:5000" for shape in SHAPES), *(f"zones:{rules}" for rules in (600, 10000, 20000, 50000)))
"""Every shape, and how one of them grows."""

QUERY = Query(
    4, "forward", {"state": ((0, 0),), "protocol": ((6, 6),), "sport": ((10000, 10000),), "dport": ((22, 22),)}
)
"""Who reaches whom by SSH: any interface, any source, any destination."""


def main(asked: list[str]) -> None:
    """A line for each rule set."""
    gc.set_threshold(100_000, 20, 100)  # as the command does
    head = f"{'what':>14} {'rules':>6} {'parse':>10} {'query':>10} {'flows':>10} {'peak':>9} {'steps':>8}   one loop is"
    sys.stdout.write(f"{head}\n")
    for what in asked or SIZES:
        sys.stdout.write(f"{_measured(what)}\n")
        sys.stdout.flush()


def _measured(what: str) -> str:
    shape, _, size = what.partition(":")
    written = made(shape, int(size)) if shape in SHAPES else Made(Path(what).read_text(encoding="utf-8"))
    loop = _best(_calibration)
    parse = _best(lambda: _parsed(written))
    rules = _parsed(written)
    query = _best(lambda: decide(rules, None, QUERY))
    decided = decide(rules, None, QUERY)
    flows = _best(decided.flows)
    count = sum(len(chain.rules) for table in rules.tables for chain in table.chains)
    columns = "".join(f" {_shown(one):>10}" for one in (parse, query, flows))
    rest = f"{_peak(rules):>5.1f} MiB {decided.diagrams.steps:>8}   {_shown(loop)}"
    return f"{what[-14:]:>14} {count:>6}{columns} {rest}"


def _parsed(written: Made) -> Ruleset:
    matches.read.cache_clear()
    first_and_last.cache_clear()
    return Ruleset(read(written.rules, "rules", 4, sets=ipset.read(written.sets, "sets")))


def _calibration() -> None:
    found = {}
    for number in range(100_000):
        found[number, number & 7] = number


def _best(run: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        gc.collect()
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    return min(taken)


def _peak(rules: Ruleset) -> float:
    """What a decision holds at most, in MiB."""
    tracemalloc.start()
    decide(rules, None, QUERY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main(sys.argv[1:])
