"""That a project's files say what runs: only then does changing them change just what is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.connections.docker_compose import Up
from policyengine.errors import RemedyError
from policyengine.remediation.project.differences import differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.connections.docker_compose import Compose, Touched
    from policyengine.model.resource import Resource
    from policyengine.remediation.project.scene import Scene


def agree(scene: Scene, said: Resource, live: Mapping[str, object], compose: Compose | None) -> None:
    """Raise :class:`RemedyError` where the files say otherwise than what runs, with what.

    Compose itself tells by the hash that it gave the containers, and by what it would do now. Without it, fields are
    compared.
    """
    if compose is None:
        found = differences(said, live)
        if found:
            raise RemedyError(f"its Compose files say otherwise than what runs: {', '.join(found)}", hint=_up(scene))
        return
    now = compose.hashes(scene.service.project).get(scene.service.name)
    if now is None:
        raise RemedyError(f"its Compose files have no service {scene.service.name} any more")
    if now != scene.hash:
        raise RemedyError(_why(scene, differences(said, live), compose), hint=_up(scene))
    would = compose.rehearsed(scene.service.project, Up(scene.up))
    if would:
        raise RemedyError(f"docker compose up would change more now: {_listed(would)}", hint=_up(scene))


def _why(scene: Scene, found: list[str], compose: Compose) -> str:
    if found:
        return f"its Compose files say otherwise than what runs: {', '.join(found)}"
    if scene.service.made_by != compose.version:
        made = f"Compose {scene.service.made_by}" if scene.service.made_by else "another program"
        return f"it was made by {made}, and Compose {compose.version} would make it anew"
    return "its Compose files, or variables that they use, have changed since it was made"


def _up(scene: Scene) -> str:
    return f"docker compose -p {scene.service.project.name} up -d {scene.service.name}, then plan anew"


def _listed(would: list[Touched]) -> str:
    return ", ".join(dict.fromkeys(f"{one.kind.lower()} {one.name} ({one.deed.lower()})" for one in would))


def only(names: Iterable[str], would: Iterable[Touched]) -> bool:
    """Whether nothing is touched but containers of these names."""
    mine = set(names)
    return all(one.kind == "Container" and _PROVISIONAL.sub("", one.name) in mine for one in would)


def refused(names: Iterable[str], would: Iterable[Touched]) -> RemedyError:
    """What is told where more would be touched than containers of these names."""
    mine = set(names)
    others = [one for one in would if not only(mine, [one])]
    return RemedyError(f"docker compose up would change more than this service: {_listed(others)}")


_PROVISIONAL = re.compile(r"^[0-9a-f]{12}_")
"""What Compose puts before the name of a container while it replaces one."""
