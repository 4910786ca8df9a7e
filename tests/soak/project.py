"""Remediations of a Compose project that are killed at every place: ``python -m tests.soak.project [--rounds N]``.

Lost is a project that is neither as it was before nor as it should become, files and containers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import docker

from tests.live.projects import PLACES, SHOP, Made, killed_and_recovered, plugin

_DOCKERFILE = 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "sleep", "600"]\n'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        return run(Path(directory), rounds)


def run(directory: Path, rounds: int) -> int:
    """Bring a project up, and kill what remediates it; 1 where it was lost once."""
    plugins, client = plugin(directory / "docker"), docker.from_env()
    if plugins is None:
        sys.exit("Docker Compose is not here: pip install -e '.[ground-truth]'")
    os.environ["DOCKER_CONFIG"] = str(plugins)
    name = f"policyengine-soak-{uuid4().hex[:10]}"
    shop = Made(client, name, directory / "shop", f"{name}:1", directory / "state", plugins)
    shop.directory.mkdir()
    try:
        image(client, directory, shop.image)
        shop.write(SHOP)
        shop.up()
        return killed(shop, rounds)
    finally:
        shop.down()
        client.images.remove(shop.image, force=True)


def killed(shop: Made, rounds: int) -> int:
    """Kill at each place in each round, and tell how often what came of it."""
    began, said, lost = time.monotonic(), Counter[str](), 0
    for _ in range(rounds):
        for where in PLACES:
            try:
                said[f"{where}: {killed_and_recovered(shop, where).rpartition(': ')[2]}"] += 1
            except AssertionError as error:
                lost += 1
                sys.stdout.write(f"LOST at {where}: {error}\n")
                shop.write(SHOP)
                shop.up()
    for line, count in sorted(said.items()):
        sys.stdout.write(f"{count:5} {line}\n")
    sys.stdout.write(f"{rounds * len(PLACES)} kills in {time.monotonic() - began:.0f} s, {lost} lost something\n")
    return 1 if lost else 0


def image(client: docker.DockerClient, directory: Path, reference: str) -> None:
    """Build an image of a static busybox that sleeps."""
    context = directory / "image"
    context.mkdir()
    shutil.copy(str(shutil.which("busybox")), context / "busybox")
    (context / "Dockerfile").write_text(_DOCKERFILE)
    client.images.build(path=str(context), tag=reference, rm=True)


if __name__ == "__main__":
    sys.exit(main())
