"""What a reader is given beside its document, and what it gives back beside resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.inputs.files import Files
from policyengine.model.masking import concealed
from policyengine.model.report import Problem, Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.errors import PolicyengineError
    from policyengine.model.location import Location


class Context(Struct):
    """One source's circumstances.

    ``source`` tells this source's scopes from those of others (a directory's path, empty for single files);
    ``closed`` is true when the whole of the source is seen: what is not found in it does not exist;
    ``env`` holds the variables for interpolation, of ``--env`` only: the environment of a CI job may hold secrets.
    ``files`` reads the files that documents refer to. ``wanted`` holds the fields that the run's policies read, as
    ``(kind, field)``, None for all: what is dear to find out need not be found out for nobody.
    Readers append to ``problems`` what keeps a part from being read, and to ``skipped`` what they leave out.
    """

    source: str = ""
    closed: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    wanted: frozenset[tuple[str, str]] | None = None
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def wants(self, kind: str, name: str) -> bool:
        """Whether any policy of the run reads a field."""
        return self.wanted is None or (kind, name) in self.wanted

    def problem(self, message: str, location: Location | None = None) -> None:
        """Report what kept a part of the input from being read."""
        message = concealed(message)
        if location is None:
            self.problems.append(Problem(message))
        else:
            self.problems.append(Problem(message, location.path, location.line, location.column))

    def failed(self, error: PolicyengineError) -> None:
        """Report an error as a problem."""
        said = concealed(error.message)
        message = f"{said} ({error.hint})" if error.hint else said
        self.problems.append(Problem(message, error.path, error.line, error.column))
