"""What of a revision the sources of a run are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import UsageError
from policyengine.revisions import Revision, laid_out
from tests.repositories import Made, made

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("nobodys_configuration")


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A repository that one stands in; what was committed is no longer all there is."""
    ours = made(tmp_path / "shop", {"compose.yaml": "", "old.yaml": "", "deploy/web.yaml": ""})
    (ours.top / "down").symlink_to("deploy")
    ours.commit()
    (ours.top / "old.yaml").unlink()
    (ours.top / "later").symlink_to("deploy")
    (ours.top / "out").symlink_to("..")
    ours.write({"new.yaml": "", "compose.prod.yaml": ""})
    (tmp_path / "outside.yaml").write_text("")
    monkeypatch.chdir(ours.top)
    return ours


@pytest.fixture
def revision(ours: Made) -> Iterator[Revision]:
    with laid_out(ours.repository, "HEAD", here=ours.top) as revision:
        yield revision


SOURCES = {
    ".": ".",
    "compose.yaml": "compose.yaml",
    "./deploy/": "./deploy/",
    "deploy/../compose.yaml": "deploy/../compose.yaml",
    "old.yaml": "old.yaml",
    "new.yaml": None,
    "nothing/at/all.yaml": None,
    "down/web.yaml": "down/web.yaml",
    "later/web.yaml": None,
    "out/shop/compose.yaml": None,
    "../shop/compose.yaml": "../shop/compose.yaml",
    "compose.yaml:deploy/web.yaml": "compose.yaml:deploy/web.yaml",
    "compose.yaml:compose.prod.yaml": "compose.yaml",
    "new.yaml:compose.prod.yaml": None,
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_what_was_there_under_its_name(
    source: str, revision: Revision, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = revision.source(source)
    assert found == SOURCES[source]
    monkeypatch.chdir(revision.directory)
    assert found is None or all(Path(name).exists() for name in found.split(":"))


def test_absolute_names(ours: Made, revision: Revision) -> None:
    assert revision.source(str(ours.top)) == str(revision.top)
    assert revision.source(str(ours.top / "old.yaml")) == str(revision.top / "old.yaml")
    assert revision.source(str(ours.top / "down" / "web.yaml")) == str(revision.top / "deploy" / "web.yaml")
    assert revision.source(str(ours.top / "new.yaml")) is None


def test_a_link_is_itself(ours: Made, revision: Revision) -> None:
    assert revision.mapped(Path("down")) == revision.top / "down"
    assert revision.mapped(Path("down/..")) == revision.top
    assert revision.mapped(ours.top / "deploy" / ".." / "x" / "y") == revision.top / "x" / "y"


def test_in_a_directory_below(ours: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ours.top / "deploy")
    with laid_out(ours.repository, "HEAD", here=ours.top / "deploy") as revision:
        names = (".", "web.yaml", "../old.yaml", "../new.yaml", "../deploy/web.yaml")
        assert [revision.source(name) for name in names] == [".", "web.yaml", "../old.yaml", None, "../deploy/web.yaml"]


REFUSED = {
    "-": "-: standard input has no history (name the file, or a directory)",
    "docker://": "docker://: a running system has no history (check it in a run of its own)",
    "docker:///container/web": (
        "docker:///container/web: a running system has no history (check it in a run of its own)"
    ),
    "../outside.yaml": (
        "../outside.yaml: lies outside the repository, and has no history in it (check it in a run of its own)"
    ),
    "..": "..: lies outside the repository, and has no history in it (check it in a run of its own)",
    "../shop-2": "../shop-2: lies outside the repository, and has no history in it (check it in a run of its own)",
    "/": "/: lies outside the repository, and has no history in it (check it in a run of its own)",
    "out/outside.yaml": (
        "out/outside.yaml: lies outside the repository, and has no history in it (check it in a run of its own)"
    ),
    "compose.yaml:../outside.yaml": (
        "../outside.yaml: lies outside the repository, and has no history in it (check it in a run of its own)"
    ),
}


@pytest.mark.parametrize("source", REFUSED)
def test_what_has_no_history(source: str, revision: Revision) -> None:
    with pytest.raises(UsageError) as caught:
        revision.source(source)
    assert str(caught.value) == REFUSED[source]
