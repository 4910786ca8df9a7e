"""Calls in a script, as a build makes them."""

from __future__ import annotations

from policyengine.documents.shell_commands import Run, Runs


def calls(script: str) -> list[Run]:
    """The calls of a script that is understood."""
    runs = Runs()
    runs.script(script, lambda start, end: (start, end))
    assert runs.errors == []
    return runs.found
