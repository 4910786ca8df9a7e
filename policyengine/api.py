"""policyengine for Python users. The command line stands on it.

>>> from policyengine.api import Settings, evaluate
>>> report = evaluate(["compose.yaml", "deploy"], Settings(select=("privileged", "docker-socket")))
>>> [(finding.policy, str(finding.resource), finding.location.line) for finding in report.findings]
[('docker-socket', 'service/proxy/container/proxy', 31), ('privileged', 'deployment/web/container/web', 28)]
>>> report.exit_code
1
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from policyengine.commands.check import check
from policyengine.errors import PolicyengineError, PolicyError, SourceError, UsageError
from policyengine.model.report import Finding, Report
from policyengine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    Source = str | os.PathLike[str]

__all__ = ["Finding", "PolicyError", "PolicyengineError", "Report", "Settings", "SourceError", "UsageError", "evaluate"]


def evaluate(sources: Source | Iterable[Source], settings: Settings | None = None) -> Report:
    """Judge one or several sources by policies and return what was found. Nothing is printed.

    ``sources`` are files, directories, ``-`` for standard input, or URLs of running systems (``docker://``).
    What keeps a source or a policy file from being read is among ``report.problems``, and everything else is still
    judged. Raises :class:`UsageError` for sources or settings that make no sense, and :class:`SourceError` when the
    policies that settings name are not there.
    """
    listed = [sources] if isinstance(sources, str | os.PathLike) else sources
    return check([os.fspath(source) for source in listed], settings or Settings())
