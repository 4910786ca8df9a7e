"""What a run covered of the benchmarks: what a report tells by control is told from it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from policyengine.commands.judged import judged_inputs_of
from policyengine.model.coverage import Benchmark, Coverage, KnownControl
from policyengine.model.natural import natural
from policyengine.policy.benchmarks import COMPLETE, all_controls, speaks_of
from policyengine.policy.packs import with_included

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from policyengine.commands.choice import Choice
    from policyengine.commands.judging import Judged
    from policyengine.policy.policy import Policy

    Version = tuple[str, str]


def coverage(now: Judged, select: Collection[str]) -> Coverage:
    """What a run covered: every benchmark that a policy of the run speaks for.

    Of a benchmark's versions those that packs or ``select`` name, else the newest.
    """
    acts = {policy.id: inputs for policy, inputs in now.chosen.policies}
    names = list(_names(now.chosen, select))
    return Coverage(
        tuple(_benchmarks(now.chosen.known, acts, names)), now.outcome.origins, now.outcome.passes, acts, now.off
    )


def _benchmarks(policies: Iterable[Policy], run: Collection[str], names: Collection[str]) -> Iterator[Benchmark]:
    speaking: defaultdict[Version, list[tuple[Policy, Mapping[str, object]]]] = defaultdict(list)
    spoken: set[Version] = set()
    for policy in policies:
        for control in policy.controls:
            if "benchmark" not in control:
                continue
            version = (str(control["benchmark"]), str(control["version"]))
            speaking[version].append((policy, control))
            if policy.id in run:
                spoken.add(version)
    wanted = sorted(_wanted(spoken, names), key=lambda one: (one[0], natural(one[1])))
    judged = judged_inputs_of(policy for version in wanted for policy, _ in speaking[version])
    for version in wanted:
        known = _known(speaking[version], judged, all_controls(*version))
        yield Benchmark(*version, tuple(known), version in COMPLETE)


def _known(
    speaking: Iterable[tuple[Policy, Mapping[str, object]]], judged: Mapping[str, Iterable[str]], ids: Iterable[str]
) -> Iterator[KnownControl]:
    """The controls of a version of a benchmark, with the policies that speak for each."""
    controls: dict[str, dict[str, tuple[str, ...]]] = {}
    titles: defaultdict[str, list[str]] = defaultdict(list)
    for policy, control in speaking:
        id_, inputs = str(control["id"]), judged[policy.id]
        controls.setdefault(id_, {})[policy.id] = tuple(one for one in inputs if speaks_of(control, one))
        titles[id_].append(policy.title)
    for id_ in sorted({*controls, *ids}, key=natural):
        yield KnownControl(id_, controls.get(id_, {}), titles[id_][0] if len(titles[id_]) == 1 else "")


def _wanted(versions: Collection[Version], names: Collection[str]) -> Iterator[Version]:
    """Of each benchmark's versions those that are named, else the newest."""
    for benchmark in {name for name, _ in versions}:
        own = [version for version in versions if version[0] == benchmark]
        named = [version for version in own if any(_is_named(version, name) for name in names)]
        yield from named or [max(own, key=lambda version: natural(version[1]))]


def _is_named(version: Version, name: str) -> bool:
    """Whether a name is that of a version, or of one of its controls."""
    whole = " ".join(version).lower()
    return name.lower() == whole or name.lower().startswith(f"{whole} ")


def _names(chosen: Choice, select: Iterable[str]) -> Iterator[str]:
    yield from select
    for pack in chosen.packs:
        for part in with_included(pack):
            yield from part.policies
