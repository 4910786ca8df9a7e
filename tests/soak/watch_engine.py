"""Many containers that start at once while an engine is watched: ``python -m tests.soak.watch_engine [CONTAINERS]``.

Each is to be told once, and the memory of the watch to stay flat. What was made is removed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

from tests.live.conftest import Workbench, build
from tests.live.watching import burst

CONTAINERS = 200
DOCKERFILE = 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "sleep", "600"]\n'


def main() -> int:
    """Do it, and tell how it went."""
    import docker

    count = int(sys.argv[1]) if len(sys.argv) > 1 else CONTAINERS
    client, base = docker.from_env(), f"policyengine-test-{uuid4().hex[:10]}-base:1"
    build(client, base, DOCKERFILE, Path(shutil.which("busybox") or "busybox"))
    bench = Workbench(client, base)
    try:
        with tempfile.TemporaryDirectory() as directory:
            told = burst(bench, base, Path(directory), count)
    finally:
        bench.clear()
        client.images.remove(base, force=True)
        client.close()
    sys.stdout.write(
        f"{count} containers: {len(told.more_than_once)} not told once; slowest {told.slowest:.2f} s after its start; "
        f"memory grew by {told.grown} KiB; ended {told.stopped_in:.2f} s after SIGTERM\n"
    )
    return int(bool(told.more_than_once))


if __name__ == "__main__":
    sys.exit(main())
