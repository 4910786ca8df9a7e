"""Networks of rules in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.load import decoded
from policyengine.errors import SourceError
from policyengine.inputs.files import Files  # noqa: TC001 - structures are made by these types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.firewall.host_network import HostNetwork
    from policyengine.firewall.rules import Ruleset
    from policyengine.firewall.written import Written

DIRECTORIES = ("ufw", "firewalld")
"""Programs whose rules are in several files, each directory of which is a firewall of its own."""


class Rules(Struct, frozen=True):
    """A file of rules: the program whose it is, and what its document refers to."""

    program: str
    path: str
    data: bytes
    files: Files

    @property
    def text(self) -> str:
        """What it says."""
        return decoded(self.path, self.data)


def networks_of_rules(files: Sequence[Rules]) -> list[HostNetwork]:
    """The networks of rules in files: all dumps are of one host, of which nothing else is known.

    Raises :class:`DocumentError`, and :class:`SourceError` where no table is in any.
    """
    if not files:
        return []
    from policyengine.firewall import dumps
    from policyengine.firewall.host_network import HostNetwork

    saved = [one for one in files if one.program not in DIRECTORIES]
    found = [HostNetwork(one.path, _of_directory(one)) for one in files if one.program in DIRECTORIES]
    if saved:
        written = {file.path: file for one in saved for file in _restored(one)}
        rules = dumps.read(written.values())
        if not rules.tables:
            paths = ", ".join(one.path for one in saved)
            raise SourceError("no table is in it, and so nothing tells who reaches whom", path=paths)
        found.append(HostNetwork(", ".join(one.path for one in saved), rules))
    return found


def _restored(file: Rules) -> list[Written]:
    """A dump, and those beside it that belong to it."""
    from policyengine.documents.rules import RulesDocument
    from policyengine.inputs.context import Context
    from policyengine.inputs.firewall.loading import restored

    return restored(RulesDocument(file.path, file.text), Context(files=file.files))


def _of_directory(file: Rules) -> Ruleset:
    from policyengine.documents.rules import RulesDocument
    from policyengine.inputs.context import Context
    from policyengine.inputs.firewall.loading import ruleset

    return ruleset(RulesDocument(file.path, file.text), Context(files=file.files))
