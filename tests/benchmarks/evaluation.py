"""How long one judgement takes: ``python -m tests.benchmarks.evaluation``.

Reads about 400 Kubernetes files, then has every policy judge every resource that it applies to, several times, each
time with policies made ready anew, which remember nothing; prints the time for each judgement of the fastest round (the
others were disturbed), and which policies take the most. Reading and reporting are not in it. Not a test: nothing fails
for being slow.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.commands.policies import loaded
from policyengine.engine import Engine
from policyengine.policy.verdict import FAIL
from policyengine.relations import Index
from policyengine.settings import Settings
from policyengine.sources import Reader
from tests.benchmarks.corpus import manifests

if TYPE_CHECKING:
    from policyengine.model.resource import Resource
    from policyengine.policy.body import Body

ROUNDS = 7
SLOWEST = 5


def resources(directory: Path) -> list[Resource]:
    """Every resource in a directory, related to the others."""
    reader, index = Reader(), Index()
    read = [found for item in reader.items([str(directory)]) for found in reader.read(item).resources]
    for resource in read:
        index.add(resource)
    return [index.relate(resource) for resource in read]


def pairs(found: list[Resource]) -> list[tuple[Body, Resource]]:
    """Every resource with each policy that applies to it, the policies made ready anew."""
    applicable = [(ready, resource) for ready, resource in _ready_pairs(found) if ready.selects(resource.facts) != FAIL]
    wanted = [(ready.policy.id, resource) for ready, resource in applicable]
    fresh = {(ready.policy.id, id(resource)): ready for ready, resource in _ready_pairs(found)}
    return [(fresh[(id_, id(resource))], resource) for id_, resource in wanted]


def _ready_pairs(found: list[Resource]) -> list[tuple[Body, Resource]]:
    engine = Engine([(policy, None) for policy in loaded(Settings())[0]], {})
    return [(ready, resource) for resource in found for ready in engine.bodies(resource.kind, resource.origin)[0]]


def measure(found: list[Resource], rounds: int = ROUNDS) -> tuple[int, float, Counter[str]]:
    """How many judgements, microseconds for each in the fastest round, and by policy in the last."""
    fastest, count = float("inf"), 0
    for _ in range(rounds):
        judged = pairs(found)
        clock = time.perf_counter()
        for ready, resource in judged:
            ready.selects(resource.facts)
            ready.verdict(resource.facts, None)
        count = len(judged)
        fastest = min(fastest, (time.perf_counter() - clock) / count)
    return count, fastest * 1e6, _by_policy(pairs(found))


def _by_policy(judged: list[tuple[Body, Resource]]) -> Counter[str]:
    """Microseconds for a judgement of each policy."""
    taken: dict[str, list[float]] = {}
    for ready, resource in judged:
        clock = time.perf_counter()
        ready.selects(resource.facts)
        ready.verdict(resource.facts, None)
        taken.setdefault(ready.policy.id, []).append(time.perf_counter() - clock)
    return Counter({id_: round(sum(times) / len(times) * 1e6, 1) for id_, times in taken.items()})


def lines(found: list[Resource], rounds: int = ROUNDS) -> list[str]:
    """What to print."""
    count, one, by_policy = measure(found, rounds)
    shown = [f"{count} judgements, {one:.2f} us each  (to be under 3)"]
    return shown + [f"  {id_} {micros} us" for id_, micros in by_policy.most_common(SLOWEST)]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as own:
        sys.stdout.write("\n".join(lines(resources(manifests(Path(own))))) + "\n")
