"""A root's sshd_config as a resource: what it comes to for all, and what its Match blocks change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.resolving import resolved
from policyengine.authentication.sshd.blocks import Block, blocks
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.effective import CONFIG, Configuration, Refusal, read
from policyengine.authentication.sshd.environment import environment
from policyengine.authentication.sshd.identity import NOBODY
from policyengine.authentication.sshd.installed import installed
from policyengine.authentication.sshd.options import ADDING
from policyengine.inputs.authentication.origins import Collected
from policyengine.model.kinds import sshd as kind
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.authentication.files import Root
    from policyengine.authentication.sshd.environment import Variable
    from policyengine.authentication.sshd.options import Options, Setting
    from policyengine.authentication.sshd.reading import Written
    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.scope import Scope
    from policyengine.model.types import Field, Type

SUPPLIES: Mapping[str, frozenset[str]] = {"sshd": frozenset(kind.KIND.fields)}


def resources(
    root: Root, name: str, scope: Scope, origin: str, refused: Callable[[str, Location], None]
) -> Iterator[Resource]:
    """The server of a root, if it has a configuration: most containers run none. See :func:`server`."""
    if resolved(root, CONFIG) is not None and (found := server(root, name, scope, origin, refused)) is not None:
        yield found


def server(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
    *,
    fragment: bool = False,
) -> Resource | None:
    """The server whose configuration a root has; None where it has none, or sshd refuses it, which is told.

    ``fragment``: the main file is only a part of a configuration: what is not set in it is unknown.
    """
    build = installed(root) or Build(assumed=True)
    found = read(root, CONFIG, build)
    options = found.of(NOBODY) if isinstance(found, Configuration) else found
    for problem in options.problems if isinstance(options, Refusal) else ():
        refused(f"sshd refuses it: {problem.message}", problem.where)
    if isinstance(options, Refusal):
        return None
    made = _Facts(root.where(CONFIG), _default(build))
    made.put(("name",), name, ())
    made.put(("version",), str(build.version), (), None if not build.assumed else _default(build))
    made.put(("vendor",), build.vendor, (), None if not build.assumed else _default(build))
    if isinstance(options, Unknown) or not isinstance(found, Configuration):
        made.unknown(options if isinstance(options, Unknown) else Unknown("sshd_config", "it cannot be read"))
    else:
        part = f"{root.where(CONFIG)} is a part of a configuration that may set it elsewhere"
        unset = Unknown("sshd_config", part) if fragment else found.unset
        made.options((), kind.GLOBAL | kind.CONDITIONAL, options, unset)
        made.texts = found.texts
        made.blocks(blocks(found), len(found.conditions), found.unread)
        made.settings(found)
        made.includes(found)
        made.environment(environment(root))
    return Resource("sshd", name, origin, scope, made.facts, made.origins())


def _default(build: Build) -> Provenance:
    return Provenance("default", build.name)


class _Facts(Collected):
    """Collects the facts and where they come from."""

    def put(self, path: FieldPath, value: object, places: tuple[Location, ...], how: Provenance | None = None) -> None:
        """A value of the server's own, and where it is written."""
        self.facts[str(path[0])] = value
        self._note(path, places, how)

    def _note(self, path: FieldPath, places: tuple[Location, ...], how: Provenance | None = None) -> None:
        if places:
            self._places[path] = places[0]
        self._how[path] = how or DECLARED

    def unknown(self, unknown: Unknown) -> None:
        """Say that nothing is known of the configuration."""
        self.facts |= {name: unknown for name in kind.KIND.fields if name not in self.facts}

    def options(
        self, path: FieldPath, fields: Mapping[str, Field], options: Options, unset: Unknown | None = None
    ) -> dict[str, object]:
        """The effective options as fields of the server, or of what lies at a path; ``unset``: those that none sets."""
        into: dict[str, object] = {} if path else self.facts
        for name, declared in fields.items():
            setting = options.get(name.replace("_", ""))
            if unset is not None and not (setting and setting.places):
                into[name] = unset
                continue
            value = None if setting is None else _typed(setting, declared.type, name)
            if setting is None or value is None:
                continue
            into[name] = _known(value, setting, name)
            self._note((*path, name), setting.places, None if setting.places else self._default)
            if isinstance(value, list) and len(value) == len(setting.places):
                self._places |= {(*path, name, at): place for at, place in enumerate(setting.places)}
        return into

    def blocks(self, found: list[Block], blocks_in_all: int, unread: Unknown | None) -> None:
        """What the Match blocks change; those that were not looked at, or read, leave the list open."""
        matches: list[dict[str, object]] = []
        for number, block in enumerate(found):
            path: FieldPath = ("matches", number)
            self._places[path] = block.where
            if isinstance(block.changes, Unknown):
                changed: dict[str, object] = dict.fromkeys(kind.CONDITIONAL, block.changes)
            else:
                changed = self.options(path, kind.CONDITIONAL, block.changes)
            matches.append({"condition": block.condition, **changed})
        why = f"it has {blocks_in_all} Match blocks, of which the first {len(found)} are looked at"
        more = Unknown("sshd_config", why) if len(found) < blocks_in_all else unread
        self.facts["matches"] = _all_of(matches, more)

    def settings(self, found: Configuration) -> None:
        """Every line that sets something."""
        settings: list[dict[str, object]] = []
        for number, one in enumerate(found.lines):
            self._places[("settings", number)] = one.where
            if (obsolete := _OBSOLETE.get(one.option)) and obsolete not in self.facts:
                self.put((obsolete,), one.value, (one.where,))
            settings.append(_told(one))
        self.facts["settings"] = _all_of(settings, found.unread)
        if found.unread is not None:
            self.facts |= {name: found.unread for name in kind.OBSOLETE if name not in self.facts}

    def environment(self, found: dict[str, Variable] | Unknown) -> None:
        """The variables of its service."""
        if isinstance(found, Unknown):
            self.facts["environment"] = found
            return
        self.facts["environment"] = {name: one.value for name, one in found.items()}
        self._places |= {("environment", name): one.where for name, one in found.items()}

    def includes(self, found: Configuration) -> None:
        """What is included."""
        self.facts["includes"] = _all_of(list(found.includes), found.unread)
        self._places |= {("includes", at): place for at, place in enumerate(found.includes.values())}


