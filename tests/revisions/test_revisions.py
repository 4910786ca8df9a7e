"""Revisions on disk: what is in them, how long they are kept, and that nobody else decides what they hold."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine import revisions
from policyengine.errors import SourceError
from policyengine.revisions import comparable, laid_out
from policyengine.revisions.keeping import KEPT, KEPT_DAYS
from policyengine.revisions.links import staying
from tests.repositories import Made, cloned, made

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("nobodys_configuration")

FILES: dict[str, str | bytes] = {
    "compose.yaml": "services: {}\n",
    "deploy/web.yaml": b"\xff\r\n",
    "deploy/.dockerignore": "*\n",
    os.fsdecode(b"odd\n\xff\"'/ "): "odd",
    "empty": "",
}


def there(top: Path) -> dict[str, bytes | str]:
    """What lies below a directory: the bytes of files, what links lead to."""
    return {
        str(path.relative_to(top)): os.readlink(path) if path.is_symlink() else path.read_bytes()  # noqa: PTH115 - to the byte
        for path in top.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def as_bytes(files: dict[str, str | bytes]) -> dict[str, bytes | str]:
    return {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}


@pytest.fixture
def ours(tmp_path: Path) -> Made:
    return made(tmp_path / "shop", FILES)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def kept_at(ours: Made, cache: Path) -> Path:
    """Where the revision of HEAD is kept."""
    with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
        assert there(revision.top) == as_bytes(FILES)
        return revision.top


def test_a_revision_is_the_files_of_a_commit_below_a_directory_of_the_same_name(ours: Made, cache: Path) -> None:
    commit = ours.git("rev-parse", "HEAD")
    ours.commit({"compose.yaml": "other", "new.yaml": ""})
    ours.write({"deploy/web.yaml": "not committed"})
    with laid_out(ours.repository, commit, here=ours.top / "deploy", cache=cache) as revision:
        assert there(revision.top) == as_bytes(FILES)
        assert revision.top.name == "shop"
        assert revision.directory == revision.top / "deploy"
        assert cache / "revisions" in revision.top.parents
    assert there(revision.top) == as_bytes(FILES), "it is kept"


def test_a_kept_revision_is_used_again(ours: Made, cache: Path) -> None:
    first = kept_at(ours, cache)
    before = (first / "compose.yaml").stat()
    ours.commit()  # another commit of the same files
    assert kept_at(ours, cache) == first
    assert (first / "compose.yaml").stat().st_ino == before.st_ino


def test_without_a_cache_it_is_gone_afterwards(ours: Made) -> None:
    with laid_out(ours.repository, "HEAD", here=ours.top) as revision:
        assert there(revision.top) == as_bytes(FILES)
        assert revision.top.name == "shop"
    assert not revision.top.parent.exists()


def test_only_its_owner_may_read_it(ours: Made, cache: Path) -> None:
    with laid_out(ours.repository, "HEAD", here=ours.top) as temporary:
        for top in (kept_at(ours, cache), temporary.top):
            assert stat.S_IMODE(top.parent.stat().st_mode) == 0o700
            assert stat.S_IMODE((top / "compose.yaml").stat().st_mode) == 0o600
    assert stat.S_IMODE((cache / "revisions").stat().st_mode) == 0o700


TAMPERED: dict[str, Callable[[Path], object]] = {
    "a byte": lambda top: (top / "compose.yaml").write_text("services: []\n"),
    "a file more": lambda top: (top / "deploy" / "more.yaml").write_text(""),
    "a file less": lambda top: (top / "empty").unlink(),
    "a file that is a link": lambda top: replaced(top / "empty", lambda path: path.symlink_to("/dev/null")),
    "a file that is a pipe": lambda top: replaced(top / "empty", os.mkfifo),
    "a link to the same text": lambda top: moved(top, top / "compose.yaml"),
    "a repository of its own": lambda top: (top / "deploy" / ".git").mkdir(),
    "no repository": lambda top: (top / ".git").rmdir(),
    "something in the repository": lambda top: (top / ".git" / "policyengine.yaml").write_text(""),
    "a directory that is a link": lambda top: moved(top, top / "deploy"),
    "a revision that is a link": lambda top: moved(top, top),
    "a place that is a link": lambda top: moved(top, top.parent),
    "nothing at all": shutil.rmtree,
    "a file": lambda top: replaced(top.parent, lambda path: path.write_text(""), shutil.rmtree),
}


def replaced(path: Path, by: Callable[[Path], object], remove: Callable[[Path], object] = os.unlink) -> None:
    remove(path)
    by(path)


def moved(top: Path, path: Path) -> None:
    """Move something away, and leave a link to it."""
    away = Path(tempfile.mkdtemp(dir=top.parents[3])) / "away"
    path.rename(away)
    path.symlink_to(away)


@pytest.mark.parametrize("change", TAMPERED)
def test_what_others_made_of_a_kept_revision_is_not_used(change: str, ours: Made, cache: Path) -> None:
    top = kept_at(ours, cache)
    TAMPERED[change](top)
    assert kept_at(ours, cache) == top
    assert (top / ".git").is_dir()
    assert not list((top / ".git").iterdir())
    assert not (top / "deploy" / ".git").exists()
    assert os.path.realpath(top) == str(top)
    assert sorted(path.name for path in (cache / "revisions").iterdir()) == [".gitignore", top.parent.name]


def test_a_cache_that_cannot_be_written_is_none(ours: Made, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for cache in (tmp_path / "file", Path("/proc/self")):
        with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
            assert there(revision.top) == as_bytes(FILES)
            assert cache not in revision.top.parents
        assert not revision.top.exists()


def test_a_large_revision_is_not_kept(ours: Made, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "KEPT_BYTES", 10)
    with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
        assert there(revision.top) == as_bytes(FILES)
    assert not revision.top.exists()
    assert not cache.exists()


def test_many_at_once_see_it_whole(ours: Made, cache: Path) -> None:
    ours.commit({f"many/{number}": str(number) for number in range(200)})
    expected = there(ours.top)
    expected = {path: data for path, data in expected.items() if not path.startswith(".git/")}

    def one(_: int) -> bool:
        with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
            return there(revision.top) == expected

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(one, range(18)))
    assert len([path for path in (cache / "revisions").iterdir() if path.is_dir()]) == 1


def test_old_ones_are_dropped(ours: Made, cache: Path) -> None:
    place = cache / "revisions"
    tops = []
    for number in range(KEPT + 3):
        ours.commit({"number": str(number)})
        with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
            tops.append(revision.top)
    assert all(top.exists() for top in tops), "they may be in use"
    now = time.time()
    for age, top in enumerate(reversed(tops)):
        os.utime(top.parent, (now, now - age * 4000))
    (place / ".part-killed").mkdir()
    os.utime(place / ".part-killed", (now, now - (KEPT_DAYS + 1) * 86400))
    kept_at(Made(made(ours.top.parent / "other" / "shop", FILES).top), cache)
    assert [top.exists() for top in reversed(tops)] == [True] * (KEPT - 1) + [False] * 4
    assert not (place / ".part-killed").exists()


def test_a_cache_in_a_project_is_not_walked_into(ours: Made) -> None:
    kept_at(ours, ours.top / ".cache")
    assert (ours.top / ".cache" / "revisions" / ".gitignore").read_text() == "*\n"
    assert ours.git("status", "--porcelain") == ""


def test_a_file_that_is_too_large_to_read_keeps_its_size_only(
    ours: Made, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyengine.revisions.contents.MAX_BYTES", 1000)
    ours.commit({"large.yaml": b"x" * 1001, "most.yaml": b"x" * 1000})
    for _ in range(2):
        with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
            assert (revision.top / "large.yaml").read_bytes() == b"\0" * 1001
            assert (revision.top / "most.yaml").read_bytes() == b"x" * 1000


LINKS = {
    "beside": "compose.yaml",
    "deploy/up": "../compose.yaml",
    "deploy/directory": "..",
    "all": ".",
    "dangling": "nothing/at/all",
    "slashes": "./deploy//web.yaml",
    "loop": "loop",
    "circle": "circle/a",
    "through": "deploy/directory/deploy/web.yaml",
}
LEADING_OUT = {
    "absolute": "/etc/passwd",
    "out": "..",
    "further": "deploy/../../etc",
    "deploy/out": "../../shop/compose.yaml",
    "deploy/by link": "directory/../x",
    "by absolute": "absolute/x",
}


def test_links_stay_in_the_revision(ours: Made, cache: Path) -> None:
    for name, target in (LINKS | LEADING_OUT).items():
        (ours.top / name).symlink_to(target)
    ours.commit()
    for _ in range(2):
        with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
            assert there(revision.top) == as_bytes(FILES) | LINKS


def test_a_link_that_cannot_be_leads_nowhere() -> None:
    assert staying({"empty": "", "nul": "a\0b", "long": "a" * 4096, "file": "a" * 4095}) == {"file": "a" * 4095}


@pytest.mark.parametrize("name", [".git/config", "a/.GIT/hooks/x", "../x", "a/../../x", "./x"])
def test_names_that_git_itself_refuses(name: str, ours: Made, cache: Path) -> None:
    commit = hostile(ours, name)
    with pytest.raises(SourceError) as caught, laid_out(ours.repository, commit, here=ours.top, cache=cache):
        pass
    assert str(caught.value) == f"{name}: {commit[:12]} has a file of a name that git itself refuses"
    assert not cache.exists()


def test_names_that_git_does_not_even_read(ours: Made, cache: Path) -> None:
    for name in ("/etc/x", "a//b"):
        commit = hostile(ours, name)
        with pytest.raises(SourceError) as caught, laid_out(ours.repository, commit, here=ours.top, cache=cache):
            pass
        assert str(caught.value) == f"{ours.top}: git failed: empty filename in tree entry"


def hostile(ours: Made, name: str) -> str:
    """A commit of a file with a name that no git command would make."""
    import hashlib
    import zlib

    blob = ours.git("hash-object", "-w", "compose.yaml")
    kind, id_ = b"100644", bytes.fromhex(blob)
    for part in reversed(name.split("/")):
        body = kind + b" " + part.encode() + b"\0" + id_
        data = b"tree %d\0" % len(body) + body
        digest = hashlib.sha1(data).hexdigest()
        path = ours.top / ".git" / "objects" / digest[:2] / digest[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(data)) if not path.exists() else None
        kind, id_ = b"40000", bytes.fromhex(digest)
    return ours.committed_tree(id_.hex())


def test_a_file_where_a_directory_is(ours: Made, cache: Path) -> None:
    """A tree that has both: nothing is written through the link."""
    outside = ours.top.parent / "outside"
    outside.mkdir()
    blob = ours.git("hash-object", "-w", "compose.yaml")
    (ours.top / "to").symlink_to(outside)
    ours.git("add", "to")
    link = ours.git("rev-parse", ":to")
    below = ours.git("mktree", stdin=f"100644 blob {blob}\tfile\n")
    tree = ours.git("mktree", stdin=f"120000 blob {link}\tto\n040000 tree {below}\tto\n")
    commit = ours.committed_tree(tree)
    with laid_out(ours.repository, commit, here=ours.top, cache=cache) as revision:
        assert there(revision.top) == {"to/file": b"services: {}\n"}
    assert not list(outside.iterdir())


def test_a_directory_that_the_revision_has_not_is_there_to_stand_in(ours: Made, cache: Path) -> None:
    (ours.top / "new" / "deep").mkdir(parents=True)
    for _ in range(2):
        with laid_out(ours.repository, "HEAD", here=ours.top / "new" / "deep", cache=cache) as revision:
            assert revision.directory == revision.top / "new" / "deep"
            assert revision.directory.is_dir()
            assert there(revision.top) == as_bytes(FILES)


def test_a_directory_that_was_a_file(ours: Made, cache: Path) -> None:
    commit = ours.git("rev-parse", "HEAD")
    (ours.top / "empty").unlink()
    (ours.top / "empty").mkdir()
    with pytest.raises(SourceError) as caught, laid_out(ours.repository, commit, here=ours.top / "empty", cache=cache):
        pass
    assert "cannot be laid out: File exists" in str(caught.value)


def test_what_git_ignores_is_carried_over_and_not_kept(ours: Made, cache: Path) -> None:
    ours.commit({".gitignore": ".env\n"})
    ours.write({".env": "SECRET=1", "deploy/.env": "SECRET=2", "compose.yaml": "other"})
    (ours.top / "link.env").symlink_to("/etc/passwd")
    ignored = [".env", "deploy/.env", "compose.yaml", "link.env", "gone.env"]
    with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache, ignored=ignored) as revision:
        carried = {".gitignore": b".env\n", ".env": b"SECRET=1", "deploy/.env": b"SECRET=2"}
        assert there(revision.top) == as_bytes(FILES) | carried
    assert not revision.top.exists()
    assert not cache.exists()


def test_what_is_to_be_compared_with_the_working_tree(ours: Made, cache: Path) -> None:
    ours.commit({".gitignore": "*.env\n"})
    ours.git("sparse-checkout", "set", "--no-cone", "/*", "!/deploy/")
    ours.write({"web.env": "A=1", "other": "new"})
    with comparable(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
        expected = {path: data for path, data in as_bytes(FILES).items() if not path.startswith("deploy/")}
        assert there(revision.top) == expected | {".gitignore": b"*.env\n", "web.env": b"A=1"}


def test_what_a_sparse_checkout_leaves_out(ours: Made, cache: Path) -> None:
    whole = kept_at(ours, cache)
    with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache, left_out={"empty", "deploy/web.yaml"}) as found:
        expected = as_bytes(FILES)
        del expected["empty"], expected["deploy/web.yaml"]
        assert there(found.top) == expected
        assert found.top != whole


def with_submodule(ours: Made) -> Made:
    """The repository with another in it, whose second commit is the one that is recorded."""
    other = made(ours.top.parent / "other", {"first.yaml": "1"})
    other.commit({"second.yaml": "2"})
    ours.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.top), "below/sub")
    ours.commit()
    return other


def test_submodules_that_are_checked_out_are_a_part(ours: Made, cache: Path) -> None:
    with_submodule(ours)
    modules = {".gitmodules": (ours.top / ".gitmodules").read_bytes()}
    files = {"below/sub/first.yaml": b"1", "below/sub/second.yaml": b"2"}
    Made(ours.top / "below" / "sub").commit({"third.yaml": "3"})
    for _ in range(2):
        with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
            assert there(revision.top) == as_bytes(FILES) | modules | files
            assert (revision.top / "below" / "sub" / ".git").is_dir()
            assert revision.missing == ()
    ours.git("submodule", "--quiet", "deinit", "--force", "below/sub")
    with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
        assert there(revision.top) == as_bytes(FILES) | modules


def test_a_submodule_whose_commit_is_not_here_is_told(ours: Made, cache: Path) -> None:
    with_submodule(ours)
    shutil.rmtree(ours.top / "below" / "sub")
    made(ours.top / "below" / "sub", {"a": "a"})
    with laid_out(ours.repository, "HEAD", here=ours.top, cache=cache) as revision:
        assert revision.missing == ("below/sub",)
        assert not (revision.top / "below").exists()


def test_a_shallow_clone_and_a_worktree(ours: Made, cache: Path, tmp_path: Path) -> None:
    ours.commit()
    ours.git("worktree", "add", "--quiet", str(tmp_path / "tree" / "shop"), "-b", "other")
    shallow = cloned(ours, tmp_path / "shallow" / "shop", "--depth=1")
    tops = {kept_at(one, cache) for one in (ours, shallow, Made(tmp_path / "tree" / "shop"))}
    assert len(tops) == 1, "the same files are kept once"
