"""From findings to the edits that mend them, in files as they are, or are taken to be."""

from __future__ import annotations

import os.path
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from policyengine.commands.mending import violated
from policyengine.documents.editing.files import edited_bytes
from policyengine.documents.load import decoded
from policyengine.engine import Engine
from policyengine.errors import DocumentError, EditError
from policyengine.model.kinds import kind as kind_named
from policyengine.model.location import STDIN
from policyengine.model.masking import concealed
from policyengine.model.paths import render
from policyengine.policy.parameters import parameter_values
from policyengine.relations import Index
from policyengine.remediation.files.planning import IMAGE_REF, clashes, edits_for, edits_of
from policyengine.remediation.files.written import Sources, Written
from policyengine.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.commands.fix_images import ImageFixes
    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.report import Finding, ResourceRef
    from policyengine.model.resource import Owner, Resource
    from policyengine.policy.body import Body
    from policyengine.policy.policy import Policy
    from policyengine.remediation.files.written import FileEdit
    from policyengine.settings import Settings

Key = tuple[str, str | None, "Location", str]
"""A policy, and the field, the place and the resource with which it is violated."""

Contents = dict[str, bytes]
"""By path: what a file holds."""

Group = tuple["Finding", list["FileEdit"]]
"""A finding, and the edits that mend it."""


class Left(NamedTuple):
    """A finding that is not fixed, and why."""

    finding: Finding
    reason: str


def edits(
    findings: Sequence[Finding],
    sources: Sequence[str],
    settings: Settings,
    policies: Mapping[str, Policy],
    parameters: Mapping[str, Mapping[str, object]],
    now: Mapping[str, bytes],
    images: ImageFixes,
) -> tuple[list[Left], list[Group], Contents]:
    """The findings that are left, those for which there are edits, and what the files hold that these are of.

    ``now`` is what files are taken to hold that were edited before; ``images`` chooses those that files are to name. Of
    policies that contradict each other neither has an edit.
    """
    found = _Edits(findings, policies, parameters, dict(now), images)
    for resources, files in _resources(findings, sources, settings, now):
        found.look(resources, files)
    left, groups = found.done()
    return left, groups, found.data


