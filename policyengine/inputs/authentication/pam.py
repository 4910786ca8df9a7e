"""A root's PAM as a resource: what its services' stacks come to, and the lines of its modules with their options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.pam import questions
from policyengine.authentication.pam.behaviour import STORES
from policyengine.authentication.pam.inactivity import inactive_days
from policyengine.authentication.pam.numbers import leading
from policyengine.authentication.pam.questions import CHECKS
from policyengine.authentication.pam.services import Configuration, configuration
from policyengine.authentication.pam.settings import Kept
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.inputs.authentication.pam_modules import OF_FILES, Modules, placed, told
from policyengine.model.kinds import pam as kind
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.authentication.pam.entries import Entry, Stack, Task
    from policyengine.authentication.pam.options import Options, Written
    from policyengine.authentication.pam.services import Service
    from policyengine.model.paths import FieldPath
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {"pam": frozenset(kind.KIND.fields)}


def resources(
    root: Root, name: str, scope: Scope, origin: str, refused: Callable[[str, Location], None]
) -> Iterator[Resource]:
    """The root's PAM, if it has any.

    A service that libpam gives up (it ends in a line to be continued, or includes what is not there) lets nobody in,
    and is no problem: images of few packages have such ones, which nothing asks.
    """
    del refused
    found = configuration(root)
    if found is None:
        return
    made = _Facts(root.where("/etc/pam.d"))
    made.put("name", name)
    if isinstance(found, Unknown):
        made.unknown(found)
    else:
        made.texts.update(found.texts)
        modules = Modules(Kept(root, made.texts))
        made.services(found, modules)
        made.modules(found, modules)
    yield Resource("pam", name, origin, scope, made.facts, made.origins())


class _Facts:
    """Collects the facts and where they come from."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.facts: dict[str, object] = {}
        self.texts: dict[str, str] = {}
        self._places: dict[FieldPath, Location] = {}
        self._how: dict[FieldPath, Provenance] = {}
        self._written: dict[tuple[str, int, str, str], list[Written]] = {}
        self._answers: dict[tuple[str, tuple[object, ...]], object] = {}

    def origins(self) -> WrittenOrigins:
        """Where they come from."""
        return WrittenOrigins(self._path, self._places, self._how, self.texts)

    def put(self, name: str, value: object) -> None:
        """A field of the resource's own."""
        self.facts[name] = value
        self._how[(name,)] = DECLARED

    def unknown(self, unknown: Unknown) -> None:
        """Say that nothing is known."""
        self.facts |= {name: unknown for name in kind.KIND.fields if name not in self.facts}

    def services(self, found: Configuration, modules: Modules) -> None:
        """What the stacks of each come to."""
        verdicts: list[object] = []
        for number, service in enumerate(found.services):
            at = self._service_at(service)
            self._places[("services", number)] = at
            verdicts.append({"name": service.name, **self._verdicts(service, modules)})
        passwords = _first_password(found)
        self._places |= {("services",): passwords} if passwords else {}
        self.put("services", found.opened(verdicts))

    def _service_at(self, service: Service) -> Location:
        stacks = service.stacks if not isinstance(service.stacks, Unknown) else None
        entries = [entry for stack in (stacks or {}).values() for entry in stack if entry.file == service.file]
        first = min((entry.where for entry in entries), key=lambda where: where.line or 0, default=None)
        return first or Location(service.where, 1, 1, 1, 1)

    def _verdicts(self, service: Service, modules: Modules) -> dict[str, object]:
        if isinstance(service.stacks, Unknown):
            return dict.fromkeys(set(kind.SERVICE) - {"name"}, service.stacks)
        if service.stacks is None:
            return {"takes_passwords": False, "accepts": False, "accepts_anybody": False}
        auth, password = service.stacks["auth"], service.stacks["password"]
        delayed = {"fail_delay": modules.longest_delay(auth)} if questions.takes_passwords(auth) else {}
        return {**self._letting_in(auth, service.stacks["account"]), **delayed, **self._storing(password)}

    def _letting_in(self, auth: Stack, account: Stack) -> dict[str, object]:
        takes = questions.takes_passwords(auth)
        found: dict[str, object] = {"takes_passwords": takes}
        if auth:
            found["accepts"] = self._answer("accepts", auth, questions.accepts)
            found["accepts_anybody"] = self._answer("accepts_anybody", auth, questions.accepts_anybody)
        if takes:
            found["counts_wrong_passwords"] = self._answer("counts", auth, questions.counts_wrong)
            found["needs_wheel"] = self._answer("wheel", auth, questions.needs_wheel)
            days = inactive_days((auth, account))
            found |= {} if days is None else {"inactive_days": days}
        if takes and account:
            found["forgets_failures"] = questions.forgets(auth, account)
        return found

    def _storing(self, password: Stack) -> dict[str, object]:
        if not questions.stores(password):
            return {}
        return {
            "changes_passwords": self._answer("changes", password, questions.changes),
            "refuses_bad_passwords": self._refusal("judged", password),
            "refuses_old_passwords": self._refusal("remembered", password),
        }

    def _refusal(self, wanted: questions.Wanted, stack: Stack) -> object:
        if not any(entry.name in CHECKS[wanted] for entry in stack):
            return False
        return self._answer(wanted, stack, lambda one: questions.refuses_new(one, wanted))

    def _answer(self, question: str, stack: Stack, ask: Callable[[Stack], bool | Unknown]) -> object:
        """An answer; that of equal stacks is found once, for most services include the same files."""
        key = (question, tuple((entry.where, entry.level) for entry in stack))
        if key not in self._answers:
            self._answers[key] = ask(stack)
        return self._answers[key]

    def modules(self, found: Configuration, modules: Modules) -> None:
        """The lines, those of modules that are known with their options, and what their files say."""
        known: dict[str, list[object]] = {name: [] for name in ("lines", *modules.tables)}
        for entry, asks_again in _lines(found):
            self._add(known, "lines", entry, placed(entry), None)
            table = modules.table(entry)
            if table is not None:
                self._add(known, table, entry, *modules.told(table, entry, asks_again=asks_again))
        for name, items in known.items():
            self._places |= {(name,): self._places[(name, 0)]} if items else {}
            self.put(name, found.opened(items))
        for name, options in modules.files():
            self._file(name, options)
        self._settings(found)

    def _add(
        self, known: dict[str, list[object]], name: str, entry: Entry, item: dict[str, object], options: Options | None
    ) -> None:
        path: FieldPath = (name, len(known[name]))
        self._places[path] = entry.where
        self._options(path, entry.name, options)
        known[name].append(item)

    def _options(self, path: FieldPath, module: str, options: Options | None) -> None:
        for option, place in options.places.items() if options else ():
            self._places[(*path, option)] = place
        for one in options.written if options else ():
            self._written.setdefault((one.where.path, one.where.line or 0, module, one.name), []).append(one)

    def _settings(self, found: Configuration) -> None:
        """Everything that sets an option, in the order of files and lines; what several stacks share is told once."""
        items: list[object] = []
        for (_, _, module, option), written in sorted(self._written.items(), key=lambda item: item[0]):
            for one in dict.fromkeys(written):
                self._places[("settings", len(items))] = one.where
                number = leading(one.text)
                said: dict[str, object] = {"module": module, "option": option, "value": one.text}
                items.append(said if number is None else {**said, "number": number})
        self.put("settings", found.opened(items))

    def _file(self, name: str, options: Options | Unknown | None) -> None:
        if isinstance(options, Unknown):
            self.put(name, options)
        elif options is not None:
            self.put(name, told(options))
            self._options((name,), OF_FILES.get(name, name), options)


def _first_password(found: Configuration) -> Location | None:
    """The first line that asks for a password: where most of what is wrong with services is mended."""
    stacks = [one.stacks for one in found.services if one.stacks is not None and not isinstance(one.stacks, Unknown)]
    tasks: tuple[Task, ...] = ("auth", "password")
    asking = (entry for task in tasks for one in stacks for entry in one[task] if entry.name in STORES)
    first = next(asking, None)
    return None if first is None else first.where


def _lines(found: Configuration) -> Iterator[tuple[Entry, bool]]:
    """Every line that has a module, once, in the order of files and lines; whether it asks again in any stack."""
    entries: dict[Location, Entry] = {}
    again: set[Location] = set()
    for service in found.services:
        if service.stacks is None or isinstance(service.stacks, Unknown):
            continue
        for stack in service.stacks.values():
            entries |= {entry.where: entry for entry in stack if entry.kind == "module"}
            again |= {entry.where for at, entry in enumerate(stack) if questions.asks_again(stack, at)}
    for where in sorted(entries, key=lambda place: (place.path, place.line or 0)):
        yield entries[where], where in again
