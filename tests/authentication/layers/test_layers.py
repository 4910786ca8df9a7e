"""Layers on each other: what an image has, by the OCI specification's rules for layers."""

from __future__ import annotations

import io
from collections import Counter
from random import Random

import pytest

from policyengine.authentication import resolving
from policyengine.authentication.files import DIRECTORY, Entry
from policyengine.authentication.layers.layer import MOST_PATH, read
from policyengine.authentication.layers.stacked import Stacked
from policyengine.authentication.layers.tar import MalformedTarError
from policyengine.model.unknown import Unknown
from tests.authentication.layers.tars import M, archive, device, directory, hard_link, symlink


def stacked(*layers: list[M]) -> tuple[Stacked, list[str]]:
    told: list[str] = []
    return Stacked(
        [read(str(at), io.BytesIO(archive(*one)), told.append) for at, one in enumerate(layers)], "img:"
    ), told


def tree(root: Stacked, directory_: str = "/") -> dict[str, str]:
    """All that an image has, each with what it is."""
    found: dict[str, str] = {}
    names = root.names(directory_)
    assert isinstance(names, tuple)
    for name in names:
        path = f"{directory_.rstrip('/')}/{name}"
        entry = root.entry(path)
        assert entry is not None
        if isinstance(entry, Unknown):
            found[path] = f"?{entry.why}"
        elif entry.kind == "directory":
            found |= tree(root, path) or {path: "/"}
        elif entry.kind == "file":
            content = root.content(path, 100)
            found[path] = content.decode() if isinstance(content, bytes) else str(content)
        else:
            found[path] = f"{entry.kind} {entry.target}".strip()
    return found


LOWER = [directory("d/"), M("d/a", "1"), M("d/b", "2"), directory("d/e/"), M("d/e/f", "3"), M("top", "4")]


