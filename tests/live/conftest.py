"""A container engine for tests that need a real one, and images that are built on it from nothing."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import endpoint
from policyengine.errors import SourceError
from tests.live.distribution import installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

    from docker import DockerClient
    from docker.models.containers import Container

LABEL = "policyengine.test"


def missing(reason: str) -> NoReturn:
    """Skip; fail where the live tests are required."""
    if os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """A client of the environment's engine; the test is skipped with the reason where none answers."""
    import docker

    try:
        with connected(endpoint()):
            pass
    except SourceError as error:
        missing(str(error))
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="session")
def program() -> str:
    """The registry's program."""
    found = installed()
    if found is None:
        missing("there is no docker-registry (Debian: docker-registry)")
    return found


@pytest.fixture(scope="session")
def busybox() -> Path:
    """A static busybox: the images hold nothing else that it could be linked to."""
    found = shutil.which("busybox")
    if found is None:
        missing("there is no busybox (Debian: busybox-static)")
    # A program that is linked dynamically names its loader.
    if b"/ld-" in Path(found).read_bytes():
        missing(f"{found} is not static (Debian: busybox-static)")
    return Path(found)


@pytest.fixture(scope="session")
def base(engine: DockerClient, busybox: Path) -> Iterator[str]:
    """An image that holds a static busybox and nothing else, and sleeps."""
    reference = f"policyengine-test-{uuid4().hex[:10]}-base:1"
    build(engine, reference, 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "sleep", "600"]\n', busybox)
    yield reference
    engine.images.remove(reference, force=True)


class Workbench:
    """Makes images, containers, networks and volumes of unique names, and removes them all."""

    def __init__(self, client: DockerClient, base: str) -> None:
        self.client = client
        self.prefix = f"policyengine-test-{uuid4().hex[:10]}"
        self._base = base
        self._images: list[str] = []

    def name(self, short: str) -> str:
        """A unique name for ``short``."""
        return f"{self.prefix}-{short}"

    def image(self, instructions: str, short: str = "app", tag: str = "1") -> str:
        """Build an image of a static busybox; gives its reference."""
        reference = f"{self.name(short)}:{tag}"
        build(self.client, reference, f"FROM {self._base}\n{instructions}\nLABEL {LABEL}={self.prefix}\n")
        self._images.append(reference)
        return reference

    def create(self, image: str, short: str = "web", *, start: bool = False, **options: Any) -> str:
        """Create a container, start it if asked to; gives its name."""
        name = self.name(short)
        container = self.client.containers.create(image, name=name, labels={LABEL: self.prefix}, **options)
        if start:
            container.start()
        return name

    def network(self, short: str, **options: Any) -> str:
        """Create a network; gives its name."""
        self.client.networks.create(self.name(short), labels={LABEL: self.prefix}, **options)
        return self.name(short)

    def volume(self, short: str, **options: Any) -> str:
        """Create a volume; gives its name."""
        self.client.volumes.create(self.name(short), labels={LABEL: self.prefix}, **options)
        return self.name(short)

    def pulled(self, reference: str) -> None:
        """Have an image removed in the end that came from elsewhere."""
        self._images.append(reference)

    def clear(self) -> None:
        """Remove everything."""
        mine: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={self.prefix}"}
        for container in self.client.containers.list(all=True, filters=mine):
            _removed(container)
        for network in self.client.networks.list(filters=mine):
            network.remove()
        for volume in self.client.volumes.list(filters={"name": self.prefix}):
            volume.remove(force=True)
        for reference in self._images:
            self._remove(reference)
        # Those that lost their tag.
        for image in self.client.images.list(filters=mine):
            self._remove(image.id or "")

    def _remove(self, image: str) -> None:
        with suppress(ImageNotFound):
            self.client.images.remove(image, force=True)


def _removed(container: Container) -> None:
    """Remove a container. A busy engine may find its files in use for a moment, and asks to be asked again."""
    for tries_left in reversed(range(5)):
        try:
            container.remove(force=True, v=True)
        except NotFound:
            return
        except APIError:
            if not tries_left:
                raise
            time.sleep(1)
        else:
            return


@pytest.fixture
def bench(engine: DockerClient, base: str) -> Iterator[Workbench]:
    """Makes things on the engine and removes them after the test."""
    made = Workbench(engine, base)
    try:
        yield made
    finally:
        made.clear()


def build(client: DockerClient, reference: str, dockerfile: str, *files: Path) -> None:
    """Build an image from a Dockerfile and the files that it copies.

    No step is taken from the engine's cache: it may be one of another test's image, which removes it meanwhile.
    """
    with io.BytesIO() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            for file in files:
                archive.add(file.resolve(), file.name)
            described = tarfile.TarInfo("Dockerfile")
            described.size = len(dockerfile.encode())
            archive.addfile(described, io.BytesIO(dockerfile.encode()))
        context.seek(0)
        client.images.build(fileobj=context, custom_context=True, tag=reference, nocache=True, rm=True, forcerm=True)
