"""What sudo's programs say beside what policyengine says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.files import Given
from policyengine.authentication.sudoers import checking
from policyengine.authentication.sudoers.including import Reading
from tests.authentication.sudoers.converted import Converter
from tests.authentication.sudoers.laboratory import Answer, asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from policyengine.authentication.sudoers.problems import Problem


def ours(files: Mapping[str, str], at: str = "/etc") -> Answer:
    """What policyengine says of files that lie in a directory."""
    reading = Reading(Given({f"{at}/{name}": text for name, text in files.items()}))
    tree = reading.read(f"{at}/sudoers")
    wrong = reading.problems
    checked = [] if wrong else [*checking.defaults(tree)]
    aliases = [] if wrong else [*checking.aliases(tree)]
    return Answer(
        not wrong and not checked,
        not wrong and not checked and not aliases,
        None if wrong else Converter(tree, expand=False).json(),
        None if wrong else Converter(tree, expand=True).json(),
        "\n".join(map(_said, [*wrong, *checked, *aliases])),
    )


def _said(problem: Problem) -> str:
    return f"{problem.where.path}:{problem.where.line}:{problem.where.column}: {problem.message}"


def differences(theirs: Answer, mine: Answer) -> list[str]:
    """In what two answers differ, in words."""
    told = [
        f"{name}: sudo {getattr(theirs, name)}, we {getattr(mine, name)}: {theirs.told!r} {mine.told!r}"
        for name in ("accepted", "strictly")
        if getattr(theirs, name) != getattr(mine, name)
    ]
    for name in ("json", "expanded"):
        if getattr(theirs, name) != getattr(mine, name):
            told.append(f"{name}: sudo {getattr(theirs, name)}, we {getattr(mine, name)}")
    return told


def compared(directory: Path, files: Mapping[str, str]) -> list[str]:
    """In what the programs and policyengine differ about files."""
    return differences(asked(directory, files), ours(files, str(directory)))
