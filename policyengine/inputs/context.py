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
    ``asked_for`` holds those of them that are read by policies which somebody asked for, by name or by a pack other
    than the default one: what takes minutes is found out for these alone.
    ``insecure_registries`` and ``registry_mirrors`` are the settings of these names.
    Readers append to ``problems`` what keeps a part from being read, and to ``skipped`` what they leave out.
    """

    source: str = ""
    closed: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    wanted: frozenset[tuple[str, str]] | None = None
    asked_for: frozenset[tuple[str, str]] | None = None
    insecure_registries: tuple[str, ...] = ()
    registry_mirrors: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def wants(self, kind: str, name: str) -> bool:
        """Whether any policy of the run reads a field."""
        return self.wanted is None or (kind, name) in self.wanted

    def wants_any(self, supplied: Mapping[str, frozenset[str]]) -> bool:
        """Whether any policy of the run reads any of the fields, which are given by kind."""
        return _are_any(supplied, self.wanted)

    def asks_for_any(self, supplied: Mapping[str, frozenset[str]]) -> bool:
        """Whether any policy that somebody asked for reads any of the fields, which are given by kind."""
        return _are_any(supplied, self.asked_for)

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


def _are_any(supplied: Mapping[str, frozenset[str]], fields: frozenset[tuple[str, str]] | None) -> bool:
    return fields is None or any((kind, name) in fields for kind, names in supplied.items() for name in names)
