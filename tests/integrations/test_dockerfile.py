"""The Dockerfile of policyengine's own image passes its own strict pack."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from policyengine import __version__
from tests.installation import ROOT
from tests.once import ONCE
from tests.running import Ended, cli

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = ONCE

TEXT = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("Dockerfile", ".dockerignore"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_it_passes_strict(place: Path) -> None:
    arguments = ["check", "Dockerfile", "--pack", "strict", "--require-match", "--unknown", "fail"]
    assert cli(*arguments, cwd=place) == Ended(0, "", "")


@pytest.mark.parametrize(
    ("line", "policy"),
    [
        ("USER 10001:10001\n", "user-missing"),
        ("@sha256:54c85f3c47607a77f32adec749d3c81d1348bf25833671f512b26a9b6d778cb3", "image-digest"),
        ("HEALTHCHECK ", "healthcheck-missing"),
    ],
)
def test_it_would_not_without(line: str, policy: str, place: Path) -> None:
    assert TEXT.count(line) == 1
    text = TEXT.replace(line, "#" if line.endswith(" ") else "")
    (place / "Dockerfile").write_text(text)
    ended = cli("check", "Dockerfile", "--pack", "strict", cwd=place)
    assert (ended.code, policy in ended.out) == (1, True), ended.out


def test_its_version_is_that_of_the_package() -> None:
    assert f"\nARG VERSION={__version__}\n" in TEXT
