"""The recipe of an image with a policy's layer on top: for the classic builder, which every engine has.

What is run is an instruction in JSON: a shell of the image reads it, and nothing of it is the Dockerfile's to expand.
It runs as root, in the order in which one step may need what the next takes away: commands, files, removals, setuid
bits. What only sets a user or writes files needs no shell in the image.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.images.managers import SYSTEM_PROGRAMS
from policyengine.images.user import is_root
from policyengine.policy.image_strategy import MANAGERS
from policyengine.remediation.images.recipe import Recipe, copied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.policy.image_strategy import Rebuild
    from policyengine.remediation.images.asking import Found

_DIRECTORIES = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin")
_SETUID = r"find / -xdev -type f \( -perm -4000 -o -perm -2000 \) -exec chmod ug-s {} +"
"""POSIX: busybox's find knows it too."""


def recipe(found: Found, layer: Rebuild, policies: Sequence[str] = ()) -> Recipe:
    """How an image is derived from the one that was found, for policies.

    Raises :class:`RemedyError` where the layer would not be what it says: triggers of the image would run in the
    build, or what is changed is in a volume, which keeps nothing of a build.
    """
    config = found.config
    _check(found, layer)
    inner = [*_commands(layer)]
    user = str(config.get("User") or "")
    last = layer.user or (user if inner and not is_root(user) else "")
    steps = [
        _labels(found),
        *(["USER 0"] if inner and not is_root(user) else []),
        *inner,
        *([f"USER {last}"] if last else []),
    ]
    files = {copied(index): text for index, text in enumerate(layer.files.values())}
    return Recipe(found.chosen.reference, tuple(steps), files, bool(layer.run), tuple(policies))


def _commands(layer: Rebuild) -> Iterator[str]:
    yield from (_run(command) for command in layer.run)
    yield from (f"COPY {json.dumps([copied(index), path])}" for index, path in enumerate(layer.files))
    if paths := [path for path in layer.remove if path != MANAGERS]:
        yield _run(f"rm -rf -- {shlex.join(paths)}")
    if MANAGERS in layer.remove:
        # What is installed stays known: scanners read the database.
        programs = [f"{directory}/{program}" for program in SYSTEM_PROGRAMS for directory in _DIRECTORIES]
        yield _run(f"rm -f -- {shlex.join(programs)}")
    if layer.remove_setuid:
        yield _run(_SETUID)


def _run(command: str) -> str:
    return f"RUN {json.dumps(['/bin/sh', '-c', command])}"


def _labels(found: Found) -> str:
    """https://github.com/opencontainers/image-spec/blob/main/annotations.md"""
    chosen = found.chosen
    name = f"{chosen.name}:{chosen.tag}" if chosen.tag else chosen.name or chosen.reference
    labels = {"name": name, "digest": chosen.digest or chosen.reference}
    return "LABEL " + " ".join(
        f"org.opencontainers.image.base.{key}={json.dumps(value)}" for key, value in labels.items()
    )


def _check(found: Found, layer: Rebuild) -> None:
    reference = found.chosen.reference
    if found.config.get("OnBuild"):
        raise RemedyError(f"{reference} has ONBUILD triggers, which would run in the build")
    volumes = found.config.get("Volumes")
    for path in (*layer.remove, *layer.files):
        for volume in _roots(volumes if isinstance(volumes, dict) else {}):
            if path == volume or path.startswith(f"{volume}/"):
                raise RemedyError(f"{path} is in the volume {volume} of {reference}, which keeps nothing of a build")


def _roots(volumes: Mapping[str, object]) -> list[str]:
    return [volume.rstrip("/") for volume in volumes]
