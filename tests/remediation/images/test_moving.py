"""Names at other registries."""

from __future__ import annotations

import pytest

from policyengine.errors import RemedyError
from policyengine.images.reference import parse
from policyengine.remediation.images.moving import moved

MOVES = {
    "docker.io": "registry.example.com/hub",
    "docker.io/acme": "registry.example.com:5000",
    "k8s.gcr.io": "registry.k8s.io",
    "ghcr.io/acme/web": "quay.io/acme/site",
    "localhost:5000/": "registry.example.com/local/",
}

NAMES = [
    ("nginx", "registry.example.com/hub/library/nginx"),
    ("nginx:1.27", "registry.example.com/hub/library/nginx"),
    ("acme/web", "registry.example.com:5000/web"),
    ("acmeless/web", "registry.example.com/hub/acmeless/web"),
    ("k8s.gcr.io/pause:3.1", "registry.k8s.io/pause"),
    ("ghcr.io/acme/web", "quay.io/acme/site"),
    ("ghcr.io/acme/web/tools", "quay.io/acme/site/tools"),
    ("localhost:5000/a/b", "registry.example.com/local/a/b"),
]


@pytest.mark.parametrize(("reference", "name"), NAMES)
def test_a_name_that_is_mapped(reference: str, name: str) -> None:
    parsed = parse(reference)
    assert parsed is not None
    assert "/".join(moved(parsed, MOVES)) == name


WRONG = [
    ("ghcr.io/acme/website", MOVES, "no registry is set that ghcr.io/acme/website may come from instead"),
    ("nginx", {}, "no registry is set that nginx may come from instead"),
    ("nginx", {"docker.io": "Registry of ours"}, "Registry of ours/library/nginx is no name of an image"),
    ("nginx", {"docker.io/library/nginx": "web"}, "web is no name of an image"),
]


@pytest.mark.parametrize(("reference", "moves", "why"), WRONG)
def test_a_name_that_is_not(reference: str, moves: dict[str, str], why: str) -> None:
    parsed = parse(reference)
    assert parsed is not None
    with pytest.raises(RemedyError) as caught:
        moved(parsed, moves)
    assert caught.value.message == why
