"""The secrets of images' layers, and of the files of other roots."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from policyengine.authentication.files import Entry, Given
from policyengine.authentication.layers.layer import read
from policyengine.authentication.layers.stacked import Stacked
from policyengine.authentication.secrets.stored import Stored, stored
from policyengine.model.unknown import Unknown
from tests.authentication.layers.tars import M, archive, hard_link, symlink
from tests.authentication.secrets.forms import GITHUB, pem

if TYPE_CHECKING:
    from policyengine.authentication.files import Something


def image(*layers: list[M]) -> Stacked:
    """An image of layers, the lowest first."""
    return Stacked([read(f"l{at}", io.BytesIO(archive(*one)), print) for at, one in enumerate(layers)], "image:")


def of_image(*layers: list[M]) -> list[tuple[str, str, tuple[int, int] | None, bool]]:
    """What is told of an image: the path, the form, the layer, and whether it is removed."""
    found = list(stored(image(*layers)))
    assert all(isinstance(one, Stored) for one in found)
    return [(one.path, one.secret.form, one.layer, one.removed) for one in found if isinstance(one, Stored)]


def of_root(files: dict[str, Something]) -> list[tuple[str, str] | str]:
    """What is told of a root: paths and forms, and why something is not known."""
    found = stored(Given(files))
    return [one.why if isinstance(one, Unknown) else (one.path, one.secret.form) for one in found]


def test_what_a_later_layer_removes_is_still_there() -> None:
    found = of_image(
        [M("srv/key", pem("RSA")), M("srv/other", pem("EC")), M("srv/d/a", GITHUB)],
        [M("srv/.wh.key"), M("srv/other", "changed"), M("srv/d/.wh..wh..opq")],
        [M("srv/last", pem("RSA"))],
    )
    assert found == [
        ("/srv/key", "RSA", (1, 3), True),
        ("/srv/other", "EC", (1, 3), True),
        ("/srv/d/a", "GitHub", (1, 3), True),
        ("/srv/last", "RSA", (3, 3), False),
    ]


def test_what_is_changed_to_another_secret_is_told_twice() -> None:
    assert of_image([M("a", pem("RSA"))], [M("a", pem("EC"))]) == [
        ("/a", "RSA", (1, 2), True),
        ("/a", "EC", (2, 2), False),
    ]


def test_links_are_no_files_of_their_own() -> None:
    found = of_image([M("a", pem("RSA")), hard_link("b", "a"), symlink("c", "a")], [hard_link("d", "a")])
    assert {(path, layer) for path, _, layer, _ in found} == {("/a", (1, 2)), ("/b", (1, 2))}


def test_what_packages_bring_is_known_to_all() -> None:
    key = pem("RSA")
    published = [
        M("var/lib/dpkg/info/libtest.list", "/.\n/usr\n/usr/share/libtest/key.pem\n/lib/x/key.pem\n/etc/shipped.pem\n"),
        M("lib/apk/db/installed", "P:a\nF:opt/a\nR:key.pem\nR:b\n"),
        M("var/lib/dpkg/status.d/base.md5sums", "00  opt/distroless/key.pem\n"),
        M("usr/share/libtest/key.pem", key),
        M("usr/lib/x/key.pem", key),
        M("opt/a/key.pem", key),
        M("opt/distroless/key.pem", key),
        M("app/node_modules/https/test/key.pem", key),
        M("usr/local/lib/python3.12/test/certdata/keycert.pem", key),
        M("usr/lib/python3/dist-packages/x/tests/key.pem", key),
        M("go/pkg/mod/crypto/testdata/key.pem", key),
        M("usr/share/doc/x/examples/key.pem", key),
    ]
    own = [
        M("etc/shipped.pem", key),
        M("usr/share/own/key.pem", key),
        M("usr/src/app/key.pem", key),
        M("usr/local/share/key.pem", key),
        M("app/tests/key.pem", key),
    ]
    assert {path for path, *_ in of_image(published, own)} == {f"/{one.name}" for one in own}


def test_of_an_image_with_rpm_its_own_directories_are_known_to_all() -> None:
    base = [M("var/lib/rpm/rpmdb.sqlite", "x"), M("usr/share/x/key.pem", pem("RSA")), M("opt/key.pem", pem("RSA"))]
    assert [path for path, *_ in of_image(base)] == ["/opt/key.pem"]


def test_a_root_is_looked_into_where_secrets_are_kept() -> None:
    found = of_root(
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\nci:x:1:1::/srv/ci:/bin/sh\n",
            "/root/.ssh/id_rsa": pem("RSA"),
            "/root/.ssh/id_rsa.pub": "ssh-rsa AAAA",
            "/srv/ci/.netrc": "machine h password c0rrecthorse",
            "/home/bob/.aws/credentials": Entry("symlink", 0o777, 0, 0, target="/mnt/aws"),
            "/mnt/aws": "aws_secret_access_key = k3yOfTheAccount0123456789",
            "/home/bob/.bash_history": f"export T={GITHUB}",
            "/srv/elsewhere": pem("RSA"),
        }
    )
    assert found == [
        ("/root/.ssh/id_rsa", "RSA"),
        ("/srv/ci/.netrc", "netrc"),
        ("/home/bob/.aws/credentials", "aws"),
        ("/home/bob/.bash_history", "GitHub"),
    ]


def test_what_cannot_be_read_may_hold_secrets() -> None:
    assert of_root({"/root/.netrc": Unknown("x", "it lies on a tmpfs")}) == ["it lies on a tmpfs"]
    assert of_root({"/root/.ssh": Unknown("x", "not listed")}) == ["not listed"]


def test_homes_that_cannot_be_told_may_hold_secrets() -> None:
    assert of_root({"/etc/passwd": Unknown("/etc/passwd", "no"), "/home": Unknown("/home", "not listed")}) == [
        "no",
        "not listed",
    ]


def test_what_is_no_file_is_left_alone() -> None:
    assert (
        of_root({"/root/.netrc": Entry("special", 0o600, 0, 0), "/root/.ssh/id_rsa": Entry("directory", 0o700, 0, 0)})
        == []
    )
