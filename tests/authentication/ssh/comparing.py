"""What ssh says beside what policyengine says."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from policyengine.authentication.files import Given
from policyengine.authentication.ssh.destination import Destination
from policyengine.authentication.ssh.effective import Refusal, asked
from policyengine.authentication.sshd.build import Build
from policyengine.model.unknown import Unknown
from tests.authentication.ssh.laboratory import Answer, Laboratory, version
from tests.authentication.ssh.random_configurations import Case, case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.sshd.options import Options

_WORDS = {"true": "yes", "false": "no"}
_APART = frozenset({"host", "hostname", "user", "port", "identityfile", "ignoreunknown", "securitykeyprovider"})
"""What ``ssh -G`` writes otherwise than it is set, or of which nothing is asked."""


def ours(case: Case, build: Build) -> Iterator[Answer]:
    """What policyengine says of a case."""
    for host in case.hosts:
        options = asked(Given(case.files), Destination(host, "root", "root"), build)
        if isinstance(options, Refusal):
            yield Answer(None, options.problems[-1].message)
        elif isinstance(options, Unknown):
            yield Answer(None, f"UNKNOWN {options.why}")
        else:
            yield Answer(dumped(options), "")


def dumped(options: Options) -> dict[str, tuple[str, ...]]:
    """Options as ``ssh -G`` writes those that it writes."""
    told = {name: one.values for name, one in options.items()}
    interval = told.pop("rekeyinterval")[0]
    told["rekeylimit"] = (f"{told['rekeylimit'][0]} {interval}",)
    for name in ("globalknownhostsfile", "userknownhostsfile"):
        told[name] = (" ".join(told[name]).replace("~", "/root"),)
    told.setdefault("connecttimeout", ("none",))
    quiet = told["loglevel"][0] in ("SILENT", "FATAL", "ERROR") or told["requesttty"] == ("no",)
    if told["updatehostkeys"] == ("ask",) and quiet:
        told["updatehostkeys"] = ("no",)  # main() of ssh.c: nobody would see the question
    return told


def differences(case: Case, answers: list[Answer], build: Build) -> list[str]:
    """In what the two differ, in words."""
    told: list[str] = []
    for host, theirs, mine in zip(case.hosts, answers, ours(case, build), strict=True):
        if theirs.options is None or mine.options is None:
            if (theirs.options is None) != (mine.options is None):
                told.append(f"{host}: ssh {theirs.error or 'accepts'!r}, we {mine.error or 'accept'!r}")
            continue
        for name, value in mine.options.items():
            said = tuple(_WORDS.get(one, one) for one in theirs.options.get(name, ()))
            if name not in _APART and said != value and (said or value != ("none",)):
                told.append(f"{host}: {name} {said}, we {value}")
    return told


def compared(cases: int, seed: int) -> Iterator[tuple[Case, list[str], list[Answer]]]:
    """Random cases with what differs in them."""
    build, random = Build(version() or Build().version), Random(seed)
    with Laboratory() as laboratory:
        for _ in range(cases):
            made = case(random)
            answers = laboratory.asked(made.files, made.hosts)
            yield made, differences(made, answers, build), answers
