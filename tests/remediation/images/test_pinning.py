"""What runs, by the digests that the engine knows of it; and references as files are to have them."""

from __future__ import annotations

import pytest

from policyengine.connections.registry import Options, Platform, Registries
from policyengine.errors import RemedyError
from policyengine.policy.image_strategy import Pin, Rebuild, Upgrade
from policyengine.remediation.images.asking import Asking, Chosen, CurrentImage
from policyengine.remediation.images.choosing import compliant
from policyengine.remediation.images.texts import rewritten

A, B = ("sha256:" + letter * 64 for letter in "ab")
NOBODY = Asking(Registries(Options()), Platform())
"""Whoever asks it would be told that there is no such registry."""

RUNNING = [
    ("nginx:1.27", [f"nginx@{A}"], f"docker.io/library/nginx@{A}", "1.27"),
    ("nginx", [f"nginx@{A}"], f"docker.io/library/nginx@{A}", "latest"),
    ("nginx:1.27", [f"mirror.example.com/nginx@{B}", f"nginx@{A}"], f"docker.io/library/nginx@{A}", "1.27"),
    (f"nginx:1.27@{B}", [f"nginx@{A}", f"nginx@{B}"], f"docker.io/library/nginx@{B}", "1.27"),
    (f"nginx@{B}", [f"nginx@{A}", f"nginx@{B}"], f"docker.io/library/nginx@{B}", ""),
    ("localhost:5000/web:1", [f"localhost:5000/web@{A}"], f"localhost:5000/web@{A}", "1"),
    # By its id, and under a name that it has lost.
    ("sha256:" + "c" * 64, [f"nginx@{A}"], f"docker.io/library/nginx@{A}", ""),
    ("web:1", [f"nginx@{A}"], f"docker.io/library/nginx@{A}", ""),
]


@pytest.mark.parametrize(("reference", "digests", "wanted", "tag"), RUNNING)
def test_what_runs(reference: str, digests: list[str], wanted: str, tag: str) -> None:
    current = CurrentImage(reference, {"Id": "sha256:1", "RepoDigests": digests})
    chosen = compliant({"image-digest": Pin("running")}, current, NOBODY)
    assert (chosen.reference, chosen.tag, chosen.why) == (wanted, tag, "it is what runs")


def test_what_was_never_pushed_has_no_digest() -> None:
    current = CurrentImage("web:1", {"Id": "sha256:1", "RepoDigests": []})
    with pytest.raises(RemedyError) as caught:
        compliant({"image-digest": Pin("running")}, current, NOBODY)
    assert str(caught.value) == "web:1 has no digest: it was built on the engine and never pushed (push it)"


def test_what_was_never_pushed_can_be_built_upon() -> None:
    id_ = "sha256:" + "c" * 64
    current = CurrentImage("web:1", {"Id": id_, "Config": {"User": ""}})
    chosen = compliant({"user-missing": Rebuild(user="1000")}, current, NOBODY)
    assert (chosen.reference, chosen.name, chosen.digest) == (id_, "", "")
    assert chosen.build is not None
    assert chosen.build.dockerfile().splitlines()[0] == f"FROM {id_}"
    assert chosen.why == "it is what runs, with what user-missing says on top"


def test_no_tag_no_upgrade() -> None:
    with pytest.raises(RemedyError) as caught:
        compliant({"a": Upgrade("patch")}, CurrentImage(f"nginx@{A}"), NOBODY)
    assert caught.value.message == f"nginx@{A} names no tag: what would be newer is not known"


def test_a_file_is_not_rebuilt() -> None:
    with pytest.raises(RemedyError) as caught:
        compliant({"a": Rebuild(user="1")}, CurrentImage("nginx:1"), NOBODY)
    assert str(caught.value) == ("what a file names is not rebuilt (change the Dockerfile that it is built of)")


WRITTEN = [
    ("nginx:1.27", "docker.io/library/nginx", "1.27", f"nginx:1.27@{A}"),
    ("nginx", "docker.io/library/nginx", "latest", f"nginx@{A}"),
    ("nginx:latest", "docker.io/library/nginx", "latest", f"nginx:latest@{A}"),
    ("nginx", "docker.io/library/nginx", "1.28", f"nginx:1.28@{A}"),
    (f"nginx:1.27@{B}", "docker.io/library/nginx", "1.28", f"nginx:1.28@{A}"),
    (f"nginx@{B}", "docker.io/library/nginx", "", f"nginx@{A}"),
    ("docker.io/library/nginx:1", "docker.io/library/nginx", "1", f"docker.io/library/nginx:1@{A}"),
    ("localhost:5000/web", "localhost:5000/web", "latest", f"localhost:5000/web@{A}"),
    ("k8s.gcr.io/pause:3.1", "registry.k8s.io/pause", "3.1", f"registry.k8s.io/pause:3.1@{A}"),
    ("quay.io/acme/nginx:1", "docker.io/library/nginx", "1", f"nginx:1@{A}"),
    ("k8s.gcr.io/pause", "registry.k8s.io/pause", "latest", f"registry.k8s.io/pause:latest@{A}"),
]


@pytest.mark.parametrize(("before", "name", "tag", "after"), WRITTEN)
def test_references_in_files(before: str, name: str, tag: str, after: str) -> None:
    assert rewritten(before, Chosen(f"{name}@{A}", "", name, tag)) == after
