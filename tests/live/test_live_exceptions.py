"""Labels of running containers on a real engine: they count only where the settings say so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings, evaluate
from policyengine.commands.baseline import create, update
from tests.exceptions.saying import said

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.conftest import Workbench

pytestmark = pytest.mark.live

SETTINGS = Settings(select=("privileged",), cache=False)
LABEL = "policyengine.ignore"


def test_labels(bench: Workbench) -> None:
    image = bench.image(f'LABEL {LABEL}="[privileged] why"')  # which its containers have too
    url = f"docker:///container/{bench.create(image, 'said', privileged=True)}"
    place = url.replace("docker:///", "docker://local/")
    ignored = "its label that ignores privileged does not count (live_exceptions: true in the settings makes it)"
    assert said(url, SETTINGS) == [f"{place} fail privileged", f"{place} ignored: {ignored}"]
    assert said(url, SETTINGS, live_exceptions=True) == [f"{place} waived privileged (label: why)"]
    assert said(url, SETTINGS, exceptions=False) == [f"{place} fail privileged"]


def test_a_label_that_makes_no_sense(bench: Workbench) -> None:
    """Nobody keeps an engine from being judged by one; where labels count it is an error."""
    image = bench.image(f'LABEL {LABEL}="[privileged]"')
    url = f"docker:///container/{bench.create(image, 'wrong', privileged=True)}"
    assert evaluate(url, SETTINGS).exit_code == 1
    assert evaluate(url, replace(SETTINGS, live_exceptions=True)).exit_code == 2


def test_a_baseline(bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known of one container hides nothing of another, and stays while other things are judged."""
    monkeypatch.chdir(tmp_path)
    image = bench.image("USER 1000")
    one, two = (f"docker:///container/{bench.create(image, name, privileged=True)}" for name in ("one", "two"))
    settings = replace(SETTINGS, baseline="known.json")
    assert create([one], settings).holds == 1
    assert evaluate(one, settings).exit_code == 0
    assert evaluate(two, settings).exit_code == 1
    assert (update([two], settings).holds, update(["."], settings).holds) == (1, 1)
    assert evaluate([one, two], settings).blocking[0].location.path == two.replace("docker:///", "docker://local/")
