"""The README's live example is true on a real engine."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import missing
from tests.test_readme import commands, compared, ours

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.live

IMAGE = 'FROM {base}\nENTRYPOINT ["/bin/busybox"]\nCMD ["sleep", "600"]\n'


def test_the_live_example(engine: DockerClient, base: str) -> None:
    docker_run, _ = next(one for one in commands() if one[0].startswith("docker run "))
    name, image = "shop-db", "postgres:16.4"
    if engine.images.list(image) or engine.containers.list(all=True, filters={"name": f"^{name}$"}):
        missing(f"the engine has an image {image} or a container {name} of its own")
    engine.images.build(fileobj=BytesIO(IMAGE.format(base=base).encode()), tag=image, rm=True)
    try:
        secret = re.search(r"POSTGRES_PASSWORD=(\S+)", docker_run)
        assert secret is not None
        container = engine.containers.run(
            image, detach=True, name=name, environment=[secret[0]], ports={"5432/tcp": 5432}
        )
        try:
            for command, shown in ours(live=True):
                compared(command, shown)
        finally:
            container.remove(force=True)
    finally:
        engine.images.remove(image, force=True)
