"""What sshd says beside what policyengine says."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from policyengine.authentication.files import DIRECTORY, Entry, Given, Something
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.dump import dumped
from policyengine.authentication.sshd.effective import Refusal, read
from policyengine.authentication.sshd.identity import Identity
from policyengine.authentication.sshd.system import system_of
from policyengine.model.unknown import Unknown
from tests.authentication.sshd.laboratory import SYSTEM, Answer, Laboratory, version
from tests.authentication.sshd.random_configurations import Case, Maker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass
class Found:
    """What a comparison found."""

    cases: int = 0
    answers: int = 0
    refused: int = 0
    differences: int = 0


def given(files: Mapping[str, str]) -> Given:
    """The files of a case as a root, in the system that sshd is asked in."""
    return Given({**SYSTEM, **{path: _something(text) for path, text in files.items()}})


def _something(text: str) -> Something:
    if text == "/":
        return DIRECTORY
    return Entry("symlink", 0o777, 0, 0, target=text[3:]) if text.startswith("-> ") else text


def identity(connection: str | None, groups: Mapping[str, tuple[str, ...]]) -> Identity:
    """A connection as ``sshd -C`` takes it, with the groups of its user."""
    parts = dict(part.split("=", 1) for part in (connection or "").split(",") if part)
    user = parts.get("user")
    return Identity(
        user=user,
        groups=groups.get(user, ()) if user else (),
        host=parts.get("host"),
        addr=parts.get("addr"),
        laddr=parts.get("laddr"),
        lport=int(parts["lport"]) if "lport" in parts else None,
    )


def ours(case: Case, build: Build) -> Iterator[Answer]:
    """What policyengine says of a case."""
    root = given(case.files)
    groups = system_of(root).groups or {}
    found = read(root, build=build)
    for connection in case.connections:
        options = found if isinstance(found, Refusal | Unknown) else found.of(identity(connection, groups))
        if isinstance(options, Refusal):
            yield Answer(None, str(options.problems[-1].message))
        elif isinstance(options, Unknown):
            yield Answer(None, f"UNKNOWN {options.why}")
        else:
            yield Answer(dumped(options), "")


def differences(case: Case, answers: list[Answer], build: Build) -> list[str]:
    """In what the two differ, in words."""
    told: list[str] = []
    for connection, theirs, mine in zip(case.connections, answers, ours(case, build), strict=True):
        if theirs.options is None or mine.options is None:
            if (theirs.options is None) != (mine.options is None):
                told.append(f"{connection}: sshd {theirs.error or 'accepts'!r}, we {mine.error or 'accept'!r}")
            continue
        for name in sorted({*theirs.options, *mine.options}):
            if theirs.options.get(name) != mine.options.get(name):
                told.append(f"{connection}: {name} {theirs.options.get(name)}, we {mine.options.get(name)}")
    return told


def compared(cases: int, seed: int) -> Iterator[tuple[Case, list[str], list[Answer]]]:
    """Random cases with what differs in them."""
    build = Build(version() or Build().version)
    maker = Maker(Random(seed), build)
    with Laboratory() as laboratory:
        for _ in range(cases):
            case = maker.case()
            answers = laboratory.asked(case.files, case.connections)
            yield case, differences(case, answers, build), answers