def instead(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """What files are taken to hold, as readers are told it: by real path."""
    return {os.path.realpath(path): data for path, data in contents.items()}


def _resources(
    findings: Iterable[Finding], sources: Sequence[str], settings: Settings, now: Mapping[str, bytes]
) -> Iterator[tuple[list[Resource], set[str]]]:
    """The resources of the items that findings may be about, with the files that these items consist of."""
    paths = {one.location.path for one in findings}
    reader = Reader(settings.env, settings.exclude, settings.exclusions, None, skip_others=settings.skip_others)
    reader.instead = instead(now)
    items = [item for item in reader.items(sources) if item.is_file]
    elsewhere = bool(paths - {item.path for item in items})
    for item in items if paths else ():
        if item.path in paths or elsewhere:
            reading = reader.read(item)
            index, resources = Index(), list(reading.resources)
            for resource in resources:
                index.add(resource)
            yield [index.relate(resource) for resource in resources], {item.path, *item.parts}


class _Edits:
    """Finds the edits that mend findings, in the resources that they are about."""

    def __init__(
        self,
        findings: Sequence[Finding],
        policies: Mapping[str, Policy],
        parameters: Mapping[str, Mapping[str, object]],
        data: Contents,
        images: ImageFixes,
    ) -> None:
        self.data = data
        self._images = images
        self._texts = _Texts(data)
        asked = {finding.policy: policies[finding.policy] for finding in findings}
        self._engine = Engine([(policy, None) for policy in asked.values()], parameters)
        self._values = {
            policy.id: parameter_values(policy.id, policy.parameters or {}, parameters.get(policy.id, {}))
            for policy in asked.values()
        }
        self._waiting = {_key(finding): finding for finding in findings}
        self._groups: dict[Key, list[FileEdit]] = {}
        self._reasons: dict[Key, str] = {}

    def look(self, resources: Iterable[Resource], files: set[str]) -> None:
        """Look for what findings are about among the resources of ``files``."""
        sources = Sources(self._texts)
        for resource in resources:
            written = Written(resource, sources)
            for ready in self._engine.bodies(resource.kind, resource.origin)[0]:
                if not takes_image(ready.policy, resource.kind):
                    self._look_at(ready, resource, written, files)
            self._look_for_image(resource, written, files)

    def _look_at(self, ready: Body, resource: Resource, written: Written, files: set[str]) -> None:
        policy = ready.policy
        for key, path in self._violated(ready, resource):
            if policy.remediate is not None:
                with self._reason([key]):
                    edits = edits_for(policy.remediate, path, written, self._values[policy.id])
                    self._look_into(edits, files)
                    self._groups.setdefault(key, []).extend(edits)

    def _look_for_image(self, resource: Resource, written: Written, files: set[str]) -> None:
        """One image for all policies that want another one for a reference."""
        bodies = self._engine.bodies(resource.kind, resource.origin)[0]
        asking = [ready for ready in bodies if takes_image(ready.policy, resource.kind)]
        found = {ready.policy.id: [key for key, _ in self._violated(ready, resource)] for ready in asking}
        wanted = {
            ready.policy.id: ready.policy.remediate.image
            for ready in asking
            if found[ready.policy.id]
            and ready.policy.remediate is not None
            and ready.policy.remediate.image is not None
        }
        keys = [key for of in found.values() for key in of]
        if not wanted:
            return
        with self._reason(keys):
            edits = edits_of([self._images.change(wanted, resource)], written)
            self._look_into(edits, files)
            self._groups.update({key: list(edits) for key in keys})

    def _violated(self, ready: Body, resource: Resource) -> Iterator[tuple[Key, FieldPath]]:
        """What is to be mended of a resource, for a policy."""
        for path in violated(ready, resource):
            field = render(path, kind_named(resource.kind).type) or None
            key = (ready.policy.id, field, resource.where(path), _resource(resource, path))
            if key in self._waiting:
                yield key, path

    def _look_into(self, edits: Sequence[FileEdit], files: set[str]) -> None:
        _look_for_others({file for file, _ in edits}, files)
        for file, _ in edits:
            self._texts.read(file)

    @contextmanager
    def _reason(self, keys: Iterable[Key]) -> Iterator[None]:
        """What keeps violations from being mended."""
        try:
            yield
        except DocumentError as error:
            self._reasons.update(dict.fromkeys(keys, f"a part of the file cannot be read: {error.message}"))
        except EditError as error:
            said = error.message if error.hint is None else f"{error.message} ({error.hint})"
            self._reasons.update(dict.fromkeys(keys, said))

    def done(self) -> tuple[list[Left], list[Group]]:
        """The findings that are left, and those for which there are edits. Of policies that contradict neither has."""
        for key, (place, others) in clashes(self._groups).items():
            names = ", ".join(sorted({other[0] for other in others}))
            self._reasons.setdefault(key, f"{names} would have it otherwise at {place}")
        for key in self._waiting:
            if key not in self._groups:
                self._reasons.setdefault(key, _NOT_FOUND if key[2].path != STDIN else "standard input is not edited")
        left = [Left(self._waiting[key], reason) for key, reason in self._reasons.items()]
        kept = [(self._waiting[key], edits) for key, edits in self._groups.items() if key not in self._reasons]
        return left, kept


def takes_image(policy: Policy, kind: str) -> bool:
    """Whether a policy is mended by another image where a kind of resource violates it."""
    return kind == IMAGE_REF and policy.remediate is not None and policy.remediate.image is not None


_NOT_FOUND = "what it is about was not found again"


def _look_for_others(edited: set[str], files: set[str]) -> None:
    """Raise :class:`EditError` where a file would be edited that others may use too: a base that is extended."""
    others = sorted(edited - files)
    if others:
        raise EditError(f"it is written in {others[0]}, which others may use too")


def _key(finding: Finding) -> Key:
    return finding.policy, finding.field, finding.location, _spoken(finding.resource)


def _resource(resource: Resource, path: FieldPath) -> str:
    """The resource, or the one that several share the field of, as a finding names it."""
    return _spoken(resource.shared.get(str(path[0]), resource) if path else resource)


def _spoken(of: Resource | Owner | ResourceRef) -> str:
    return concealed(f"{of.parent or ''} {of.kind} {of.name}")


class _Texts(dict[str, str]):
    """The texts of files by path, read when they are asked for; their bytes are kept in ``data``."""

    def __init__(self, data: dict[str, bytes]) -> None:
        super().__init__()
        self._data = data

    def __contains__(self, path: object) -> bool:
        return True

    def __missing__(self, path: str) -> str:
        return decoded(path, self.read(path))

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        if path not in self._data:
            try:
                self._data[path] = Path(path).read_bytes()
            except OSError as error:
                raise EditError(f"{path} cannot be read: {error.strerror}") from None
        return self._data[path]


def applied(groups: Sequence[Group], data: Mapping[str, bytes]) -> tuple[list[Group], Contents, list[Left]]:
    """The groups that can be made, the files after it, and what is left: of each file all at once, else what can be."""
    after, failing = _files([edits for _, edits in groups], data)
    made = [group for group in groups if failing.isdisjoint(_edited(group))]
    if len(made) == len(groups):
        return made, after, []
    left: list[Left] = []
    after, _ = _files([edits for _, edits in made], data)
    for group in groups:
        if group not in made:
            tried, failed = _files([*(edits for _, edits in made), group[1]], data)
            if failed:
                left.append(Left(group[0], "; ".join(sorted(failed.values()))))
            else:
                made, after = [*made, group], tried
    return made, after, left


def _edited(group: Group) -> set[str]:
    return {file for file, _ in group[1]}


class _Failing(dict[str, str]):
    """By file: why its edits cannot be made."""

    def isdisjoint(self, files: Iterable[str]) -> bool:
        return self.keys().isdisjoint(files)


def _files(groups: Iterable[list[FileEdit]], data: Mapping[str, bytes]) -> tuple[Contents, _Failing]:
    """The files that edits change, as they are then, and why there are some whose edits cannot be made."""
    by_file: dict[str, list[FileEdit]] = {}
    for edits in groups:
        for file, edit in edits:
            by_file.setdefault(file, []).append((file, edit))
    after: Contents = {}
    failing = _Failing()
    for file, edits in by_file.items():
        try:
            found = edited_bytes(file, data[file], [edit for _, edit in edits])
        except EditError as error:
            failing[file] = error.message
        else:
            after[file] = found
    return {file: found for file, found in after.items() if found != data[file]}, failing