_OBSOLETE = {name.replace("_", ""): name for name in kind.OBSOLETE}


def _all_of(items: Sequence[object], unread: Unknown | None) -> list[object]:
    """A list, open where not all that it is made of was read."""
    return list(items) if unread is None else OpenList(items, unread)


def _known(value: object, setting: Setting, name: str) -> object:
    """What is known of an option's value: of a list that lines add to, what is in it."""
    if setting.unread is None:
        return value
    adding = isinstance(value, list) and name.replace("_", "") in ADDING
    return OpenList(value, setting.unread) if adding else setting.unread  # type: ignore[arg-type]


def _told(line: Written) -> dict[str, object]:
    told: dict[str, object] = {"option": line.option, "value": line.value}
    if line.condition:
        told["condition"] = line.condition
    return {**told, "overruled": True} if line.overruled else told


def _typed(setting: Setting, type_: Type, name: str) -> object:
    """An option's values as the model has them; None where there are none."""
    if type_.name == "object":
        return dict(zip(("begin", "rate", "full"), map(int, setting.values), strict=True))
    if type_.name == "list":
        return _listed(setting, type_, name)
    text = setting.text
    if type_.name == "boolean":
        return text == "yes"
    if type_.name == "integer":
        return None if text == "none" and name == "per_source_max_startups" else int(text.replace("none", "0"))
    return text


_COMMAS = frozenset({"ciphers", "macs", "kex_algorithms", "gssapi_kex_algorithms"})


def _listed(setting: Setting, type_: Type, name: str) -> object:
    """A list; algorithms are written with commas between them."""
    if name in _COMMAS or name.endswith("_algorithms"):
        return [one for one in setting.text.split(",") if one]
    if type_.items is not None and type_.items.name == "integer":
        return [int(value) for value in setting.values]
    return list(setting.values) or None
