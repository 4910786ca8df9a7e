"""Finding policy files, and the cache of checked ones: whatever is wrong with it, the policies are the same."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import SourceError
from policyengine.inputs import inputs
from policyengine.policy import cache, library
from policyengine.policy.library import built_in, load_policies, policy_files
from policyengine.policy.parameters import Param
from tests.policy.writing import policy, written
from tests.running import SECONDS

if TYPE_CHECKING:
    from policyengine.policy.policy import Policy

ORIGINS = tuple(inputs())

RICH = policy(
    "aliases: [a, b]\nremedy: {compose: c}",
    parameters="parameters:\n  most: {type: list, default: [x], help: h}",
    require=(
        "require:\n  user: {forbidden: !param most, meta: {'!param': x, '!!param': [y], a: yes}}\n"
        "  mem_limit: {max: 1"
        + "0" * 300
        + '}\n  cpus: {min: 1.10, max: 0x10}\n  labels["\\u00e9 \\U0001f600"]: {allowed: [no, \'n\\u00e9\', "\\t"]}'
    ),
    assert_="assert:\n  - {cel: user != 'a', field: user, message: m}",
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(tmp_path / "cache"))
    written(tmp_path / "policies", RICH)
    written(tmp_path / "policies", policy(id="id: other"), "other")
    return tmp_path / "cache"


def load(path: str = "policies") -> list[Policy]:
    policies, errors = load_policies(Path(path), ORIGINS)
    assert errors == []
    return policies


def kept(place: Path) -> list[Path]:
    return sorted(place.iterdir()) if place.is_dir() else []


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on policies can only come from the cache."""

    def checked(*_: object) -> None:
        raise AssertionError("a policy was checked again")

    monkeypatch.setattr(library, "_checked", checked)


