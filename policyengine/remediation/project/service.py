"""Which service of which project a container is of, as the labels say that Compose gives it.

https://docs.docker.com/reference/compose-file/services/#labels reserves ``com.docker.compose`` for it; the names are
those of https://github.com/docker/compose/blob/v2.40.3/pkg/api/labels.go, most of which Compose v1 has, too.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker_compose import Project
from policyengine.errors import RemedyError
from policyengine.remediation.docker.memory import NEW, OLD, UNDONE
from policyengine.remediation.owners import labels_of

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer, Engine

_PREFIX = "com.docker.compose."
PROJECT = f"{_PREFIX}project"
SERVICE = f"{_PREFIX}service"
NUMBER = f"{_PREFIX}container-number"
HASH = f"{_PREFIX}config-hash"
VERSION = f"{_PREFIX}version"
DEPENDS = f"{_PREFIX}depends_on"
_ONE_OFF = f"{_PREFIX}oneoff"
_FILES = f"{_PREFIX}project.config_files"
_DIRECTORY = f"{_PREFIX}project.working_dir"
_SET_ASIDE = (NEW, OLD, UNDONE)
_ENV_FILES = f"{_PREFIX}project.environment_file"


class Service(Struct, frozen=True):
    """A service of a project. ``made_by`` is the version of Compose that made its containers, empty if none is told."""

    project: Project
    name: str
    made_by: str = ""

    @property
    def spoken(self) -> str:
        """What it is called in plans."""
        return f"{self.project.name}/{self.name}"


def service_of(container: Answer) -> Service:
    """The service that a container is of. Raises :class:`RemedyError` where its labels do not say."""
    labels = labels_of(container)
    if not labels.get(PROJECT) or not labels.get(SERVICE):
        raise RemedyError("its labels do not say of which Compose service it is")
    directory = labels.get(_DIRECTORY, "")
    env_files = _paths(labels.get(_ENV_FILES, ""), directory)
    project = Project(labels[PROJECT], directory, files_of(container), env_files)
    return Service(project, labels[SERVICE], labels.get(VERSION, ""))


def files_of(container: Answer) -> tuple[str, ...]:
    """The Compose files that a container was made from, as its labels name them."""
    labels = labels_of(container)
    return _paths(labels.get(_FILES, ""), labels.get(_DIRECTORY, ""))


def _paths(listed: str, directory: str) -> tuple[str, ...]:
    """The paths of a label. Compose v1 tells some of them relative to the project's directory."""
    return tuple(os.path.join(directory, path) for path in listed.split(",") if path)  # noqa: PTH118 - texts


def members(engine: Engine, project: str, service: str | None = None) -> list[Answer]:
    """The containers of a service, or of a whole project, in the order of their numbers.

    What ``docker compose run`` made is none of them, nor what was set aside while another takes its place.
    """
    shorts = [short for short in engine.containers() if is_member({"Config": short}, project, service)]
    answers = [engine.container(str(short["Id"])) for short in shorts]
    kept = [answer for answer in answers if not name_of(answer).endswith(_SET_ASIDE)]
    return sorted(kept, key=lambda answer: (number(answer), name_of(answer)))


def is_member(container: Answer, project: str | None = None, service: str | None = None) -> bool:
    """Whether a container is one that Compose keeps: for a project, or for one of its services."""
    labels = labels_of(container)
    if PROJECT not in labels or project not in (None, labels[PROJECT]) or labels.get(_ONE_OFF, "").lower() == "true":
        return False
    return service is None or labels.get(SERVICE) == service


def number(container: Answer) -> int:
    """Which of its service's containers it is, from 1 on."""
    told = labels_of(container).get(NUMBER, "")
    return int(told) if told.isascii() and told.isdigit() else 0


def name_of(container: Answer) -> str:
    """The container's name."""
    return str(container.get("Name") or "").lstrip("/")


def is_running(container: Answer) -> bool:
    """Whether it runs."""
    found = container.get("State")
    return isinstance(found, dict) and found.get("Running") is True