@pytest.mark.parametrize(
    ("upper", "expected"),
    [
        ([], {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/top": "4"}),
        ([M("d/a", "new")], {"/d/a": "new", "/d/b": "2", "/d/e/f": "3", "/top": "4"}),
        ([M("d/.wh.a")], {"/d/b": "2", "/d/e/f": "3", "/top": "4"}),
        ([M(".wh.d")], {"/top": "4"}),
        ([M("d/.wh..wh..opq")], {"/d": "/", "/top": "4"}),
        ([M("d/.wh..wh..opq"), M("d/n", "5")], {"/d/n": "5", "/top": "4"}),
        ([M("d/n", "5"), M("d/.wh..wh..opq")], {"/d/n": "5", "/top": "4"}),
        ([M("d/a", "5"), M("d/.wh.a")], {"/d/a": "5", "/d/b": "2", "/d/e/f": "3", "/top": "4"}),
        ([M(".wh..wh..opq")], {}),
        ([M("d", "file")], {"/d": "file", "/top": "4"}),
        ([directory("top/"), M("top/x", "5")], {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/top/x": "5"}),
        ([M("top/x", "5")], {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/top/x": "5"}),
        ([symlink("d", "/top")], {"/d": "symlink /top", "/top": "4"}),
        ([M(".wh.none"), M("none/.wh.x"), M("top/.wh.x")], {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/top": "4"}),
        ([M(".wh..wh.plnk/1", "x")], {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/top": "4", "/.wh..wh.plnk/1": "x"}),
        ([hard_link("l", "top")], {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/top": "4", "/l": "4"}),
        (
            [M("n", "5"), hard_link("l", "n")],
            {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/top": "4", "/n": "5", "/l": "5"},
        ),
        (
            [hard_link("l", "none")],
            {
                "/d/a": "1",
                "/d/b": "2",
                "/d/e/f": "3",
                "/top": "4",
                "/l": "?it is a hard link to what the image does not have",
            },
        ),
        ([device("d/e")], {"/d/a": "1", "/d/b": "2", "/d/e": "special", "/top": "4"}),
        (
            [symlink("s", "/d"), M("s/x", "5")],
            {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/d/x": "5", "/s": "symlink /d", "/top": "4"},
        ),
        (
            [symlink("s", "../../../d"), M("s/x", "5")],
            {"/d/a": "1", "/d/b": "2", "/d/e/f": "3", "/d/x": "5", "/s": "symlink ../../../d", "/top": "4"},
        ),
        ([M("n", "1"), M("n/x", "2"), M("n", "3"), M(".wh.d")], {"/n": "3", "/top": "4"}),
        ([M("twice", "1"), M("twice", "2"), M(".wh.d")], {"/top": "4", "/twice": "2"}),
        (
            [M("./dot", "1"), M(".//d//a", "2"), M("d/../e", "3"), M(".wh.d")],
            {"/d/a": "2", "/dot": "1", "/e": "3", "/top": "4"},
        ),
    ],
)
def test_an_upper_layer_changes_a_lower_one(upper: list[M], expected: dict[str, str]) -> None:
    root, told = stacked(LOWER, upper)
    assert (tree(root), told) == (expected, [])


def test_three_layers() -> None:
    root, _ = stacked([M("a", "1")], [M(".wh.a")], [M("b", "2")])
    assert tree(root) == {"/b": "2"}
    root, _ = stacked([M("a", "1")], [M(".wh.a")], [M("a", "3")])
    assert tree(root) == {"/a": "3"}


def test_owners_and_modes_are_those_of_the_highest_layer_that_tells_them() -> None:
    root, _ = stacked(
        [directory("d/", 0o700), M("d/a", uid=5)], [directory("d/", 0o1777), M("d/b", mode=0o4755, gid=7)]
    )
    assert root.entry("/d") == Entry("directory", 0o1777, 0, 0)
    assert root.entry("/d/a") == Entry("file", 0o644, 5, 0, 0)
    assert root.entry("/d/b") == Entry("file", 0o4755, 0, 7, 0)
    assert root.entry("/") == DIRECTORY
    assert stacked([directory("./", 0o700)])[0].entry("/") == Entry("directory", 0o700, 0, 0)


@pytest.mark.parametrize(
    ("member", "told", "expected"),
    [
        (
            M("/etc/passwd", "x"),
            "'/etc/passwd' is an absolute path, and read as one of the image",
            {"/etc/passwd": "x"},
        ),
        (M("../etc/passwd", "x"), "'../etc/passwd' leads out of the image, and is not read", {}),
        (M("a/../../b", "x"), "'a/../../b' leads out of the image, and is not read", {}),
        (M("."), "'.' would be the root directory itself, and is not read", {}),
        (symlink("x/..", "/etc"), "'x/..' would be the root directory itself, and is not read", {}),
        (M("d/.wh..."), "'/d/.wh...' would remove a directory that it lies in", {}),
        (M("d/.wh.."), "'/d/.wh..' would remove a directory that it lies in", {}),
        (M("d/.wh."), "'/d/.wh.' would remove a directory that it lies in", {}),
        (M("x/" * MOST_PATH + "y", "x"), f"{'x/' * 50!r}... is longer than {MOST_PATH} bytes, and not read", {}),
        (
            hard_link("l", "../../etc/shadow"),
            "'../../etc/shadow' leads out of the image, and is not read",
            {"/l": "?it is a hard link to what the image does not have"},
        ),
    ],
)
def test_hostile_members_are_told_and_do_no_harm(member: M, told: str, expected: dict[str, str]) -> None:
    root, problems = stacked([member])
    assert (tree(root), problems) == (expected, [told])


def test_symlinks_in_a_ring_are_refused() -> None:
    with pytest.raises(MalformedTarError, match="more than 40 symbolic links"):
        stacked([symlink("a", "b"), symlink("b", "a"), M("a/x", "1")])


def test_paths_that_lead_through_too_many_directories_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyengine.authentication.layers.stacked.MOST_PLACES", 100)
    assert stacked([M("a/" * 99 + "b"), M("a/" * 99 + "b")])[0].names("/") == ("a",)
    with pytest.raises(MalformedTarError, match="an image with more than 100 files and directories"):
        stacked([M("a/" * 60 + "x")], [M("b/" * 60 + "x")])


def test_paths_that_are_walked_for_hours_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyengine.authentication.layers.layer.MOST_STEPS", 1000)
    members = [symlink("s", "../" * 200 + "d"), *(M(f"s/{at}") for at in range(10))]
    with pytest.raises(MalformedTarError, match="paths of more than 1000 names in one layer"):
        stacked(members)
    with pytest.raises(MalformedTarError, match="paths of more than 1000 names in one layer"):
        stacked([M("a/" * 600 + "x"), M("a/" * 600 + "y")])


def test_links_of_the_image_are_followed_inside_it() -> None:
    root, _ = stacked([M("etc/passwd", "inside"), symlink("srv/out", "../../../../etc/passwd")])
    found = resolving.text(root, "/srv/out")
    assert isinstance(found, resolving.Text)
    assert (found.path, found.where, found.text) == ("/etc/passwd", "img:/etc/passwd", "inside")


def test_a_layer_still_has_what_a_later_one_removes() -> None:
    told: list[str] = []
    layer = read("1", io.BytesIO(archive(M("root/.ssh/id_rsa", "key"), directory("tmp/"))), told.append)
    assert [(one.path, layer.content(one)) for one in layer.files()] == [("/root/.ssh/id_rsa", b"key")]


def test_what_is_too_long_and_what_is_no_file_have_no_content() -> None:
    root, _ = stacked([M("a", "12345"), directory("d/"), symlink("l", "a")])
    assert root.content("/a", 5) == b"12345"
    for path, why in (("/a", "img:/a is longer than 4 bytes"), ("/d", "img:/d is a directory and no regular file")):
        found = root.content(path, 4)
        assert isinstance(found, Unknown)
        assert found.why == why
    assert root.content("/none", 4) is None
    assert root.names("/a") is None


def test_no_damage_makes_the_reader_fail() -> None:
    """Bytes of layers are changed at random, mostly in headers: each is read, or refused as no archive."""
    draw = Random(9)
    whole = archive(*LOWER, M("d/.wh.x"), symlink("s", "d"), hard_link("l", "top"), M("x" * 120, "long"), M("s/y", "6"))
    outcomes = Counter[str]()
    for _ in range(3000):
        data = bytearray(whole)
        at = draw.randrange(len(data) // 512) * 512
        for _ in range(draw.randrange(1, 4)):
            data[at + draw.randrange(512)] = draw.choice((0, 0x2E, 0x2F, 0x35, 0x80, 0xFF, draw.randrange(256)))
        if draw.random() < 0.8:  # who makes a hostile archive has its checksums right
            data[at + 148 : at + 156] = b" " * 8
            data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
        try:
            layer = read("damaged", io.BytesIO(bytes(data)), lambda _: None)
        except MalformedTarError:
            outcomes["refused"] += 1
            continue
        tree(Stacked([layer], "img:"))
        outcomes["read"] += 1
    assert min(outcomes["read"], outcomes["refused"]) > 300, outcomes
