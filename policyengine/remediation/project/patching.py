"""What a project's files are to hold so that a service is what is wanted, and nothing else is changed by it."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.editing.files import edited_bytes
from policyengine.documents.editing.meaning import Append
from policyengine.documents.load import decoded
from policyengine.errors import DocumentError, EditError, RemedyError
from policyengine.model.masking import concealed
from policyengine.remediation.changes import SetField
from policyengine.remediation.files.planning import fields
from policyengine.remediation.files.written import Sources, Written
from policyengine.remediation.images.texts import rewritten
from policyengine.remediation.project.files import services
from policyengine.remediation.project.written import fulfils, is_new_mount, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.connections.docker_compose import Project
    from policyengine.model.resource import Resource
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.files.written import FileEdit
    from policyengine.remediation.images.asking import Chosen
    from policyengine.remediation.project.files import Contents


class Patch(Struct, frozen=True):
    """The files that are changed: by path what they hold ``before`` and ``after``."""

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]

    def lines(self, path: str) -> Iterator[str]:
        """The lines of a file that go (``-``) and that come (``+``), secrets concealed."""
        before, after = (decoded(path, data).splitlines() for data in (self.before[path], self.after[path]))
        for line in list(unified_diff(before, after, lineterm="", n=0))[2:]:
            if not line.startswith("@@"):
                yield concealed(f"{line[0]} {line[1:].strip()}")


class Patching:
    """Finds what is to be written so that a service of a project becomes what is wanted.

    ``live`` are the facts of its containers, ``held`` what the files hold.
    """

    def __init__(self, project: Project, service: str, live: Mapping[str, object], held: Contents) -> None:
        self._project = project
        self._service = service
        self._live = live
        self._held = held
        self._services = services(project, held)
        if service not in self._services:
            raise RemedyError(f"its Compose file has no service {service} any more", path=project.files[0])

    @property
    def said(self) -> Resource:
        """The service as the files say it."""
        return self._services[self._service]

    def patch(self, changes: Iterable[FieldChange], image: Chosen | None = None) -> Patch:
        """What makes changes of the containers, and has them run another image.

        Raises :class:`EditError` where it cannot be written for sure.
        """
        meant = [one for change in changes for one in written(change, self._live, self.said.facts)]
        named = None if image is None else self._reference(image)
        try:
            after = self._edited(meant if named is None else [*meant, SetField(("image",), named)])
            self._prove(meant, named, after)
        except DocumentError as error:
            raise EditError(error.message) from None
        return Patch({path: self._held[path] for path in after}, after)

    def _edited(self, changes: Sequence[FieldChange]) -> Contents:
        texts = {path: decoded(path, data) for path, data in self._held.items()}
        rules, as_written = fields("compose", "container"), Written(self.said, Sources(texts))
        by_file: dict[str, list[FileEdit]] = {}
        for change in changes:
            rule = _new_mount if is_new_mount(change, self.said.facts) else rules.get(str(change.path[0]))
            if rule is None:
                raise EditError(f"{change.path[0]} is not changed in Compose files")
            for edit in rule(change, as_written):
                by_file.setdefault(edit[0], []).append(edit)
        elsewhere = sorted(set(by_file) - set(self._held))
        if elsewhere:
            raise EditError(f"it is written in {elsewhere[0]}, which others may use too")
        found = {
            path: edited_bytes(path, self._held[path], [edit for _, edit in edits]) for path, edits in by_file.items()
        }
        return {path: data for path, data in found.items() if data != self._held[path]}

    def _reference(self, image: Chosen) -> str:
        """How the files are to call an image."""
        if image.build is not None:
            raise EditError("an image is not rebuilt for a project", hint="change the Dockerfile that it is built of")
        if self.said.facts.get("build") is not None:
            raise EditError("its image is built by the project", hint="change what it is built of")
        before = self.said.facts.get("image")
        reference = before.get("reference") if isinstance(before, dict) else None
        if not isinstance(reference, str):
            raise EditError("a variable decides which image it runs")
        return rewritten(reference, image)

    def _prove(self, changes: Iterable[FieldChange], image: str | None, after: Contents) -> None:
        """See that the files say then what was meant, and nothing else."""
        found = services(self._project, {**self._held, **after})
        own, before = found.get(self._service), self.said.facts
        if own is None or not all(fulfils(change, before, own.facts) for change in changes):
            raise EditError("the Compose files would not say it even then")
        if image is not None and not _runs(own.facts, image):
            raise EditError("the Compose files would not name that image even then")
        changed = {str(change.path[0]) for change in changes} | ({"image"} if image else set())
        if _others(own.facts, changed) != _others(before, changed):
            raise EditError("it would change more of the service")
        for name, service in self._services.items():
            if name != self._service and (name not in found or found[name].facts != service.facts):
                raise EditError(f"it would change the service {name}, too")


def _runs(facts: Mapping[str, object], image: str) -> bool:
    found = facts.get("image")
    return isinstance(found, dict) and found.get("reference") == image


def _new_mount(change: FieldChange, written: Written) -> list[FileEdit]:
    """A mount that is not there yet: an anonymous volume, or room in memory."""
    file, at = written.place(("volumes",))
    value = change.value if isinstance(change, SetField) else None
    if at[-1:] != ("volumes",) or not isinstance(value, dict) or value.keys() != {"type", "target"}:
        raise EditError("that mount is not added to Compose files")
    key = "tmpfs" if value["type"] == "tmpfs" else "volumes"
    return [(file, Append((*at[:-1], key), str(value["target"])))]


def _others(facts: Mapping[str, object], changed: set[str]) -> dict[str, object]:
    """Fields that are not changed, nor follow from those that are."""
    follow = {other for name in changed for other in _FOLLOW.get(name, ())}
    return {name: value for name, value in facts.items() if name not in changed and name not in follow}


_FOLLOW: Mapping[str, tuple[str, ...]] = {
    "user": ("runs_as_root",),
    "restart_limit": ("restart",),
    "image": ("user", "runs_as_root", "healthcheck"),
}
"""Fields that are worked out from others, or from the same key."""
