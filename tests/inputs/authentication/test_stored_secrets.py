"""The secrets of a root's files as a resource."""

from __future__ import annotations

import io

from policyengine.authentication.layers.layer import read as layer
from policyengine.authentication.layers.stacked import Stacked
from policyengine.inputs.authentication import stored_secrets
from policyengine.model.scope import Scope
from policyengine.model.unknown import OpenList, Unknown
from tests.authentication.layers.tars import M, archive
from tests.authentication.secrets.forms import GITHUB, pem
from tests.inputs.authentication.reading import read


def test_a_root() -> None:
    (resource,), refused = read(
        stored_secrets,
        {
            "/root/.ssh/id_rsa": pem("RSA"),
            "/root/.netrc": "\nmachine h password c0rrecthorse",
            "/root/.bash_history": f"x\n{GITHUB}",
        },
    )
    assert not refused
    assert resource.facts == {
        "name": "web",
        "private_keys": [{"path": "/root/.ssh/id_rsa", "form": "RSA", "line": 1, "encrypted": False}],
        "credentials": [{"path": "/root/.netrc", "program": "netrc", "line": 2}],
        "tokens": [{"path": "/root/.bash_history", "service": "GitHub", "line": 2}],
    }
    assert str(resource.where(("tokens", 0, "path"))) == "/root/.bash_history:2"
    assert not resource.origins.excerpt(resource.where(("tokens", 0)))


def test_an_image() -> None:
    layers = [
        layer(f"l{at}", io.BytesIO(archive(one)), print) for at, one in enumerate((M("key", pem("RSA")), M(".wh.key")))
    ]
    root = Stacked(layers, "image://app.tar:")
    (resource,) = stored_secrets.resources(root, "app", Scope("image", "app", "x"), "host", print)
    assert resource.facts["private_keys"] == [
        {"path": "/key", "form": "RSA", "line": 1, "layer": "1 of 2", "removed": True, "encrypted": False}
    ]
    assert str(resource.where(("private_keys", 0))) == "image://app.tar:/key:1"


def test_a_root_of_which_something_cannot_be_read() -> None:
    unread = Unknown("x", "it lies on a tmpfs")
    (resource,), _ = read(stored_secrets, {"/root/.netrc": unread, "/root/.npmrc": "_auth=c0rrecthorse"})
    found = resource.facts["credentials"]
    assert isinstance(found, OpenList)
    assert (list(found), found.unknown) == ([{"path": "/root/.npmrc", "program": "npm", "line": 1}], unread)


def test_a_root_without_secrets() -> None:
    (resource,), _ = read(stored_secrets, {})
    assert resource.facts == {"name": "web", "private_keys": [], "credentials": [], "tokens": []}
