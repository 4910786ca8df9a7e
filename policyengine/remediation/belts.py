"""What is never touched, whatever policies want: what the settings protect, what we run in, what stopping removes."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.remediation.owners import Owner, labels_of, owner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.connections.docker import Answer
    from policyengine.remediation.plan import Target

_LABEL = "label="
_CONTAINER = re.compile(
    r"containers/([0-9a-f]{64})/\S+ /etc/(?:hostname|hosts|resolv\.conf) |(?:/docker[-/]|/libpod-)([0-9a-f]{64})"
).findall
_SEEN_FROM_INSIDE = ("/proc/self/mountinfo", "/proc/self/cgroup")
"""Files of whose lines some hold the id of the container that one runs in: engines mount ``/etc/hostname`` from a
directory that is called so, and cgroups of version 1 are. What else is mounted from such a directory, or on one, tells
of others: a host sees the shared memory (``--ipc shareable``) of all its containers there."""


def refusal(answer: Answer, owner: Owner, protected: Iterable[str], own: frozenset[str]) -> str | None:
    """Why nothing is done to a container; None where something may be. ``own`` are the ids of :func:`own_ids`."""
    if str(answer.get("Id")) in own:
        return "policyengine itself runs in it"
    if owner.refused:
        return owner.refused
    found = next((pattern for pattern in protected if _fits(pattern, answer, owner)), None)
    if found is not None:
        return f"the settings protect it: {found}"
    host = answer.get("HostConfig")
    if isinstance(host, dict) and host.get("AutoRemove"):
        return "it was made with --rm: stopping it removes it"
    return None


def refused(target: Target, shorts: Iterable[Answer], protected: Iterable[str], own: frozenset[str]) -> str | None:
    """Why nothing is done to a target, by its name and by what an engine's list tells of the containers it consists of.

    What stopping removes the list does not tell.
    """
    patterns, meant = tuple(protected), Owner(target.kind, target.name)
    answers = [{"Id": short.get("Id"), "Config": {"Labels": short.get("Labels")}} for short in shorts]
    mine = [one for one in answers if one["Id"] == target.id or owner(one)[:2] == meant[:2]]
    return next((why for one in [{}, *mine] if (why := refusal(one, meant, patterns, own))), None)


def _fits(pattern: str, answer: Answer, owner: Owner) -> bool:
    if not pattern.startswith(_LABEL):
        return any(fnmatchcase(name, pattern) for name in _names(answer, owner))
    name, equals, value = pattern.removeprefix(_LABEL).partition("=")
    labels = labels_of(answer)
    return name in labels and (not equals or fnmatchcase(labels[name], value))


def _names(answer: Answer, owner: Owner) -> Iterator[str]:
    """What a container may be protected by: its name, its service's, and its project's."""
    yield str(answer.get("Name") or "").lstrip("/")
    yield owner.name
    if owner.kind == "project":
        yield from owner.name.split("/", 1)


def own_ids(files: Iterable[str] = _SEEN_FROM_INSIDE) -> frozenset[str]:
    """The ids that the container may have in which we run; none outside of containers."""
    found: set[str] = set()
    for file in files:
        try:
            text = Path(file).read_text(encoding="utf-8", errors="replace")
        except OSError:  # another system than Linux, or one that does not tell: then it is not known either
            continue
        found |= {id_ for groups in _CONTAINER(text) for id_ in groups if id_}
    return frozenset(found)
