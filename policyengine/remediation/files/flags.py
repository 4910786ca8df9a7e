"""Flags of the components of Kubernetes' control plane, where a manifest or a configuration file writes them.

https://kubernetes.io/docs/reference/command-line-tools-reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.editing.meaning import Append, Remove, Set
from policyengine.errors import EditError
from policyengine.remediation.changes import RemoveField, SetField
from policyengine.remediation.files.written import settled

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.files.written import FileEdit, Written

_COMMAND_LINES = ("command", "args")


def flag(change: FieldChange, written: Written) -> list[FileEdit]:
    """A flag by its name: on a command line one of its words, in a configuration file a value."""
    file, at = written.place(change.path)
    value = written.value((file, at))
    settled(value)
    if len(at) > 1 and at[-2] in _COMMAND_LINES and isinstance(value, str):
        return [(file, _word(change, at, value))]
    if isinstance(change, SetField) and len(at) > 1 and at[-2] in _COMMAND_LINES:
        return [(file, _added(change, at, written.value((file, at[:-1]))))]
    if isinstance(change, SetField) and isinstance(value, bool):
        return [(file, Set(at, change.value == "true"))]
    if isinstance(change, SetField) and isinstance(value, int) and str(change.value).isdecimal():
        return [(file, Set(at, int(str(change.value))))]
    if isinstance(change, SetField) and isinstance(value, str):
        return [(file, Set(at, change.value))]
    raise EditError("it is neither a flag of a command line nor a value of a configuration file")


def _word(change: FieldChange, at: DocPath, written: str) -> Set | Remove:
    """The word of a command line that is a flag with its value, or its value alone."""
    name, equals, _ = written.partition("=")
    is_flag = written.startswith("-") and name.lstrip("-").replace("_", "-") == change.path[-1]
    if isinstance(change, RemoveField) and is_flag and (equals or "." not in name):
        return Remove(at)
    if isinstance(change, SetField) and is_flag:
        return Set(at, f"{name}={change.value}")
    if isinstance(change, SetField) and not written.startswith("-") and " " not in written and "\n" not in written:
        return Set(at, change.value)
    raise EditError("the flag is a part of what stands there")


def _added(change: SetField, at: DocPath, line: object) -> Append:
    if not isinstance(line, list):
        raise EditError("the command line is not written as a list")
    return Append(at[:-1], f"--{at[-1]}={change.value}")
