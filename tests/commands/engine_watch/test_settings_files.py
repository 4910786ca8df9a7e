"""Following the files of settings: what changes counts, and it has ended when it was told to."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.commands.engine_watch.changes import Changes
from policyengine.commands.engine_watch.settings_files import SettingsFiles
from policyengine.settings.effective import effective

if TYPE_CHECKING:
    import pytest


def test_no_thread_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's end would stop it in the middle of native code, which aborts the process."""
    monkeypatch.chdir(tmp_path)
    before = threading.active_count()
    files = SettingsFiles(Changes())
    files.follow(effective({}))
    Path("policyengine.yaml").write_text("version: 1\n", encoding="utf-8")
    files.follow(effective({}))
    assert threading.active_count() == before + 1
    files.end()
    assert threading.active_count() == before
