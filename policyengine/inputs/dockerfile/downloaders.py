"""The programs that fetch files in a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.dockerfile.commands import read_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.document import DocPath
    from policyengine.inputs.dockerfile.sight import Sight
    from policyengine.inputs.dockerfile.stages import Stage
    from policyengine.inputs.facts import Facts
    from policyengine.model.unknown import Unknown

_PROGRAMS = frozenset(("curl", "wget"))


def put_downloaders(facts: Facts, document: DockerfileDocument, stage: Stage, sights: Mapping[DocPath, Sight]) -> None:
    """Give a stage's facts curl and wget where its RUNs call them; the place is that of the last one's first call."""
    found: dict[str, DocPath] = {}
    unknown: Unknown | None = None
    for at in _runs(document, stage):
        calls = read_calls(document, at, document.instructions[int(at[0])], sights[at].shell)
        unknown = unknown or calls.unknown
        for number, run in enumerate(calls.found):
            if run.name in _PROGRAMS:
                found.setdefault(run.name, (*at, "commands", number, "name"))
    facts.put("downloaders", list(found) or None, next(reversed(found.values()), None))
    for number, place in enumerate(found.values()):
        facts.place(("downloaders", number), place)
    if unknown is not None:
        facts.leave_open("downloaders", unknown)


def _runs(document: DockerfileDocument, stage: Stage) -> Iterator[DocPath]:
    for at, instruction in enumerate(document.instructions[stage.at + 1 :], stage.at + 1):
        if instruction.keyword == "FROM":
            return
        if instruction.keyword == "RUN":
            yield (at,)
