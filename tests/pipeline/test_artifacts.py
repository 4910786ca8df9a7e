"""What was judged, as statements name it."""

from __future__ import annotations

from hashlib import sha256

from policyengine.inputs.files import UNREADABLE
from policyengine.model.artifact import Artifact
from policyengine.pipeline.artifacts import artifacts, noting_images
from policyengine.sources import Item
from tests.judging import read

DIGEST = "ab" * 32
SNAPSHOT = """
docker_snapshot: 1
images:
  - {{Id: "sha256:{id}", RepoTags: ["nginx:1.27"], RepoDigests: {digests}}}
"""


def test_a_file_goes_by_its_bytes_and_the_documents_that_it_refers_to_by_theirs() -> None:
    files = {
        "more.yaml": DIGEST,
        "Dockerfile": DIGEST,
        ".env": DIGEST,
        "gone.yaml": None,
        "closed.yaml": UNREADABLE,
    }
    assert artifacts(Item("compose.yaml"), b"services: {}", files, ()) == (
        Artifact("compose.yaml", sha256(b"services: {}").hexdigest()),
        Artifact("more.yaml", DIGEST),
        Artifact("Dockerfile", DIGEST),
    )


def test_several_files_that_are_one_go_by_themselves() -> None:
    item = Item("a.yaml:b.yaml", parts=("a.yaml", "b.yaml"))
    assert artifacts(item, b"", {"a.yaml": DIGEST, "b.yaml": DIGEST}, ()) == (
        Artifact("a.yaml", DIGEST),
        Artifact("b.yaml", DIGEST),
    )


def test_an_engine_has_no_digest_and_its_images_have() -> None:
    image = Artifact("docker:///image/nginx:1.27", DIGEST)
    assert artifacts(Item("docker://"), None, {"compose.yaml": DIGEST}, [image]) == (Artifact("docker://"), image)


def test_images_go_by_the_digests_that_registries_know_else_by_their_own() -> None:
    for digests, expected in (
        ('["nginx@sha256:' + "cd" * 32 + '", "mirror/nginx@sha256:' + "ef" * 32 + '"]', ["cd" * 32, "ef" * 32]),
        ("[]", [DIGEST]),
    ):
        resources = read("docker", SNAPSHOT.format(id=DIGEST, digests=digests), "snapshot.yaml")
        found: list[Artifact] = []
        assert list(noting_images(resources, found)) == list(resources)
        assert [one.sha256 for one in found] == expected
