"""Docker Compose makes the containers anew: https://docs.docker.com/reference/cli/docker/compose/up/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker_compose import Up
from policyengine.errors import RemedyError, SourceError
from policyengine.remediation.owners import labels_of
from policyengine.remediation.project.agreeing import only, refused
from policyengine.remediation.project.service import HASH, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.connections.docker import Answer
    from policyengine.connections.docker_compose import Compose, Project
    from policyengine.remediation.project.work import Work

_LONGEST = 300.0
"""Seconds that Docker Compose may take beside the health gate: each container has its time to stop."""


class Composing(Struct):
    """``compose`` acts; ``before`` are the hashes of the project's services before its files are changed."""

    compose: Compose
    before: Mapping[str, str]
    alone: bool = True

    def foreseen(self, work: Work) -> None:
        """Nothing else is changed by the files, nor touched by bringing the service up.

        What it depends on is left in where that is as it should be: only then do its containers get the label that
        tells what they depend on.
        """
        after = self.compose.hashes(work.record.project)
        work.know(after=_only_its_own(self.before, after, work.record.service))
        for alone in (False, True):
            would = self.compose.rehearsed(work.record.project, Up(work.record.up, alone))
            if only(work.record.names, would):
                self.alone = alone
                return
        raise refused(work.record.names, would)

    def make(self, work: Work) -> None:
        """Bring the service up, and see that it is what was wanted."""
        work.step(f"docker compose up -d {' '.join(work.record.up)}")
        self._bring_up(work, work.record.project)
        work.step("wait until it is healthy")
        work.settled()
        strange = [name_of(one) for one in work.own() if labels_of(one).get(HASH) != work.record.after]
        if strange:
            raise RemedyError(f"{', '.join(strange)} was not made from what the Compose files say")

    def restore(self, work: Work, project: Project) -> None:
        """Bring the service up as it was."""
        work.step(f"docker compose up -d {' '.join(work.record.up)}, as it was before")
        self.alone = not self._leaves_others(work, project)
        self._bring_up(work, project)
        work.settled()
        if not self.are_old(work.own(), work):
            raise RemedyError("Docker Compose did not make it again as it was")

    def are_new(self, containers: Sequence[Answer], work: Work) -> bool:
        """They were made from what the changed files say."""
        return bool(work.record.after) and _all_of(containers, work.record.after)

    def are_old(self, containers: Sequence[Answer], work: Work) -> bool:
        """They were made from what the files said before."""
        return _all_of(containers, work.record.hash)

    def tidy(self, work: Work) -> None:
        """Compose leaves nothing."""

    def _leaves_others(self, work: Work, project: Project) -> bool:
        try:
            return only(work.record.names, self.compose.rehearsed(project, Up(work.record.up, alone=False)))
        except SourceError:  # what it depends on is left out then: bringing it up tells what is wrong
            return False

    def _bring_up(self, work: Work, project: Project) -> None:
        self.compose.up(project, Up(work.record.up, self.alone), _LONGEST + work.around.care.gate, work.lock)


def _all_of(containers: Sequence[Answer], wanted: str) -> bool:
    return bool(containers) and all(labels_of(one).get(HASH) == wanted for one in containers)


def _only_its_own(before: Mapping[str, str], after: Mapping[str, str], service: str) -> str:
    """The new hash of a service. Raises :class:`RemedyError` where others have another, too, or it has none."""
    others = sorted(name for name in {*before, *after} if before.get(name) != after.get(name) and name != service)
    if others:
        raise RemedyError(f"the changed files would change other services, too: {', '.join(others)}")
    if service not in after or before.get(service) == after[service]:
        raise RemedyError("to Docker Compose the changed files say what they said before")
    return after[service]
