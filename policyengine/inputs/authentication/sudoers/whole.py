"""A root's sudoers as one resource: what it sets for whom, what it includes, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers import options
from policyengine.authentication.sudoers.effective import Effect, effective, is_known
from policyengine.authentication.sudoers.loading import MAIN, Part, Sudoers
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.inputs.authentication.sudoers.names import named
from policyengine.model.kinds import sudoers as kind
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root
    from policyengine.authentication.sudoers.build import Build
    from policyengine.authentication.sudoers.tree import Setting
    from policyengine.model.paths import FieldPath
    from policyengine.model.scope import Scope

MOST_ITEMS = 5000
"""How many lines of one kind are looked at: nobody writes more."""

_Item = tuple[object, Location | None]


def unreadable(root: Root, why: Unknown, name: str, scope: Scope, origin: str, build: Build) -> Resource:
    """One of which nothing is known."""
    facts: dict[str, object] = dict.fromkeys(kind.KIND.fields, why)
    facts |= {"name": name, "version": str(build.version), "vendor": build.vendor}
    return Resource("sudoers", name, origin, scope, facts, WrittenOrigins(root.where(MAIN[0]), {}, {}, {}))


def resource(
    root: Root, found: Sudoers, build: Build, name: str, scope: Scope, origin: str, *, fragment: bool
) -> Resource:
    """What the files say."""
    made = _Facts(root.where(found.main), build, found)
    made.put("name", name)
    made.build()
    made.listed("files", [(path, None) for path in found.files])
    made.listed("unread", [(path, Location(root.where(path))) for path in found.unread])
    made.effects(fragment=fragment)
    for field, items in _items(found).items():
        made.listed(field, items)
    return Resource("sudoers", name, origin, scope, made.facts, made.origins())


class _Facts:
    """Collects the facts and where they come from."""

    def __init__(self, path: str, build: Build, found: Sudoers) -> None:
        self._path = path
        self._build = build
        self._found = found
        self.facts: dict[str, object] = {}
        self._places: dict[FieldPath, Location] = {}
        self._how: dict[FieldPath, Provenance] = {}

    def origins(self) -> WrittenOrigins:
        """Where they come from."""
        return WrittenOrigins(self._path, self._places, self._how, self._found.texts)

    def put(self, field: str, value: object, how: Provenance = DECLARED) -> None:
        """A fact of the whole."""
        self.facts[field] = value
        self._how[(field,)] = how

    def build(self) -> None:
        """Which sudo it is."""
        how = Provenance("default", self._build.name) if self._build.assumed else DECLARED
        self.put("version", str(self._build.version), how)
        self.put("vendor", self._build.vendor, how)

    def listed(self, field: str, items: list[_Item]) -> None:
        """A list, each item with its place; it is open where there may be more."""
        unknown = self._found.unknown
        if unknown is None and len(items) > MOST_ITEMS:
            unknown = Unknown("sudoers", f"there are {len(items)}, of which the first {MOST_ITEMS} are looked at")
        items = items[:MOST_ITEMS]
        values = [value for value, _ in items]
        self.put(field, values if unknown is None else OpenList(values, unknown))
        for number, (_, place) in enumerate(items):
            if place is not None:
                self._places[(field, number)] = place

    def effects(self, *, fragment: bool) -> None:
        """The options. Where there may be more lines that set them, or they are only some, nothing is known."""
        why, effects = self._found.unknown, effective(self._found.tree, self._build)
        if why is None and fragment:
            why = Unknown("sudoers", f"{self._path} is a part of sudoers, which may set it elsewhere")
        for field in kind.OPTIONS:
            effect = effects.get(field)
            known = effect and (effect.place if fragment else is_known(effect, self._found.known_from))
            if why is not None and not known:
                self.facts[field] = why
            elif effect is not None:
                self._effect(field, effect)

    def _effect(self, field: str, effect: Effect) -> None:
        self.put(field, _typed(field, effect), DECLARED if effect.place else Provenance("default", self._build.name))
        if effect.place is not None:
            self._places[(field,)] = effect.place.location


def _typed(field: str, effect: Effect) -> object:
    if field == "umask" and isinstance(effect.value, int):
        return f"{effect.value:04o}"
    return list(effect.value) if isinstance(effect.value, tuple) else effect.value


def _items(found: Sudoers) -> dict[str, list[_Item]]:
    """The lists of what is written, by field."""
    read, unread = found.parts[0], found.parts[1:]
    settings = read.tree.settings
    return {
        "includes": [item for part in found.parts for item in _includes(part)],
        "errors": list(_errors(read, strict=False)),
        "strict_errors": list(_errors(read, strict=True)),
        "settings": [_setting(one) for one in settings],
        "scoped_settings": [_setting(one) for one in settings if one.scope != "all"],
        "unread_settings": [_setting(one) for part in unread for one in part.tree.settings],
    }


def _errors(part: Part, *, strict: bool) -> Iterator[_Item]:
    for one in part.problems:
        if one.strict == strict:
            yield {"message": one.message}, one.where


def _includes(part: Part) -> Iterator[_Item]:
    for one in part.tree.includes:
        told: dict[str, object] = {"directive": one.directive, "read": part.read}
        yield told | ({"path": one.path} if one.path is not None else {}), one.place.location


_SIGNS = {"set": "=", "add": "+=", "remove": "-="}


def _setting(one: Setting) -> _Item:
    value = one.value if one.value is not None else "false" if one.operation == "unset" else "true"
    sign = "!" if one.operation == "unset" else ""
    assigned = f"{sign}{one.name}" if one.value is None else f"{one.name}{_SIGNS[one.operation]}{one.value}"
    told: dict[str, object] = {"option": one.name, "value": value, "assignment": assigned, "operation": one.operation}
    subjects = {"subjects": [named(member) for member in one.subjects]} if one.subjects else {}
    return told | _valued(one) | {"scope": one.scope} | subjects, one.place.location


def _valued(one: Setting) -> dict[str, object]:
    """A number, or the words of a list."""
    try:
        value = options.value(one)
    except ValueError:  # it is among the errors
        return {}
    if isinstance(value, tuple):
        return {"words": (one.value or "").split()}
    return {"number": value} if isinstance(value, int | float) and not isinstance(value, bool) else {}