def test_a_built_in_policy_is_known_by_size_and_time(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(library, "built_in", lambda: Path("policies"))
    cold = load()
    written(Path("policies"), policy(id="id: other").replace("Because.", "Because so."), "other")
    changed = load()
    assert [one.why for one in cold if one.id == "other"] == ["Because."]
    assert [one.why for one in changed if one.id == "other"] == ["Because so."]
    request.getfixturevalue("unchecked")
    assert load() == changed


def test_an_editors_lock_among_the_built_in_policies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emacs' is a symlink that leads nowhere."""
    monkeypatch.setattr(library, "built_in", lambda: Path("policies"))
    Path("policies/.#other.yaml").symlink_to("somebody@here.1234:5")
    for _ in range(2):
        policies, errors = load_policies(Path("policies"), ORIGINS)
        assert [one.id for one in policies] == ["other", "sample"]
        assert [str(error) for error in errors] == ["policies/.#other.yaml: cannot be read: No such file or directory"]


def test_policies_from_the_cache_are_equal(place: Path, request: pytest.FixtureRequest) -> None:
    cold = load()
    (file,) = kept(place)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    request.getfixturevalue("unchecked")
    warm = load()
    assert warm == cold
    assert repr(warm) == repr(cold)
    (sample,) = (one for one in warm if one.id == "sample")
    assert sample.require
    assert sample.require["user"]["forbidden"] == Param("most")
    assert sample.require["user"]["meta"] == {"!param": "x", "!!param": ["y"], "a": "yes"}


def test_they_do_not_depend_on_the_directory(place: Path, request: pytest.FixtureRequest) -> None:
    load()
    Path("policies").rename("moved")
    request.getfixturevalue("unchecked")
    assert [one.path for one in load("moved")] == ["moved/other.yaml", "moved/sample.yaml"]


def payload(text: str) -> str:
    return f"{sha256(text.encode()).hexdigest()}\n{text}"


CORRUPT = [
    b"",
    b"\n",
    b"garbage",
    b"\xff\xfe\x00",
    b"{}",
    payload("").encode(),
    payload("not json").encode(),
    payload("{}").encode(),
    payload("[]").encode(),
    payload("null").encode(),
    payload("5").encode(),
    payload("[1, 2]").encode(),
    payload('[{"id": "sample"}, {}]').encode(),
    payload("[[], []]").encode(),
    payload('[{"!param": 5}, {"!param": 6}]').encode(),
]


@pytest.mark.parametrize("data", CORRUPT)
def test_a_corrupt_cache_is_ignored_and_written_again(place: Path, data: bytes) -> None:
    cold = load()
    (file,) = kept(place)
    good = file.read_bytes()
    file.write_bytes(data)
    assert load() == cold
    assert file.read_bytes() == good


@pytest.mark.parametrize("wrong", [5, [5], {"x": 5}])
@pytest.mark.parametrize(
    "key", ["id", "title", "severity", "why", "target", "aliases", "require", "remedy", "parameters"]
)
def test_policies_of_another_shape_are_checked_again(key: str, wrong: object, place: Path) -> None:
    """Though their checksum is right."""
    cold = load()
    (file,) = kept(place)
    good = file.read_text()
    lines = good.split("\n")[1:]
    digest, words, data = json.loads(lines[2])
    lines[2] = json.dumps([digest, words, {**data, key: wrong}])
    file.write_text(payload("\n".join(lines)))
    assert load() == cold
    assert file.read_text() == good


def test_a_changed_byte_is_noticed(place: Path) -> None:
    cold = load()
    (file,) = kept(place)
    good = file.read_text()
    file.write_text(good.replace("privileged", "privilegee"))
    assert load() == cold
    assert file.read_text() == good


def test_nothing_is_read_or_kept_where_that_is_not_wanted(place: Path) -> None:
    cold = load()
    (file,) = kept(place)
    key = file.stem.removeprefix("policies-")
    with cache.used(wanted=False), cache.used(wanted=True):
        assert cache.read(key) is None
        file.unlink()
        assert load() == cold
        assert kept(place) == []
    assert load() == cold
    assert kept(place) == [file]


def test_a_truncated_file_is_noticed(place: Path) -> None:
    cold = load()
    (file,) = kept(place)
    file.write_bytes(file.read_bytes()[:-100])
    assert load() == cold


def test_a_place_that_is_a_file(place: Path) -> None:
    place.write_text("not a directory")
    assert len(load()) == len(load()) == 2


def test_a_place_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", "/proc/none/of/this")
    assert len(load()) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_place_without_permission(place: Path) -> None:
    load()
    place.chmod(0)
    try:
        assert len(load()) == 2
    finally:
        place.chmod(0o700)


def test_a_cache_file_that_is_a_directory(place: Path) -> None:
    load()
    (file,) = kept(place)
    file.unlink()
    file.mkdir()
    assert len(load()) == 2
    assert kept(place) == [file], "an unfinished file was left behind"


PLACES = [
    ({"POLICYENGINE_CACHE_DIR": "/a"}, "/a"),
    ({"POLICYENGINE_CACHE_DIR": "", "XDG_CACHE_HOME": "/b"}, "/b/policyengine"),
    ({"HOME": "/home/x"}, "/home/x/.cache/policyengine"),
]


@pytest.mark.parametrize(("variables", "wanted"), PLACES)
def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: str) -> None:
    for name in ("POLICYENGINE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(cache.directory()) == wanted


def test_concurrent_writers_and_readers() -> None:
    text = json.dumps(["x" * 200_000])

    def work(number: int) -> str | None:
        cache.write("key", text)
        return cache.read("key")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(64))) == {text}


