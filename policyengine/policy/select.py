"""Choosing policies: by id, alias, category, tag, benchmark, its controls, or another tool's id or name of a check."""

from __future__ import annotations

import re
from operator import is_not
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.errors import UsageError, did_you_mean
from policyengine.policy.benchmarks import INPUTS as BENCHMARK_INPUTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from policyengine.policy.policy import Policy

EVERY_INPUT: frozenset[str] | None = None
"""A choice that is not limited to some input kinds."""

_AVD = re.compile(r"AVD-([A-Z]+)-([0-9]+)").fullmatch
_DIGITS = 4
"""How many digits the number of a check has where its older name has one less."""
_LISTED = "policyengine policies lists them"


def chosen(
    policies: Sequence[Policy], select: Iterable[str], ignore: Iterable[str]
) -> list[tuple[Policy, frozenset[str] | None]]:
    """The policies that are selected (all when ``select`` is empty) and not ignored.

    With each the input kinds it acts on, None for all: another tool's id acts only on the inputs that tool's check
    speaks of. Raises :class:`UsageError` for a name that stands for nothing.
    """
    wanted, unwanted = list(select), list(ignore)
    selected = Names.of(policies).resolved(wanted) if wanted else {policy.id: EVERY_INPUT for policy in policies}
    ignored = Names.of(policies).resolved(unwanted) if unwanted else {}
    by_id = {policy.id: policy for policy in policies}
    kept = ((by_id[id_], _without(inputs, id_, ignored)) for id_, inputs in selected.items())
    return [(policy, inputs) for policy, inputs in kept if inputs is None or inputs]


class UnknownNameError(UsageError):
    """No policy goes by a name. ``name`` is what was asked for."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f'no policy is called "{name}"', hint=hint)
        self.name = name


class Names(Struct, frozen=True):
    """Every name that some policies go by."""

    names: Mapping[str, _Name]

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> Names:
        """The names of these policies; those that were asked for last are remembered."""
        listed = list(policies)
        if not _last or len(_last[0][0]) != len(listed) or any(map(is_not, _last[0][0], listed)):
            _last[:] = [(listed, cls(_names(listed)))]
        return _last[0][1]

    def resolved(self, names: Iterable[str]) -> dict[str, frozenset[str] | None]:
        """The ids that names stand for, each with the input kinds it acts on, None for all.

        Raises :class:`UnknownNameError` for a name that stands for nothing.
        """
        wanted = list(self._whole(list(names)))
        for name in wanted:
            if name.lower() not in self.names:
                raise UnknownNameError(name, did_you_mean(name, self._written()) or _LISTED)
        return _merged(self.names, wanted)

    def _written(self) -> Iterator[str]:
        return (name.written for name in self.names.values())

    def _whole(self, names: list[str]) -> Iterator[str]:
        """The names, those put together again that have commas: an option's are parted at commas."""
        while names:
            ends = (end for end in range(2, len(names) + 1) if ", ".join(names[:end]).lower() in self.names)
            end = 1 if names[0].lower() in self.names else next(ends, 1)
            yield ", ".join(names[:end])
            del names[:end]


_last: list[tuple[list[Policy], Names]] = []


class _Name(Struct):
    """A name as it is written, and the policies it stands for, each with its input kinds."""

    written: str
    stands_for: list[tuple[str, frozenset[str] | None]] = field(default_factory=list)


def _names(policies: Collection[Policy]) -> Mapping[str, _Name]:
    """Every name in lower case: who types one need not know how a benchmark writes it.

    A policy's own name stands for it alone, whatever other tools call by it.
    """
    own = {name.lower() for policy in policies for name in (policy.id, *policy.aliases)}
    names: dict[str, _Name] = {}
    for policy in policies:
        for name, inputs in _names_of(policy):
            if name.lower() not in own or name in (policy.id, *policy.aliases):
                names.setdefault(name.lower(), _Name(name)).stands_for.append((policy.id, inputs))
    return names


def _names_of(policy: Policy) -> Iterator[tuple[str, frozenset[str] | None]]:
    for name in (policy.id, policy.category, *policy.aliases, *policy.tags):
        yield name, EVERY_INPUT
    for control in policy.controls:
        inputs = _inputs(control)
        for told in ("id", "name"):
            if told in control:
                yield str(control[told]), inputs
        for name in _other_spellings(str(control["id"])) if control.get("tool") == "trivy" else ():
            yield name, inputs
        if "benchmark" in control:
            yield f"{control['benchmark']} {control['id']}", inputs
            yield f"{control['benchmark']} {control['version']} {control['id']}", inputs
    yield from _benchmarks_of(policy)


def _other_spellings(id_: str) -> tuple[str, ...]:
    """What other releases of Trivy call a check: ``AVD-KSV-0017`` is ``KSV-0017`` and ``KSV017`` too."""
    found = _AVD(id_)
    if found is None:
        return ()
    area, number = found.groups()
    return f"{area}-{number}", f"{area}{number.removeprefix('0') if len(number) == _DIGITS else number}"


def _benchmarks_of(policy: Policy) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Benchmarks with their versions, each limited to the inputs that it speaks of."""
    named = {
        (str(control["benchmark"]), str(control["version"]), _inputs(control))
        for control in policy.controls
        if "benchmark" in control
    }
    for benchmark, version, inputs in named:
        of_it = BENCHMARK_INPUTS.get(benchmark, EVERY_INPUT)
        yield f"{benchmark} {version}", of_it if inputs is None or of_it is None else of_it & inputs


def _inputs(control: Mapping[str, object]) -> frozenset[str] | None:
    inputs = control.get("inputs")
    return frozenset(map(str, inputs)) if isinstance(inputs, list) else EVERY_INPUT


def _merged(names: Mapping[str, _Name], chosen_names: Iterable[str]) -> dict[str, frozenset[str] | None]:
    merged: dict[str, frozenset[str] | None] = {}
    for name in chosen_names:
        for id_, inputs in names[name.lower()].stands_for:
            before = merged.get(id_, frozenset())
            merged[id_] = None if before is None or inputs is None else before | inputs
    return merged


def _without(
    inputs: frozenset[str] | None, id_: str, ignored: Mapping[str, frozenset[str] | None]
) -> frozenset[str] | None:
    if id_ not in ignored:
        return inputs
    out = ignored[id_]
    if out is None:
        return frozenset()
    from policyengine.inputs import inputs as all_inputs

    return (inputs if inputs is not None else frozenset(all_inputs())) - out
