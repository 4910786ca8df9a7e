"""Paths, texts and globs of a root: symlinks stay inside, globs are those of glob(3)."""

from __future__ import annotations

import ctypes
import locale
import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.files import DIRECTORY, Entry, Given, Placed
from policyengine.authentication.resolving import MOST_BYTES, Text, entry, glob, resolved, text
from policyengine.authentication.sshd.patterns import matches
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = Unknown("/etc/shadow", "permission denied")
FIFO = Entry("special", 0o644, 0, 0)


def link(target: str) -> Entry:
    return Entry("symlink", 0o777, 0, 0, target=target)


ROOT = Given(
    {
        "/etc/ssh/sshd_config": Placed("Port 22\n", 0o600, 0, 0),
        "/etc/issue": b"caf\xe9\n",
        "/etc/shadow": SECRET,
        "/etc/pipe": FIFO,
        "/etc/empty": DIRECTORY,
        "/etc/long": "x" * (MOST_BYTES + 1),
        "/srv/absolute": link("/etc/issue"),
        "/srv/relative": link("../etc/ssh"),
        "/srv/outside": link("../../../../etc/issue"),
        "/srv/loop": link("loop"),
        "/srv/one": link("two"),
        "/srv/two": link("/srv/one"),
        "/srv/nowhere": link("/etc/gone"),
        **{f"/srv/chain{number}": link(f"chain{number + 1}") for number in range(41)},
        "/srv/chain41": "end",
    },
    name="image.tar!",
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/ssh/sshd_config", "/etc/ssh/sshd_config"),
        ("/etc//ssh/./../issue", "/etc/issue"),
        ("/../../etc/issue", "/etc/issue"),
        ("/srv/absolute", "/etc/issue"),
        ("/srv/relative/sshd_config", "/etc/ssh/sshd_config"),
        ("/srv/relative/..", "/etc"),
        ("/srv/outside", "/etc/issue"),
        ("/srv/nowhere", None),
        ("/etc/gone", None),
        ("/etc/issue/x", None),
        ("/etc/issue/..", None),
        ("/etc/shadow", SECRET),
        ("/srv/loop", Unknown("/srv/loop", "image.tar!/srv/loop: more than 40 symbolic links")),
        ("/srv/one", Unknown("/srv/one", "image.tar!/srv/one: more than 40 symbolic links")),
        ("/srv/chain1", "/srv/chain41"),
        ("/srv/chain0", Unknown("/srv/chain0", "image.tar!/srv/chain0: more than 40 symbolic links")),
        ("/", "/"),
    ],
)
def test_a_path_is_followed_inside_the_root(path: str, expected: str | Unknown | None) -> None:
    assert resolved(ROOT, path) == expected


def test_the_last_symlink_may_be_left() -> None:
    assert resolved(ROOT, "/srv/relative/../../srv/absolute", last=False) == "/srv/absolute"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/relative/sshd_config", Text("/etc/ssh/sshd_config", "image.tar!/etc/ssh/sshd_config", "Port 22\n")),
        ("/etc/issue", Text("/etc/issue", "image.tar!/etc/issue", "caf\udce9\n")),
        ("/etc/gone", None),
        ("/etc/shadow", SECRET),
        (
            "/etc/pipe",
            Unknown("/etc/pipe", "image.tar!/etc/pipe is a special file (FIFO, socket or device) and no regular file"),
        ),
        ("/etc/empty", Unknown("/etc/empty", "image.tar!/etc/empty is a directory and no regular file")),
        ("/etc/long", Unknown("image.tar!/etc/long", f"image.tar!/etc/long is longer than {MOST_BYTES} bytes")),
    ],
)
def test_a_text_is_a_regular_files(path: str, expected: Text | Unknown | None) -> None:
    assert text(ROOT, path) == expected


def test_what_lies_at_a_path_is_told() -> None:
    assert entry(ROOT, "/srv/relative/sshd_config") == Entry("file", 0o600, 0, 0, size=8)
    assert entry(ROOT, "/etc/ssh") == DIRECTORY
    assert ROOT.entry("/srv/absolute") == link("/etc/issue")
    assert ROOT.names("/etc") == ("empty", "issue", "long", "pipe", "shadow", "ssh")
    assert ROOT.names("/etc/issue") is None


def test_what_cannot_be_listed_is_unknown() -> None:
    assert glob(Given({"/etc/conf.d": SECRET}), "/etc/conf.d/*.conf") == SECRET


class Globbed(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_size_t),
        ("paths", ctypes.POINTER(ctypes.c_char_p)),
        ("offset", ctypes.c_size_t),
        ("rest", ctypes.c_char * 128),
    )


@pytest.fixture
def c_locale() -> Iterator[None]:
    """The locale that sshd and sudo look for files in."""
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, "C")
    yield
    locale.setlocale(locale.LC_ALL, before)


def real_glob(pattern: str) -> tuple[str, ...]:
    """What glob(3) gives."""
    libc = ctypes.CDLL(None)
    found = Globbed()
    libc.glob(os.fsencode(pattern), 0, None, ctypes.byref(found))
    paths = tuple(os.fsdecode(found.paths[at] or b"") for at in range(found.count))
    libc.globfree(ctypes.byref(found))
    return paths


NAMES = (
    "a",
    "b.conf",
    "B.conf",
    ".hidden",
    ".x.conf",
    "10-a.conf",
    "9-b.conf",
    "x[1]",
    "é",
    "a b",
    "a-z",
    "]",
    "*",
    "\\",
)
PARTS = (
    "*",
    "?",
    "a",
    "b",
    ".conf",
    "[0-9]",
    "[!a]",
    "[^a]",
    "[]]",
    "[[:alpha:]]",
    "[a-z]",
    "\\*",
    "[",
    ".",
    "-",
    "]",
    "[z-a]",
    "1",
    "[\\]]",
)


@pytest.mark.usefixtures("c_locale")
@pytest.mark.parametrize("seed", range(4))
def test_globs_are_those_of_glob_3(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    files = {f"{tmp_path}/{one}/{name}": name for one in ("d", "e.d", ".f", "g h") for name in random.sample(NAMES, 8)}
    for path, content in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - the names are strings
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(content)
    os.symlink("gone", f"{tmp_path}/d/dangling")  # noqa: PTH211
    os.symlink("../d", f"{tmp_path}/e.d/sub")  # noqa: PTH211
    root = Given({**files, f"{tmp_path}/d/dangling": link("gone"), f"{tmp_path}/e.d/sub": link("../d")})
    for _ in range(1500):
        below = [
            "".join(random.choice((*PARTS, *NAMES)) for _ in range(random.choice((1, 1, 2, 3))))
            for _ in range(random.choice((1, 2, 2, 3)))
        ]
        below = [part + "a" if part.endswith("\\") else part for part in below]  # no escaped slashes
        pattern = f"{tmp_path}/" + "/".join(below)
        assert glob(root, pattern) == real_glob(pattern), pattern


def test_many_wildcards_take_no_more_time() -> None:
    """A search that goes back to every place would not end while anybody waits."""
    root = Given({f"/d/{'a' * 200}": ""})
    assert glob(root, "/d/" + "*a" * 60 + "*b") == ()
    assert glob(root, "/d/" + "*a" * 60 + "*") == (f"/d/{'a' * 200}",)
    assert not matches("a" * 200, "*a" * 60 + "*b")
    assert matches("a" * 200, "*a" * 60)
