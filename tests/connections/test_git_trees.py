"""What a commit holds, to the byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.git_trees import Entry, blob_id, contents, entries
from policyengine.errors import SourceError
from tests.repositories import cloned, made

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("nobodys_configuration")

ODD = (b"a\nb.yaml", b'"quoted" \'.yaml', b"\xff\xfe.yaml", b"tab\there", b" ", b":(glob)*", b"\\")
"""Names that are told in other ways than they are written, unless git is asked not to."""

BYTES = {
    "empty": b"",
    "crlf.txt": b"a\r\nb\r\n",
    "no newline": b"a",
    "nul": b"\0" * 10,
    "latin1": b"\xe9\n",
    "deep/er/still": b"deep",
}


def test_the_files_of_a_commit(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", BYTES)
    found = {entry.path: data for entry, data in contents(ours.repository, entries(ours.repository, "HEAD"))}
    assert found == BYTES


def test_names_of_any_bytes(tmp_path: Path) -> None:
    files = {os.fsdecode(name): name for name in ODD}
    ours = made(tmp_path / "shop", files)
    listed = entries(ours.repository, "HEAD")
    assert {entry.path: data for entry, data in contents(ours.repository, listed)} == files


def test_attributes_have_no_say(tmp_path: Path) -> None:
    """Neither what is to be exported, nor ends of lines, nor identifiers, nor filters."""
    attributes = "*.yaml export-ignore eol=crlf ident export-subst filter=shout\n"
    text = "a: $Id$ $Format:%H$\n"
    ours = made(tmp_path / "shop", {".gitattributes": attributes, "a.yaml": text})
    ours.git("config", "filter.shout.smudge", "tr a-z A-Z")
    ours.git("config", "core.autocrlf", "true")
    found = {entry.path: data for entry, data in contents(ours.repository, entries(ours.repository, "HEAD"))}
    assert found["a.yaml"] == text.encode()


def test_what_is_in_a_tree_beside_files(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", {"a.yaml": "a"})
    (ours.top / "link").symlink_to("a.yaml")
    (ours.top / "run.sh").write_text("x")
    (ours.top / "run.sh").chmod(0o755)
    ours.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(ours.top), "below")
    ours.commit()
    found = {entry.path: entry for entry in entries(ours.repository, "HEAD")}
    submodule = ours.git("rev-parse", "HEAD^")
    assert found.keys() == {".gitmodules", "a.yaml", "below", "link", "run.sh"}
    assert found["below"] == Entry("below", "160000", submodule)
    assert found["run.sh"] == Entry("run.sh", "100755", blob_id(b"x", submodule), 1)
    assert found["link"] == Entry("link", "120000", blob_id(b"a.yaml", submodule), 6)
    assert dict(contents(ours.repository, [found["link"]])) == {found["link"]: b"a.yaml"}


def test_the_object_format_of_sha_256(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", BYTES, "--object-format=sha256")
    listed = entries(ours.repository, "HEAD")
    assert {entry.path: data for entry, data in contents(ours.repository, listed)} == BYTES
    assert all(blob_id(BYTES[entry.path], entry.id) == entry.id for entry in listed)


def test_who_stops_listening_leaves_no_process(tmp_path: Path) -> None:
    """Whether before the first file, or in the middle: more than a pipe holds is still to come."""
    ours = made(tmp_path / "shop", {f"{number}": f"{number}" * 2**18 for number in range(4)})
    listed = entries(ours.repository, "HEAD")
    for number in (0, 2):
        reading = contents(ours.repository, listed)
        assert [next(reading)[0].path for _ in range(number)] == ["0", "1"][:number]
        reading.close()  # type: ignore[attr-defined] # a warning for a process that is left is an error


def test_a_file_that_is_lost(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", {"a": "a", "b": "b", "c": "c"})
    listed = entries(ours.repository, "HEAD")
    lost = listed[1].id
    (ours.top / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(SourceError) as caught:
        list(contents(ours.repository, listed))
    assert str(caught.value) == f"{ours.top}: object {lost} of the revision is not there"


def test_nothing_is_fetched_for_a_partial_clone(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", {"a": "a"})
    for option in ("allowFilter", "allowAnySHA1InWant"):
        ours.git("config", f"uploadpack.{option}", "true")
    partial = cloned(ours, tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    with pytest.raises(SourceError) as caught:
        entries(partial.repository, "HEAD")
    assert str(caught.value) == (
        f"{partial.top}: files of the revision are not here: the clone is partial "
        "(clone it without --filter (filter of actions/checkout): nothing is fetched now)"
    )
    assert partial.git("ls-tree", "-l", "HEAD").endswith("1\ta"), "git itself fetches it"
