"""The two passes over one item: what relates in it, and what the policies say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine import referents
from policyengine.errors import PolicyengineError
from policyengine.pipeline.keys import item_key, relations_digest, still_true
from policyengine.pipeline.relating import decoded_index, encoded_index
from policyengine.pipeline.results import Result, decoded, encoded
from policyengine.relations import FIELDS, Index
from policyengine.sources import may_relate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from policyengine.engine import Engine
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
    under them. ``relating`` holds the fields of ``related`` that policies ask for.
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
    _data: dict[Item, bytes] = field(default_factory=dict)
    _read: dict[Item, Reading] = field(default_factory=dict)
    _digests: dict[ScopeKey, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = Index(self.relating)

    def keep_nothing(self) -> None:
        """Have the second pass read everything again: other processes than those of the first will."""
        self.room = self.data_room = 0

    def relations(self, item: Item) -> Index:
        """The first pass: what relates in an item. A file that can hold nothing of the kind is not parsed for it."""
        data = self._bytes(item)
        if data is None:
            return self._related(item, None)[0] if item.is_live else Index()
        if item.is_file and len(data) <= self.data_room:
            self.data_room -= len(data)
            self._data[item] = data
        if not (may_relate(data, self.index.kinds) or referents.may_be_in(data, self.relating)):
            return Index()
        key = item_key(item, data, self.reading_key, *sorted(self.relating))
        known = self._known(key, item)
        if known is not None:
            return decoded_index(known[1])
        index, reading = self._related(item, data)
        if self.store is not None:
            self.store.put(key, [reading.files.found, encoded_index(index)])
        return index

    def judge(self, item: Item) -> Result:
        """The second pass: what the policies say of an item. The ``index`` holds what relates to it."""
        data = self._bytes(item)
        if data is None or self.store is None:
            return self._judged(item, data)[0]
        key = item_key(item, data, self.reading_key, self.judging_key)
        known = self._known(key, item)
        if known is not None and all(self._digest(tuple(scope)) == digest for scope, digest in known[1]):
            return decoded(known[2], self.engine.by_id)
        result, files, scopes = self._judged(item, data)
        self.store.put(key, [files, [(scope, self._digest(scope)) for scope in sorted(scopes)], encoded(result)])
        return result

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
        reading = self.reader.read(item, data)
        resources = list(reading.resources)
        index = Index(self.relating)
        for resource in resources:
            index.add(resource)
        if not item.is_file or len(data or b"") <= self.room:
            self.room -= len(data or b"")
            reading.resources = iter(resources)
            self._read[item] = reading
        return index, reading

    def _judged(self, item: Item, data: bytes | None) -> tuple[Result, Mapping[str, str | None], set[ScopeKey]]:
        """What an item comes to, the files it refers to, and the scopes whose relations it asked for."""
        reading = self._read.pop(item, None) or self.reader.read(item, data)
        scopes: set[ScopeKey] = set()
        resources: Iterable[Resource] = reading.resources
        if self.relating:
            resources = self._with_relations(resources, scopes)
        for enrich in self.enrich:
            resources = enrich(resources)
        judged = self.engine.judge(resources)
        counts = {one.id: one.counts for one in judged.policies}
        result = Result(reading.inputs, judged.resources, counts, judged.findings, reading.problems, reading.skipped)
        return result, reading.files.found, scopes

    def _with_relations(self, resources: Iterable[Resource], scopes: set[ScopeKey]) -> Iterator[Resource]:
        for resource in resources:
            related = self.index.relate(resource)
            if related is not resource:
                scopes.add(resource.scope.key)
            yield related

    def _digest(self, scope: ScopeKey) -> str:
        """Of what relates in a scope."""
        if scope not in self._digests:
            self._digests[scope] = relations_digest(self.index.within(scope))
        return self._digests[scope]
