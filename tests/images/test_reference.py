from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.images.reference import Reference, fields, implied, parse
from policyengine.model.unknown import Unknown

SHA = "sha256:" + "0123456789abcdef" * 4

# written, registry, repository, tag, digest
REFERENCES = [
    ("nginx", "docker.io", "library/nginx", "latest", None),
    ("nginx:1.27", "docker.io", "library/nginx", "1.27", None),
    ("nginx:latest", "docker.io", "library/nginx", "latest", None),
    (f"nginx@{SHA}", "docker.io", "library/nginx", None, SHA),
    (f"nginx:1.27@{SHA}", "docker.io", "library/nginx", "1.27", SHA),
    ("acme/app", "docker.io", "acme/app", "latest", None),
    ("acme/team/app:1", "docker.io", "acme/team/app", "1", None),
    ("docker.io/nginx", "docker.io", "library/nginx", "latest", None),
    ("index.docker.io/nginx", "docker.io", "library/nginx", "latest", None),
    ("docker.io/acme/app", "docker.io", "acme/app", "latest", None),
    ("ghcr.io/acme/app:1", "ghcr.io", "acme/app", "1", None),
    ("ghcr.io/app", "ghcr.io", "app", "latest", None),
    ("localhost/app", "localhost", "app", "latest", None),
    ("localhost:5000/app:1", "localhost:5000", "app", "1", None),
    ("registry:5000/acme/app", "registry:5000", "acme/app", "latest", None),
    ("Registry/app", "Registry", "app", "latest", None),
    ("[::1]:5000/app", "[::1]:5000", "app", "latest", None),
    ("10.0.0.1/app", "10.0.0.1", "app", "latest", None),
    ("a.b", "docker.io", "library/a.b", "latest", None),
    ("a--b__c/d.e-f", "docker.io", "a--b__c/d.e-f", "latest", None),
    ("app:1.2_3-X", "docker.io", "library/app", "1.2_3-X", None),
    ("app:" + "t" * 128, "docker.io", "library/app", "t" * 128, None),
]


@pytest.mark.parametrize(("written", "registry", "repository", "tag", "digest"), REFERENCES)
def test_parse(written: str, registry: str, repository: str, tag: str | None, digest: str | None) -> None:
    parsed = parse(written)
    assert parsed == Reference(written, registry, repository, tag, digest)
    assert parsed.name == f"{registry}/{repository}"


@pytest.mark.parametrize(
    "written",
    [
        "",
        ":1",
        "nginx:",
        "nginx@",
        "nginx@sha256:123",
        "Nginx",
        "acme/App",
        "nginx:1:2",
        "nginx: 1",
        "ngi nx",
        "nginx/",
        "/nginx",
        "a//b",
        "-a",
        "a..b",
        "a___b",
        "a-/b",
        "a.b:c/d",
        "a_.b/c",
        "[::1/a",
        "https://nginx",
        "${IMAGE}",
        "app:" + "t" * 129,
        "0123456789abcdef" * 4,
        "sha256:" + "0123456789abcdef" * 4,
        "nginx\n",
        "é",
        "a:" * 50_000,
        "a/" * 50_000,
        "a/" * 50_000 + "a",
        "a-" * 50_000 + "_",
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_reference(written: str) -> None:
    assert parse(written) is None


def test_fields() -> None:
    assert fields(f"ghcr.io/acme/app@{SHA}") == {
        "reference": f"ghcr.io/acme/app@{SHA}",
        "registry": "ghcr.io",
        "repository": "acme/app",
        "name": "ghcr.io/acme/app",
        "digest": SHA,
        "pinning": "digest",
    }
    assert fields("acme/app")["tag"] == "latest"


@pytest.mark.parametrize(
    ("written", "pinning"),
    [
        ("nginx", "none"),
        ("localhost:5000/nginx", "none"),
        ("nginx:latest", "latest"),
        ("nginx:1.27", "tag"),
        (f"nginx@{SHA}", "digest"),
        (f"nginx:latest@{SHA}", "digest"),
    ],
)
def test_what_names_the_version(written: str, pinning: str) -> None:
    assert fields(written)["pinning"] == pinning


def test_the_parts_of_what_is_no_reference_are_unknown() -> None:
    unknown = Unknown("image", '"no reference" is no image reference')
    parts = ("registry", "repository", "name", "tag", "digest", "pinning")
    assert fields("no reference") == {"reference": "no reference", **dict.fromkeys(parts, unknown)}


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("nginx", {"registry", "tag"}),
        ("nginx:1", {"registry"}),
        ("nginx:latest", {"registry"}),
        (f"nginx:latest@{SHA}", {"registry"}),
        (f"nginx@{SHA}", {"registry"}),
        ("docker.io/nginx", {"tag"}),
        ("index.docker.io/acme/app:latest", set()),
        ("ghcr.io/acme/app", {"tag"}),
        ("localhost:5000/latest", {"tag"}),
        ("no reference", set()),
    ],
)
def test_what_nobody_wrote(written: str, parts: set[str]) -> None:
    assert implied(written) == parts


_COMPONENT = st.from_regex(r"[a-z0-9]{1,4}([._-][a-z0-9]{1,3})?", fullmatch=True)
_TAG = st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}", fullmatch=True))


@settings(max_examples=200)
@given(st.lists(_COMPONENT, min_size=1, max_size=3), _TAG, st.sampled_from([None, SHA]))
def test_the_parts_make_up_the_reference(path: list[str], tag: str | None, digest: str | None) -> None:
    name = "registry.example:5000/" + "/".join(path)
    written = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    parsed = parse(written)
    assert parsed is not None
    assert (parsed.name, parsed.digest) == (name, digest)
    assert parsed.tag == (tag or (None if digest else "latest"))
