"""Exceptions applied to findings: the one place where a violation is let pass."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from policyengine.errors import UsageError
from policyengine.exceptions.dates import is_over
from policyengine.exceptions.known import TOLD
from policyengine.exceptions.marks import Mark
from policyengine.exceptions.naming import is_glob, names
from policyengine.model.masking import concealed
from policyengine.model.report import Exemption, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from policyengine.exceptions.waivers import Waiver
    from policyengine.model.location import Location
    from policyengine.model.report import Finding

    Inputs = frozenset[str] | None
    Resolve = Callable[[Sequence[str]], Mapping[str, Inputs]]


class Grant(Struct, eq=False):
    """A waiver or a mark, the policies that it is for with the input kinds it acts on, and whether it was ``used``.

    Its ``number`` is how many came before it.
    """

    source: Waiver | Mark
    policies: Mapping[str, Inputs]
    expired: bool
    number: int = 0
    used: bool = False

    @property
    def place(self) -> Location:
        """Where it is written."""
        return self.source.place

    def fits(self, finding: Finding) -> bool:
        """Whether it is for a finding."""
        inputs = self.policies.get(finding.policy, frozenset())
        if inputs is not None and finding.resource.origin not in inputs:
            return False
        source = self.source
        return source.covers(finding.location) if isinstance(source, Mark) else source.fits(finding)

    def exemption(self) -> Exemption:
        """What a finding is told to be let pass by."""
        source = self.source
        if isinstance(source, Mark):
            return Exemption(source.kind, source.place, source.ignore.reason, source.ignore.until)
        return Exemption("waiver", source.place, source.reason, source.until, source.owner)


class Grants(Struct):
    """The grants for a policy, found by what they name: there may be as many as findings."""

    _by_path: dict[str, list[Grant]] = field(default_factory=dict)
    _by_name: dict[str, list[Grant]] = field(default_factory=dict)
    _others: list[Grant] = field(default_factory=list)

    def add(self, one: Grant) -> None:
        """Add one; they come in order."""
        source = one.source
        if isinstance(source, Mark):
            self._by_path.setdefault(source.place.path, []).append(one)
        elif source.resources and not any(map(is_glob, source.resources)):
            for name in dict.fromkeys(source.resources):
                self._by_name.setdefault(name, []).append(one)
        else:
            self._others.append(one)

    def fitting(self, finding: Finding) -> list[Grant]:
        """Those that are for a finding, in the order of their coming."""
        named = (self._by_name.get(name, ()) for name in names(finding.resource))
        found = {one.number: one for one in chain(self._by_path.get(finding.location.path, ()), *named, self._others)}
        return [found[number] for number in sorted(found) if found[number].fits(finding)]


class Exceptions(Struct):
    """The exceptions of a run, which are asked of each of its findings.

    ``judged`` are the ids of the policies of the run: of an exception for others nothing can be said.
    """

    judged: Collection[str]
    _by_policy: dict[str, Grants] = field(default_factory=dict)
    _all: list[Grant] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def add(self, sources: Iterable[Waiver | Mark], resolve: Resolve, now: date) -> None:
        """Add waivers and marks. A name that no policy goes by is told."""
        for source in sources:
            names, until = _said(source)
            policies: dict[str, Inputs] = {}
            for name in names:
                try:
                    policies.update(resolve([name]))
                except UsageError as error:
                    hint = f" ({error.hint})" if error.hint else ""
                    self.notices.append(_notice("unused", concealed(f"{error.message}{hint}"), source.place))
            one = Grant(source, policies, is_over(until, now), len(self._all))
            self._all.append(one)
            for policy in policies:
                self._by_policy.setdefault(policy, Grants()).add(one)

    def applied(self, finding: Finding) -> Finding:
        """A finding ``waived`` when an exception lets it pass; with its exemption when that has expired."""
        if finding.status not in TOLD:
            return finding
        grants = self._by_policy.get(finding.policy)
        fitting = grants.fitting(finding) if grants else []
        for one in fitting:
            one.used = True
        holding = next((one for one in fitting if not one.expired), None)
        if holding is not None:
            return replace(finding, status="waived", exemption=holding.exemption())
        return replace(finding, exemption=fitting[0].exemption()) if fitting else finding

    def told(self, whole: Callable[[Waiver | Mark], bool]) -> Iterator[Notice]:
        """What is to be said of the exceptions when all findings were seen, in the order of their places.

        ``whole`` says of an exception whether everything that it may be for was judged.
        """
        yield from self.notices
        for one in self._all:
            names = concealed(", ".join(_said(one.source)[0]))
            if one.expired and one.used:
                yield _notice("expired", f"the {_word(one)} of {names} expired: {_last_day(one)}", one.place)
            elif not one.used and self._could_be_used(one) and whole(one.source):
                message = f"the {_word(one)} of {names} has nothing to let pass"
                yield _notice("unused", f"{message}: remove it", one.place)

    def _could_be_used(self, one: Grant) -> bool:
        return any(policy in self.judged for policy in one.policies)


def _said(source: Waiver | Mark) -> tuple[Sequence[str], str | None]:
    """The policies' names and the last day."""
    return (
        (source.ignore.policies, source.ignore.until) if isinstance(source, Mark) else (source.policies, source.until)
    )


def _word(one: Grant) -> str:
    return "ignore" if isinstance(one.source, Mark) else "waiver"


def _last_day(one: Grant) -> str:
    return f"{_said(one.source)[1]} was its last day"


def _notice(kind: str, message: str, place: Location) -> Notice:
    return Notice(kind, message, place.path, place.line, place.column)  # type: ignore[arg-type]
