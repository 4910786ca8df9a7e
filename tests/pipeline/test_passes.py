"""Runs: what is kept between them is used exactly as long as it is true, and processes change nothing."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec.structs
import pytest

from policyengine import pipeline
from policyengine.api import Settings, evaluate
from policyengine.commands.check import check
from policyengine.pipeline import keys
from policyengine.sources import Reader
from tests.installation import ROOT
from tests.running import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from policyengine.model.report import Report
    from policyengine.sources import Item, Reading

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: "nginx:1", securityContext: {privileged: true}}]}
"""
NETWORK_POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
POLICY = """\
version: 1
id: acme/named
title: Containers are not called web
category: runtime
severity: low
why: Because.
target: container
require: {name: {forbidden: [web]}}
message: "{name}"
examples:
  pass: [{compose: "services: {app: {image: a}}"}]
  fail: [{compose: "services: {web: {image: a}}"}]
"""
SETTINGS = Settings(
    select=("privileged", "networkpolicy-missing", "base-latest", "base-untagged", "acme/named", "registry-allowlist"),
    policies=("named.yaml",),
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the working directory, and an empty cache."""
    files = {
        "named.yaml": POLICY,
        "deploy/pod.yaml": POD,
        "deploy/other.yaml": NETWORK_POLICY.replace("namespace: shop", "namespace: blog"),
        "deploy/compose.yaml": 'services: {web: {image: "nginx:${TAG:-latest}", privileged: true}}\n',
        "deploy/broken.yaml": "services:\n  web: [\n",
        "deploy/values.yaml": "hello: world\n",
        "deploy/Dockerfile": "FROM nginx\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is read and parsed, as that is done."""
    found: list[str] = []
    real = Reader.read

    def read(self: Reader, item: Item, data: bytes | None = None) -> Reading:
        found.append(item.path.rpartition("/")[2])
        return real(self, item, data)

    monkeypatch.setattr(Reader, "read", read)
    return found


ALL = ["Dockerfile", "broken.yaml", "compose.yaml", "other.yaml", "pod.yaml", "values.yaml"]


def test_source_lines_are_there_when_they_are_asked_for_after_a_run_that_did_not() -> None:
    without = check(["deploy"], SETTINGS, excerpts=False)
    assert without.findings
    assert {finding.excerpt for finding in without.findings} == {None}
    lines = [finding.excerpt for finding in check(["deploy"], SETTINGS).findings]
    assert all(lines)
    assert [finding.excerpt for finding in evaluate("deploy", SETTINGS).findings] == lines


def told(report: Report) -> object:
    """All of a report that is not of the run itself."""
    return msgspec.structs.replace(report, run=None, findings=list(report.findings))


def unchanged() -> None:
    """Nothing."""


def edited(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(project: Path) -> None:
        text = (project / name).read_text()
        assert old in text
        (project / name).write_text(text.replace(old, new))

    return edit


def written(name: str, text: str) -> Callable[[Path], None]:
    def write(project: Path) -> None:
        (project / name).write_text(text)

    return write


CHANGES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "nothing": (lambda _: None, []),
    "the time of a file": (lambda project: (project / "deploy/pod.yaml").touch(), []),
    "a file": (edited("deploy/pod.yaml", "true", "false"), ["pod.yaml"]),
    "a file that could not be read": (edited("deploy/broken.yaml", "[", "{image: a}"), ["broken.yaml"]),
    "a file of another kind": (written("deploy/values.yaml", POD), ["values.yaml"]),
    "a new file": (written("deploy/new.yaml", POD), ["new.yaml"]),
    "variables beside a Compose file": (written("deploy/.env", "TAG=1.27\n"), ["compose.yaml"]),
    "a relation": (edited("deploy/other.yaml", "blog", "shop"), ["other.yaml", "pod.yaml"]),
    "a relation of others": (edited("deploy/other.yaml", "blog", "news"), ["other.yaml"]),
    "a new relation": (written("deploy/new.yaml", NETWORK_POLICY), ["new.yaml", "pod.yaml"]),
    "a policy": (edited("named.yaml", "forbidden: [web]", "forbidden: [app]"), ALL),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_a_change_bears_on_is_read_again(change: str, project: Path, read: list[str]) -> None:
    edit, again = CHANGES[change]
    first = evaluate("deploy", SETTINGS)
    assert set(read) == set(ALL)
    edit(project)
    read.clear()
    second = evaluate("deploy", SETTINGS)
    assert sorted(set(read)) == again
    assert told(second) == told(evaluate("deploy", replace(SETTINGS, cache=False)))
    assert (told(second) == told(first)) is (change in ("nothing", "the time of a file", "a relation of others"))


OTHER_SETTINGS = {
    "a parameter": replace(SETTINGS, parameters={"registry-allowlist": {"allowed": ["ghcr.io/*"]}}),
    "a variable": replace(SETTINGS, env={"TAG": "1.27"}),
    "passes": replace(SETTINGS, all=True),
    "fewer policies": replace(SETTINGS, select=("privileged",)),
}


@pytest.mark.parametrize("name", OTHER_SETTINGS)
def test_other_settings_are_another_run(name: str, read: list[str]) -> None:
    evaluate("deploy", SETTINGS)
    read.clear()
    found = evaluate("deploy", OTHER_SETTINGS[name])
    assert set(read) == set(ALL)
    assert told(found) == told(evaluate("deploy", replace(OTHER_SETTINGS[name], cache=False)))


def test_the_same_file_is_judged_otherwise_when_it_is_named(read: list[str]) -> None:
    evaluate("deploy", SETTINGS)
    read.clear()
    alone = evaluate(["deploy/pod.yaml", "deploy/values.yaml"], SETTINGS)
    assert set(read) == {"pod.yaml", "values.yaml"}
    assert [one.status for one in alone.findings if one.policy == "networkpolicy-missing"] == ["unknown"]
    assert [problem.path for problem in alone.problems] == ["deploy/values.yaml"]


def test_a_changed_tool_forgets_all(read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate("deploy", SETTINGS)
    read.clear()
    monkeypatch.setattr(keys, "tool_digest", lambda: "another")
    evaluate("deploy", SETTINGS)
    assert set(read) == set(ALL)


def test_another_working_directory_is_another_run(
    project: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate("deploy", SETTINGS)
    read.clear()
    monkeypatch.chdir(project / "deploy")
    found = evaluate(".", replace(SETTINGS, policies=("../named.yaml",)))
    assert set(read) == set(ALL)
    assert {one.location.path for one in found.findings} == {"Dockerfile", "compose.yaml", "pod.yaml"}


def test_no_secret_is_kept(project: Path) -> None:
    (project / "deploy" / "compose.yaml").write_text(
        'services: {web: {image: "${IMAGE}", environment: {DB_PASSWORD: correct-horse}}}\n'
    )
    settings = Settings(all=True, env={"IMAGE": "reg.example.com/hunter2", "TOKEN": "tok-3b9f"})
    assert any(one.policy == "secret-literal-env" for one in evaluate("deploy", settings).findings)
    import zlib
    from sqlite3 import connect

    with closing(connect(project / "cache" / "results.db")) as connection:
        kept = [row[0] for row in connection.execute("SELECT data FROM kept")]
    plain = b"".join(data[8:] if data[8:9] == b"[" else zlib.decompress(data[8:]) for data in kept)
    assert b"DB_PASSWORD" in plain
    assert b"correct-horse" not in plain
    assert b"tok-3b9f" not in plain


def copies(project: Path, count: int) -> None:
    for number in range(count):
        shutil.copytree(ROOT / "fixtures", project / "many" / str(number))


def judged(*sources: str, cwd: Path, **more: str) -> object:
    """What a process of its own, without threads, says in JSON, its options in ``more``."""
    options = [part for name, value in more.items() for part in (f"--{name.replace('_', '-')}", value) if part]
    ended = cli(
        "check", *sources, "--all", "--format", "json", *options, cwd=cwd, POLICYENGINE_CACHE_DIR=str(cwd / "c")
    )
    assert ended.code == 2
    return {name: value for name, value in json.loads(ended.out).items() if name != "run"}


def test_processes_find_the_same_in_the_same_order(project: Path) -> None:
    copies(project, 6)
    sources = ["many", "deploy", "deploy/pod.yaml", "nowhere.yaml"]
    alone = judged(*sources, cwd=project, jobs="1", no_cache="")
    assert {one["status"] for one in alone["findings"]} >= {"pass", "fail", "unknown"}  # type: ignore[index] # JSON
    for jobs in ("2", "5"):
        assert judged(*sources, cwd=project, jobs=jobs, no_cache="") == alone
    for jobs in ("5", "5", "1"):  # the first fills the cache
        assert judged(*sources, cwd=project, jobs=jobs) == alone


def test_what_is_spooled_is_the_same(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies(project, 2)
    held = evaluate("many", Settings(cache=False))
    monkeypatch.setattr(pipeline.spool, "IN_MEMORY", 10)
    spooled = evaluate("many", Settings(cache=False))
    assert type(held.findings) is not type(spooled.findings)
    assert list(held.findings) == list(spooled.findings)
    assert held.exit_code == spooled.exit_code


def test_nothing_is_kept_of_what_cannot_be_kept_for_long(project: Path, read: list[str]) -> None:
    """Unreadable files may be readable at the next run, without any change of what they hold."""
    for _ in range(2):
        report = evaluate(["deploy/nowhere.yaml", "deploy/pod.yaml"], SETTINGS)
        assert json.dumps([str(problem.path) for problem in report.problems]) == '["deploy/nowhere.yaml"]'
    assert read.count("nowhere.yaml") == 2
    assert read.count("pod.yaml") == 1


@pytest.mark.parametrize(
    ("jobs", "items", "processes"), [(2, 3, 2), (99_999, 3, 3), (99_999, 50, pipeline.MOST), (1, 50, 1), (4, 0, 1)]
)
def test_no_more_processes_than_there_is_use_for(
    jobs: int, items: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policyengine.engine import Engine
    from policyengine.pipeline.passes import Passes
    from policyengine.sources import Item

    monkeypatch.setattr(pipeline, "processors", lambda: 2)
    monkeypatch.setattr(pipeline, "can_fork", lambda: True)  # not where tests run in threads
    passes = Passes(Reader(), Engine([], {}))
    assert pipeline._processes([Item(str(number)) for number in range(items)], jobs, passes) == processes
