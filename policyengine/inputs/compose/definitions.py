"""What a project defines beside services and what services refer to: networks, volumes, secrets, configs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.layer import Tree

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.sharing import Mounts, Sharing
    from policyengine.model.unknown import Unknown


class Definitions:
    """The definitions of a project. ``unread`` says why there may be more: something included is not known.

    ``mounts`` and ``sharing`` are what services have been found to mount, kept for those that come after.
    """

    def __init__(self, tree: Tree, unread: Unknown | None = None) -> None:
        self._tree = tree
        self.unread = unread
        self.mounts: dict[str, tuple[Mounts, Unknown | None]] = {}
        self.sharing: Sharing | None = None

    def get(self, section: str, name: str) -> dict[str, object]:
        """A definition; empty for what is not defined, or says nothing."""
        value = self.tree(section, name).value
        return value if isinstance(value, dict) else {}

    def missing(self, section: str, name: str) -> Unknown | None:
        """Why it is not known whether something is defined; None where it is known."""
        definitions = self._tree.child(section).value
        return None if isinstance(definitions, dict) and name in definitions else self.unread

    def tree(self, section: str, name: str) -> Tree:
        """A definition with where it is written; of None for what is not defined."""
        definitions = self._tree.child(section)
        return definitions.child(name) if isinstance(definitions.value, dict) else Tree(None, definitions.origin)

    def place(self, section: str, name: str) -> DocPath:
        """Where a definition is written."""
        return (0, section, name)
