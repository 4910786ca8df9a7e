"""``python -m tests.soak.round_trip SECONDS [SEED]``: containers of many kinds at once, made anew on the engine.

Says how many combinations were tried, how many of these the engine does not have, and all that differed: none should.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from policyengine.errors import SourceError
from tests.live.configurations import MATRIX, combined
from tests.live.conftest import build
from tests.live.remaking import Maker

AT_ONCE = 4


def run(seconds: float, seed: int) -> int:
    """Try combinations for so long; how many differed."""
    import docker

    client = docker.from_env()
    base = f"policyengine-soak-{uuid4().hex[:10]}:1"
    build(client, base, 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "sleep", "600"]\n', _busybox())
    with tempfile.TemporaryDirectory() as files:
        maker = Maker(client, base, Path(files))
        try:
            return _tried(maker, seconds, random.Random(seed))
        finally:
            maker.close()
            client.images.remove(base, force=True)


def _busybox() -> Path:
    found = shutil.which("busybox")
    assert found, "there is no busybox (Debian: busybox-static)"
    return Path(found)


def _tried(maker: Maker, seconds: float, chance: random.Random) -> int:
    until, tried, refused, failed = time.monotonic() + seconds, 0, 0, 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while time.monotonic() < until:
            batch = [_names(chance) for _ in range(AT_ONCE * 4)]
            for names, found in zip(batch, pool.map(lambda one: _differing(maker, one), batch), strict=True):
                tried += 1
                refused += found is None
                if found:
                    failed += 1
                    sys.stdout.write(f"{names}: {found}\n")
    sys.stdout.write(f"{tried} combinations, {refused} of which the engine does not have; {failed} differed\n")
    return failed


def _names(chance: random.Random) -> list[str]:
    return chance.sample(sorted(MATRIX), chance.randint(2, 7))


def _differing(maker: Maker, names: list[str]) -> list[str] | None:
    """The paths that differ; None for what the engine does not have."""
    made = combined(names)
    try:
        maker.remove(maker.make(made))
    except SourceError:
        return None
    try:
        return maker.round_trip(made)
    except Exception as error:  # noqa: BLE001  # told with the combination
        return [f"{type(error).__name__}: {error}"]


if __name__ == "__main__":
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    sys.stdout.write(f"seed {seed}\n")
    sys.exit(1 if run(float(sys.argv[1]), seed) else 0)
