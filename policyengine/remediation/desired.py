"""From what single policies want to what is to be done: each change once, and nothing where policies contradict."""

from __future__ import annotations

from itertools import chain, product
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.model.masking import masked
from policyengine.model.paths import render
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.plan import Left, Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Resource
    from policyengine.model.types import Type
    from policyengine.policy.image_strategy import ImageStrategy
    from policyengine.remediation.changes import FieldChange


class Wish(Struct, frozen=True):
    """All that one policy wants changed in a target: fields, or the image that it runs."""

    policy: str
    changes: tuple[FieldChange, ...] = ()
    image: ImageStrategy | None = None


def agreeing(wishes: Iterable[Wish], type_: Type) -> tuple[list[Wish], list[Left]]:
    """The wishes that contradict none, and for each of the others which field is pulled two ways, and by whom.

    ``type_`` is that of the resource: it tells how a field's path is written.
    """
    every = list(wishes)
    kept: list[Wish] = []
    left: list[Left] = []
    for wish in every:
        against = list(_against(wish, every))
        if not against:
            kept.append(wish)
            continue
        names = ", ".join(sorted({policy for policy, _ in against}))
        left.append(Left(wish.policy, f"{names} would have it otherwise: {render(against[0][1], type_)}"))
    return kept, left


def _against(wish: Wish, others: Iterable[Wish]) -> Iterator[tuple[str, FieldPath]]:
    """The policies that want otherwise, each with the path of what it is about."""
    for other in others:
        if other.policy == wish.policy:
            continue
        for one, two in product(wish.changes, other.changes):
            if _contradict(one, two):
                yield other.policy, min(one.path, two.path, key=len)


def _contradict(one: FieldChange, two: FieldChange) -> bool:
    """Whether two changes cannot both be made so that each has what it wants."""
    if one == two:
        return False
    short, long = sorted((one, two), key=lambda change: len(change.path))
    if long.path[: len(short.path)] != short.path:
        return False
    if isinstance(short, AddItems):
        return not isinstance(long, AddItems) and len(long.path) == len(short.path)
    return True


def ordered(wishes: Iterable[Wish]) -> tuple[FieldChange, ...]:
    """The changes of all wishes, each once, in an order in which none moves what another is about."""
    changes = {repr(change): change for wish in wishes for change in wish.changes}.values()
    kept = [change for change in changes if not isinstance(change, RemoveField)]
    removed = sorted((change for change in changes if isinstance(change, RemoveField)), key=_backwards)
    return (*kept, *removed)


def united(groups: Iterable[Iterable[Wish]]) -> list[Wish]:
    """What is wanted of several that are one target, replicas of a service: for each policy all that it wants."""
    found: dict[str, Wish] = {}
    for wish in chain.from_iterable(groups):
        known = found.setdefault(wish.policy, wish)
        more = tuple(change for change in wish.changes if change not in known.changes)
        found[wish.policy] = Wish(wish.policy, (*known.changes, *more), known.image or wish.image)
    return list(found.values())


def images(wishes: Iterable[Wish]) -> dict[str, ImageStrategy]:
    """How policies, by id, want the image to be chosen."""
    return {wish.policy: wish.image for wish in wishes if wish.image is not None}


def _backwards(change: FieldChange) -> tuple[object, ...]:
    """Items from the last to the first."""
    return tuple((0, -step, "") if isinstance(step, int) else (1, 0, step) for step in change.path)


def shown(wishes: Sequence[Wish], resource: Resource, type_: Type) -> tuple[Shown, ...]:
    """What changes make of a resource's fields, as it may be shown: one line a field, secrets masked."""
    together: dict[object, list[FieldChange]] = {}
    for change in ordered(wishes):
        one = repr(change) if isinstance(change, SetField) and isinstance(change.path[-1], int) else _field(change)
        together.setdefault(one, []).append(change)
    return tuple(_shown(changes, wishes, resource.facts, type_) for changes in together.values())


def _field(change: FieldChange) -> FieldPath:
    """The value that is shown for a change: of an item in a list of texts the whole list."""
    path = change.path
    return path[:-1] if isinstance(change, RemoveField) and isinstance(path[-1], int) else path


def _shown(changes: Sequence[FieldChange], wishes: Iterable[Wish], facts: Mapping[str, object], type_: Type) -> Shown:
    path = _field(changes[0])
    before = after = _value(facts, path)
    for change in changes:
        after = changed(after, change)
    policies = sorted({wish.policy for wish in wishes if any(change in wish.changes for change in changes)})
    return Shown(
        render(path, type_),
        masked(before, path, type_, facts),
        masked(after, path, type_, facts),
        tuple(policies),
    )


def _value(facts: object, path: FieldPath) -> object:
    value = facts
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def changed(value: object, change: FieldChange) -> object:
    """A field's value after a change of the field itself, or of an item of it."""
    if isinstance(change, SetField):
        return change.value
    items = list(value) if isinstance(value, list) else []
    if isinstance(change, AddItems):
        return [*items, *(item for item in change.items if item not in items)]
    last = change.path[-1]
    return [item for index, item in enumerate(items) if index != last] if isinstance(last, int) else None
