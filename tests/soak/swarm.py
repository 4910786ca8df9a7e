"""Updates of Swarm services that are killed at every step, and whose engine dies at every request, over and over.

``python -m tests.soak.swarm [ROUNDS]``: after each, every service must be as it was or as it is to be, and serve.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp

from tests.live.swarm import swarm
from tests.live.swarm_targets import Fault
from tests.live.test_swarm import died, killed

ROUNDS = 5

STEPS = [
    *((step, "good") for step in ("write down", "ask", "watch", "restore settings", "finish")),
    *((step, "broken") for step in ("watch", "put back", "watch it back")),
]
FAULTS = [Fault(request, before) for request in (1, 2, 3, 4) for before in (True, False)]


def main(rounds: str = str(ROUNDS)) -> None:
    with swarm(Path(shutil.which("busybox") or "")) as there:
        there.image("1")
        for number in range(1, int(rounds) + 1):
            killed(there, Path(mkdtemp()), STEPS)
            there.clear()
            died(there, Path(mkdtemp()), FAULTS)
            there.clear()
            sys.stdout.write(f"{number * (len(STEPS) + len(FAULTS))} faults, nothing lost\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
