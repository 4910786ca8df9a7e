"""Streams of which a document is refused: the others are judged, and what hangs on what is not read is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.engine import Engine
from policyengine.inputs import kubernetes
from policyengine.inputs.kubernetes.metadata import RELATED_KINDS
from policyengine.pipeline.passes import Passes
from policyengine.sources import Item, Reader
from tests.running import Ended, cli

if TYPE_CHECKING:
    from pathlib import Path


def pod(name: str) -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n"
        f"spec: {{containers: [{{name: {name}, image: a, securityContext: {{privileged: true}}}}]}}\n"
    )


def network_policy(more: str = "") -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all, namespace: shop}\n"
        f"spec: {{podSelector: {{}}, policyTypes: [Ingress]}}\n{more}"
    )


def stream(*documents: str) -> str:
    return "---\n".join(documents)


TWICE = "kind: again\n"
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n"
UNKNOWN = (
    "unknown networkpolicy-missing cannot tell: a part of the source could not be read "
    "(related.network_policies; mend what is told as an error)"
)
MISSING = "high networkpolicy-missing no NetworkPolicy selects the Pods of"
RUNS = "critical privileged {0} runs privileged"

CASES: dict[str, tuple[dict[str, str], str]] = {
    "what stands before and after a key that is there twice": (
        {"a.yaml": stream(pod("a"), SETTINGS + TWICE, pod("b"))},
        f"""\
a.yaml:3:18: {MISSING} a
a.yaml:4:71: {RUNS.format("a")}
a.yaml:13:18: {MISSING} b
a.yaml:14:71: {RUNS.format("b")}
a.yaml:9:1: error duplicate key "kind"
""",
    ),
    "what stands before a syntax error": (
        {"a.yaml": stream(pod("a"), "a: [\n", pod("b"), network_policy())},
        f"""\
a.yaml:3:18: {UNKNOWN}
a.yaml:4:71: {RUNS.format("a")}
a.yaml:7:1: error malformed YAML: did not find expected node content
""",
    ),
    "what may be selected by what is not read, in other files too": (
        {"a.yaml": stream(pod("a"), network_policy(TWICE)), "b.yaml": pod("b")},
        f"""\
a.yaml:3:18: {UNKNOWN}
a.yaml:4:71: {RUNS.format("a")}
b.yaml:3:18: {UNKNOWN}
b.yaml:4:71: {RUNS.format("b")}
a.yaml:10:1: error duplicate key "kind"
""",
    ),
    "what may be selected by a file of which nothing is read": (
        {"a.yaml": network_policy(TWICE), "b.yaml": pod("b")},
        f"""\
b.yaml:3:18: {UNKNOWN}
b.yaml:4:71: {RUNS.format("b")}
a.yaml:5:1: error duplicate key "kind"
""",
    ),
    "what is selected by what was read is known": (
        {"a.yaml": stream(pod("a"), network_policy(TWICE), network_policy())},
        f"""\
a.yaml:4:71: {RUNS.format("a")}
a.yaml:10:1: error duplicate key "kind"
""",
    ),
    "an ignore counts beside a document that is refused, and none that it holds": (
        {
            "a.yaml": stream(
                f"# policyengine: ignore[networkpolicy-missing] elsewhere\n{pod('a')}",
                f"a: |\n  # policyengine: ignore[privileged] none\n{SETTINGS}{TWICE}",
                pod("b"),
            )
        },
        f"""\
a.yaml:5:71: {RUNS.format("a")}
a.yaml:16:18: {MISSING} b
a.yaml:17:71: {RUNS.format("b")}
a.yaml:12:1: error duplicate key "kind"
""",
    ),
    "a Compose file is one thing, whatever documents it has": (
        {"compose.yaml": "services: {a: {image: a, privileged: true}}\n---\nservices: {}\nservices: {}\n"},
        'compose.yaml:4:1: error duplicate key "services"\n',
    ),
    "so is what only one document is left of that looks like Compose": (
        {"a.yaml": "services: {a: {image: a, privileged: true}}\n---\nb: 1\nb: 2\n"},
        'a.yaml:4:1: error duplicate key "b"\n',
    ),
    "a template is no broken manifest": (
        {"a.yaml": stream(pod("a"), "{{- if .Values.b }}\nkind: b\n{{- end }}\n")},
        "warning: nothing was checked\n",
    ),
}


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of a test's own, beside what is judged."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", CASES)
def test_in_a_directory(name: str, tmp_path: Path, cache: Path) -> None:
    files, told = CASES[name]
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    checked = ("check", "--select", "privileged,networkpolicy-missing", "--format", "text")
    for more in ([], [], ["--jobs", "2", "--no-cache"]):  # the first run fills the cache
        found = cli(*checked, *more, ".", cwd=tmp_path, POLICYENGINE_CACHE_DIR=str(cache))
        if not told.startswith("warning"):
            assert found == Ended(2, told, "")
        else:
            assert found.code == 0
            assert "privileged" not in found.out


def test_what_was_known_is_known_no_more_when_a_document_breaks(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "pod.yaml").write_text(pod("a"))
    (tmp_path / "policy.yaml").write_text(SETTINGS)
    run = ("check", "--select", "networkpolicy-missing", "--format", "text", ".")
    kept = {"POLICYENGINE_CACHE_DIR": str(cache)}
    assert cli(*run, cwd=tmp_path, **kept) == Ended(1, f"pod.yaml:3:18: {MISSING} a\n", "")
    (tmp_path / "policy.yaml").write_text(stream(SETTINGS, network_policy(TWICE)))
    told = f'pod.yaml:3:18: {UNKNOWN}\npolicy.yaml:9:1: error duplicate key "kind"\n'
    assert cli(*run, cwd=tmp_path, **kept) == Ended(2, told, "")
    (tmp_path / "policy.yaml").write_text(SETTINGS)
    assert cli(*run, cwd=tmp_path, **kept) == Ended(1, f"pod.yaml:3:18: {MISSING} a\n", "")


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_a_file_that_is_read_in_part_is_not_edited(option: str, tmp_path: Path) -> None:
    text = stream(pod("a"), SETTINGS + TWICE)
    (tmp_path / "a.yaml").write_text(text)
    run = ("check", "--select", "privileged", "--unsafe-fixes", option, "a.yaml")
    found = cli(*run, cwd=tmp_path)
    assert found.code == 2
    assert 'not fixed: a.yaml:4:71: privileged: a part of the file cannot be read: duplicate key "kind"\n' in found.err
    assert (tmp_path / "a.yaml").read_text() == text


def test_of_a_file_that_cannot_be_read_nothing_is_known() -> None:
    index = Passes(Reader(), Engine([], {})).relations(Item("gone.yaml", home="deploy"))
    assert list(index.entries()) == [(("", "", "deploy"), "unread", {"kinds": sorted(RELATED_KINDS)})]
    assert list(Passes(Reader(), Engine([], {})).relations(Item("gone.yaml")).entries()) == []


def test_every_kind_of_which_absence_counts_has_its_words() -> None:
    assert kubernetes.HELD.keys() == RELATED_KINDS
