"""A root's ssh_config as a resource: what it comes to for all destinations, and what its blocks change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.resolving import resolved
from policyengine.authentication.ssh.effective import ALGORITHMS, CONFIG, Configuration, Refusal, read
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.installed import installed
from policyengine.inputs.authentication.origins import Collected
from policyengine.model.kinds import ssh_client as kind
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.authentication.sshd.options import Options, Setting
    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.scope import Scope
    from policyengine.model.types import Type

SUPPLIES: Mapping[str, frozenset[str]] = {"ssh_client": frozenset(kind.KIND.fields)}

PACKAGE = "openssh-client"


def resources(
    root: Root, name: str, scope: Scope, origin: str, refused: Callable[[str, Location], None]
) -> Iterator[Resource]:
    """The client of a root, if it has a configuration."""
    found = client(root, name, scope, origin, refused) if resolved(root, CONFIG) is not None else None
    if found is not None:
        yield found


def client(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
    *,
    fragment: bool = False,
) -> Resource | None:
    """The client that a root's configuration makes; None where ssh refuses it, which is told.

    ``fragment``: the main file is only a part of a configuration: what is not set in it is unknown.
    """
    build = installed(root, PACKAGE) or Build(assumed=True)
    found = read(root, build)
    if isinstance(found, Refusal):
        for problem in found.problems:
            refused(f"ssh refuses it: {problem.message}", problem.where)
        return None
    made = _Facts(root.where(CONFIG), _default(build))
    made.put(("name",), name)
    made.put(("version",), str(build.version), how=_default(build) if build.assumed else None)
    made.put(("vendor",), build.vendor, how=_default(build) if build.assumed else None)
    if isinstance(found, Unknown):
        made.facts |= {field: found for field in kind.KIND.fields if field not in made.facts}
    else:
        made.configuration(found, fragment=fragment)
    return Resource("ssh_client", name, origin, scope, made.facts, made.origins())


def _default(build: Build) -> Provenance:
    return Provenance("default", build.name)


class _Facts(Collected):
    """Collects the facts and where they come from."""

    def put(self, path: FieldPath, value: object, how: Provenance | None = None) -> None:
        """A value of the client's own."""
        self.facts[str(path[0])] = value
        self._how[path] = how or DECLARED

    def configuration(self, found: Configuration, *, fragment: bool) -> None:
        """What a configuration comes to."""
        self.texts = found.texts
        self.facts |= self._options((), found.options)
        part = f"{self._path} is a part of a configuration that may set it elsewhere"
        unset = Unknown("ssh_config", part) if fragment else found.unset
        for name in kind.OPTIONS if unset else ():
            setting = found.options.get(name.replace("_", ""))
            if not (setting and setting.places):
                self.facts[name] = unset
        blocks = [
            {"condition": one.condition, **self._block(number, one.changes, one.where)}
            for number, one in enumerate(found.blocks())
        ]
        settings = [
            self._setting(number, one.option, one.value, one.where, one.condition, overruled=one.overruled)
            for number, one in enumerate(found.lines)
        ]
        for field, items in (("blocks", blocks), ("settings", settings), ("includes", list(found.includes))):
            self.facts[field] = items if found.unread is None else OpenList(items, found.unread)
        self._places |= {("includes", at): place for at, place in enumerate(found.includes.values())}

    def _block(self, number: int, changes: Options | Unknown, where: Location) -> dict[str, object]:
        self._places[("blocks", number)] = where
        if isinstance(changes, Unknown):
            return dict.fromkeys(kind.OPTIONS, changes)
        return self._options(("blocks", number), changes)

    def _options(self, path: FieldPath, options: Options) -> dict[str, object]:
        into: dict[str, object] = {}
        for name, declared in kind.OPTIONS.items():
            setting = options.get(name.replace("_", ""))
            if setting is None:
                continue
            into[name] = setting.unread or _typed(setting, declared.type, name)
            if setting.places:
                self._places[(*path, name)] = setting.places[0]
            self._how[(*path, name)] = DECLARED if setting.places else self._default
        return into

    def _setting(
        self, number: int, option: str, value: str, where: Location, condition: str, *, overruled: bool
    ) -> dict[str, object]:
        self._places[("settings", number)] = where
        told: dict[str, object] = {"option": option, "value": value, "file": where.path}
        told |= {"condition": condition} if condition else {}
        return told | ({"overruled": True} if overruled else {})


def _typed(setting: Setting, type_: Type, name: str) -> object:
    """An option's values as the model has them."""
    if name.replace("_", "") in ALGORITHMS:
        return [one for one in setting.text.split(",") if one]
    if type_.name == "list":
        return list(setting.values)
    if type_.name == "boolean":
        return setting.text == "yes"
    return int(setting.text) if type_.name == "integer" else setting.text
