"""policyengine's own image, built on the engine from the Dockerfile, on a base that is made here."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from tests.installation import ROOT
from tests.live.conftest import missing
from tests.live.debian import PYTHON, archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFINED = ("--read-only", "--cap-drop", "ALL", "--network", "none")
"""With how little it has to do: what the page shows, and more."""


class Ended(NamedTuple):
    """How a container ended."""

    code: int
    out: str
    err: str


class Image(NamedTuple):
    """An image by its reference."""

    reference: str

    def run(self, *arguments: str, work: Path | None = None, options: tuple[str, ...] = (), stdin: str = "") -> Ended:
        """Run it as the page tells, with a directory mounted for reading."""
        mount = ("--volume", f"{work}:/work:ro") if work else ()
        command = ("docker", "run", "--rm", "--interactive", *CONFINED, *mount, *options, self.reference, *arguments)
        return docker(*command[1:], stdin=stdin)


def docker(*arguments: str, stdin: str = "") -> Ended:
    """Run the docker command."""
    ended = subprocess.run(
        ["docker", *arguments], input=stdin, capture_output=True, text=True, timeout=600, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def built(place: Path) -> Iterator[Image]:
    """The image, with its first stage under a name of its own: a stage without a name is not removed."""
    _require_debian()
    name = f"policyengine-test-{uuid4().hex[:10]}-image"
    base, first, final = f"{name}:base", f"{name}:build", f"{name}:1"
    try:
        _made("import", str(archive(place)), base)
        build = ("build", "--quiet", "--build-arg", f"BASE={base}")
        _made(*build, "--target", "build", "--tag", first, str(ROOT))
        _made(*build, "--tag", final, str(ROOT))
        yield Image(final)
    finally:
        docker("image", "rm", "--force", final, first, base)


def _require_debian() -> None:
    for program in ("docker", "dpkg-query", PYTHON):
        if shutil.which(program) is None:
            missing(f"there is no {program}")


def _made(*arguments: str) -> None:
    ended = docker(*arguments)
    assert ended.code == 0, f"docker {' '.join(arguments)}: {ended.out[-2000:]}{ended.err[-2000:]}"
