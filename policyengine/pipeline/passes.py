"""The two passes over one item: what relates in it, and what the policies say of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from policyengine import grants, referents
from policyengine.errors import PolicyengineError
from policyengine.exceptions.marks import NONE, Marks, marks
from policyengine.model.spent import during
from policyengine.networks import FIELD as FLOWS
from policyengine.networks import Networks, key_of
from policyengine.pipeline.artifacts import artifacts, noting_images
from policyengine.pipeline.keys import item_key, relations_digest, still_true
from policyengine.pipeline.relating import decoded_index, encoded_index
from policyengine.pipeline.results import Result, decoded, encoded
from policyengine.relations import FIELDS, Index
from policyengine.sources import may_hold, may_relate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from policyengine.engine import Engine
    from policyengine.model.artifact import Artifact
    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource
    from policyengine.pipeline.store import Store
    from policyengine.sources import Item, Reader, Reading

    Enrich = Callable[[Iterable[Resource]], Iterable[Resource]]
    ScopeKey = tuple[str, str, str]

KEPT_BYTES = 1024 * 1024
"""So much text stays in memory from the first pass to the second; what is more is read again."""


class Passes(Struct):
    """Reads and judges items one by one.

    ``reading_key`` and ``judging_key`` say what the run depends on beside its items: what the store keeps is kept
    under them. ``relating`` holds the fields of ``related`` that policies ask for. With ``names_artifacts`` results say
    what was judged, with ``covers`` the outcome counts passes by input kind.
    """

    reader: Reader
    engine: Engine
    store: Store | None = None
    reading_key: str = ""
    judging_key: str = ""
    enrich: Sequence[Enrich] = ()
    relating: frozenset[str] = frozenset(FIELDS)
    index: Index = field(default_factory=Index)
    room: int = KEPT_BYTES
    data_room: int = KEPT_BYTES
    names_artifacts: bool = False
    covers: bool = False
    _data: dict[Item, bytes] = field(default_factory=dict)
    _read: dict[Item, Reading] = field(default_factory=dict)
    _digests: dict[ScopeKey, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = Index(self.relating)
        if FLOWS in self.relating and self.engine.networks is None:
            self.engine.networks = Networks(self.index.gathered)

    def keep_nothing(self) -> None:
        """Have the second pass read everything again: other processes than those of the first will."""
        self.room = self.data_room = 0

    def relations(self, item: Item) -> Index:
        """The first pass: what relates in an item. A file that can hold nothing of the kind is not parsed for it."""
        data = self._bytes(item)
        if data is None:
            return self._related(item, None)[0] if item.is_live else self._unreadable(item)
        if item.is_file and len(data) <= self.data_room:
            self.data_room -= len(data)
            self._data[item] = data
        relates = may_relate(data, self.index.kinds) or referents.may_be_in(data, self.relating)
        if not (relates or FLOWS in self.relating or grants.may_be_in(data, self.relating)):
            return Index()
        key = item_key(item, data, self.reading_key, *sorted(self.relating))
        known = self._known(key, item)
        if known is not None:
            return decoded_index(known[1])
        index, reading = self._related(item, data)
        if self.store is not None:
            self.store.put(key, [reading.files.found, encoded_index(index)])
        return index

    def _unreadable(self, item: Item) -> Index:
        """What relates in a file that cannot be read: nothing is known of it."""
        index = Index(self.relating)
        if item.home is not None and not item.parts:
            index.leave_open(item.home, may_hold(None))
        return index

    def judge(self, item: Item) -> Result:
        """The second pass: what the policies say of an item. The ``index`` holds what relates to it."""
        data = self._bytes(item)
        result, files = self._result(item, data)
        if not self.names_artifacts or not result.inputs:
            return result
        return replace(result, artifacts=artifacts(item, data, files, result.artifacts))

    def _result(self, item: Item, data: bytes | None) -> tuple[Result, Mapping[str, str | None]]:
        """What an item comes to, and the files that it refers to."""
        if data is None or self.store is None:
            return self._judged(item, data)[:2]
        key = item_key(item, data, self.reading_key, self.judging_key)
        known = self._known(key, item)
        if known is not None and all(self._digest(tuple(scope)) == digest for scope, digest in known[1]):
            if self.engine.spent is not None:
                self.engine.spent.kept += 1
            return decoded(known[2], self.engine.by_id), known[0]
        result, files, scopes = self._judged(item, data)
        self.store.put(key, [files, [(scope, self._digest(scope)) for scope in sorted(scopes)], encoded(result)])
        return result, files

    def _bytes(self, item: Item) -> bytes | None:
        """An item's bytes; None for a running system, and for what cannot be read, which reading it will tell."""
        data = self._data.pop(item, None)
        if data is not None or item.is_live:
            return data
        try:
            data = self.reader.data(item)
        except PolicyengineError:
            return None
        if not item.is_file:
            self._data[item] = data  # standard input can be read but once
        return data

    def _known(self, key: bytes, item: Item) -> Any | None:
        """What the store keeps, if the files that the item refers to are as they were."""
        kept = self.store.get(key) if self.store is not None else None
        return kept if kept is not None and still_true(kept[0], item, self.reader.listings) else None

    def _related(self, item: Item, data: bytes | None) -> tuple[Index, Reading]:
        """What relates in an item, and its reading, which is kept for the second pass where there is room."""
        spent = self.engine.spent
        with during(spent, "reading"):
            reading = self.reader.read(item, data)
            resources = list(reading.resources)
        index = Index(self.relating)
        with during(spent, "relating"):
            for resource in resources:
                index.add(resource)
            if item.home is not None:
                index.leave_open(item.home, {kind for text in reading.unread for kind in may_hold(text)})
        if not item.is_file or len(data or b"") <= self.room:
            self.room -= len(data or b"")
            reading.resources = iter(resources)
            self._read[item] = reading
        return index, reading

    def _judged(self, item: Item, data: bytes | None) -> tuple[Result, Mapping[str, str | None], set[ScopeKey]]:
        """What an item comes to, the files it refers to, and the scopes whose relations it asked for."""
        with during(self.engine.spent, "reading"):
            reading = self._read.pop(item, None) or self.reader.read(item, data)
            resources = self._measurable(reading.resources)
        scopes: set[ScopeKey] = set()
        if self.relating:
            with during(self.engine.spent, "relating"):
                resources = self._measurable(self._with_relations(resources, scopes))
        for enrich in self.enrich:
            with during(self.engine.spent, "asking"):
                resources = self._measurable(enrich(resources))
        images: list[Artifact] = []
        if self.names_artifacts and item.is_live:
            resources = noting_images(resources, images)
        live: list[Marks] = []
        if item.is_live:
            resources = _with_marks(resources, live)
        with during(self.engine.spent, "judging"):
            judged = self.engine.judge(resources)
        counts = {one.id: one.counts for one in judged.policies}
        marks = self._marks(item, data, reading, judged.findings)
        told = (reading.problems, reading.skipped, _together([marks, *live]))
        parts = (
            [path for path, digest in reading.files.found.items() if digest and path[-1] != "/"]
            if self.engine.tracks
            else ()
        )
        result = Result(
            reading.inputs,
            judged.resources,
            counts,
            judged.findings,
            *told,
            held=judged.held,
            parts=tuple(parts),
            origins=judged.origins,
            passes=judged.passes,
            artifacts=images,
        )
        return result, reading.files.found, scopes

    def _measurable(self, resources: Iterable[Resource]) -> Iterable[Resource]:
        """Resources that are made one by one, when they are asked for, made at once where time is measured."""
        return resources if self.engine.spent is None else list(resources)

    def _marks(self, item: Item, data: bytes | None, reading: Reading, findings: Iterable[Finding]) -> Marks:
        """The ignores in an item, and in the other files that its findings are in."""
        own = [marks(item.path, data)] if data is not None else []
        others = {finding.location.path for finding in findings} - {item.path}
        for path in sorted(others & reading.files.found.keys()):
            with suppress(PolicyengineError):  # told when it was read
                own.append(marks(path, reading.files.read(path, by=(item.parts or (item.path,))[0]) or b""))
        return _together(own)

    def _with_relations(self, resources: Iterable[Resource], scopes: set[ScopeKey]) -> Iterator[Resource]:
        for resource in resources:
            related = self.index.relate(resource)
            if related is not resource:
                scopes.add(resource.scope.key)
            network = key_of(resource) if FLOWS in self.relating else None
            if network is not None:
                scopes.add(network)
            yield related

    def _digest(self, scope: ScopeKey) -> str:
        """Of what relates in a scope."""
        if scope not in self._digests:
            self._digests[scope] = relations_digest(self.index.within(scope))
        return self._digests[scope]


def _with_marks(resources: Iterable[Resource], found: list[Marks]) -> Iterator[Resource]:
    """The resources of a running system; the ignores that they carry are added to ``found``."""
    from policyengine.exceptions.declared import live_marks

    for resource in resources:
        found.append(live_marks(resource))
        yield resource


def _together(parts: Iterable[Marks]) -> Marks:
    listed = [part for part in parts if part is not NONE]
    if not listed:
        return NONE
    return Marks(
        tuple(mark for part in listed for mark in part.found),
        tuple(problem for part in listed for problem in part.problems),
    )
