"""policyengine for Python users. The command line stands on it.

>>> from policyengine.api import Settings, evaluate
>>> report = evaluate(["deploy/"], Settings(select=("privileged",)))
>>> report.exit_code
0
"""

from __future__ import annotations

from policyengine.commands.check import check
from policyengine.errors import PolicyengineError, PolicyError, SourceError, UsageError
from policyengine.model.report import Finding, Report
from policyengine.settings import Settings

__all__ = ["Finding", "PolicyError", "PolicyengineError", "Report", "Settings", "SourceError", "UsageError", "evaluate"]


def evaluate(sources: list[str] | tuple[str, ...] | str, settings: Settings | None = None) -> Report:
    """Judge sources by policies and return what was found.

    ``sources`` are files, directories, ``-`` for standard input, or URLs of running systems (``docker://``).
    What keeps a source or a policy file from being read is among ``report.problems``, and everything else is still
    judged. Raises :class:`UsageError` for settings that make no sense.
    """
    return check([sources] if isinstance(sources, str) else list(sources), settings or Settings())