def test_concurrent_processes(place: Path, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from policyengine.policy.library import load_policies; "
        f"print(len(load_policies(Path('policies'), {ORIGINS!r})[0]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert [process.communicate(timeout=SECONDS)[0] for process in started] == [b"2\n"] * 4
    assert len(kept(place)) == 1


def test_the_newest_are_kept(place: Path) -> None:
    load()
    (first,) = kept(place)
    for number in range(cache.MOST + 3):
        cache.write(f"{number}", "x")
        os.utime(place / f"policies-{number}.json", ns=(number + 1, number + 1))
    os.utime(first, ns=(10**18, 10**18))
    cache.write("last", "x")
    left = {path.name for path in kept(place)}
    assert len(left) == cache.MOST
    assert {first.name, "policies-last.json", f"policies-{cache.MOST + 2}.json"} <= left
    assert "policies-0.json" not in left


def test_wrong_policies_are_not_kept(place: Path) -> None:
    written(Path("policies"), policy(severity="severity: hihg"), "sample")
    policies, errors = load_policies(Path("policies"), ORIGINS)
    assert ([one.id for one in policies], len(errors)) == (["other"], 1)
    assert kept(place) == []


CHANGES = [
    lambda: written(Path("policies"), policy(severity="severity: low")),
    lambda: written(Path("policies"), policy(id="id: third"), "third"),
    lambda: Path("policies/other.yaml").unlink(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_key_changes_with_the_texts(place: Path, change: object) -> None:
    load()
    assert callable(change)
    change()
    load()
    assert len(kept(place)) == 2


def test_the_key_changes_with_a_files_name(place: Path) -> None:
    load()
    Path("policies/other.yaml").rename("policies/renamed.yaml")
    _, errors = load_policies(Path("policies"), ORIGINS)
    assert [str(error) for error in errors] == [
        'policies/renamed.yaml:2:5: the id "other" is not the file\'s name (name the file other.yaml)'
    ]


def test_the_key_changes_with_the_input_kinds(place: Path) -> None:
    load()
    load_policies(Path("policies"), (*ORIGINS, "another"))
    assert len(kept(place)) == 2


def test_the_key_changes_with_the_tool(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    monkeypatch.setattr(cache, "tool_digest", lambda: "another checkout")
    load()
    assert len(kept(place)) == 2


def test_the_tool_is_told_by_its_version_and_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.tool_digest.__wrapped__()
    assert cache.tool_digest.__wrapped__() == before
    monkeypatch.setattr(cache, "__version__", "0.0.0-other")
    other = cache.tool_digest.__wrapped__()
    stamps = list(cache._stamps(str(built_in().parent / "policyengine")))
    assert any(path.endswith("policyengine/inputs/compose/merge.py") for path, _, _ in stamps)
    monkeypatch.setattr(cache, "_stamps", lambda _: [*stamps, ("new.py", 1, 1)])
    assert len({before, other, cache.tool_digest.__wrapped__()}) == 3


def test_an_editors_lock_among_the_modules_is_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("")
    (tmp_path / ".#module.py").symlink_to("somebody@here.1234:5")
    assert [path for path, _, _ in cache._stamps(str(tmp_path))] == [str(tmp_path / "module.py")]


def test_two_texts_are_not_one() -> None:
    one, other = [("a.yaml", "b"), ("c.yaml", "d")], [("a.yaml", "b\0c.yaml\0d")]
    assert library._key(one, ORIGINS) != library._key(other, ORIGINS)


def test_files_are_found_in_order_and_only_policies(tmp_path: Path) -> None:
    place = tmp_path / "many"
    for name in (
        "b.yaml",
        "a.yml",
        "e.YAML",
        "c.txt",
        "pack.yaml",
        "sub/d.yaml",
        "case/expected.yaml",
        "case/compose.yaml",
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("x")
    assert [str(path.relative_to(place)) for path in policy_files(place)] == ["a.yml", "b.yaml", "e.YAML", "sub/d.yaml"]
    assert policy_files(place / "c.txt") == [place / "c.txt"]


@pytest.mark.parametrize(("name", "message"), [("missing", "no such file or directory"), ("empty", "no policy files")])
def test_places_without_policies(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=message):
        policy_files(tmp_path / name)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (Path("policies") / "dir.yaml").mkdir()
    os.mkfifo(Path("policies") / "pipe.yaml")
    with (Path("policies") / "huge.yaml").open("wb") as file:
        file.truncate(1 << 40)
    policies, errors = load_policies(Path("policies"), ORIGINS)
    assert len(policies) == 2
    assert [str(error) for error in errors] == [
        "policies/dir.yaml: cannot be read: Is a directory",
        "policies/huge.yaml: larger than 64 MiB",
        "policies/pipe.yaml: not a regular file",
    ]


def test_the_policies_that_policyengine_carries() -> None:
    assert len(load(str(built_in()))) >= 15
