"""Watched files as resources: what each says, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.files import Entry, Given, Placed, Something
from policyengine.inputs.authentication.hostfiles import SUPPLIES, resources
from policyengine.model.kinds.file import KIND
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.model.resource import Resource


def read(files: dict[str, Something]) -> dict[str, Resource]:
    """The resources of a root of given files, by name."""

    def refused(message: str, where: Location) -> None:
        raise AssertionError(f"{where}: {message}")

    found = list(resources(Given(files, "image!"), "image", Scope("image", "image"), "test", refused))
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}


def test_facts_of_a_file() -> None:
    found = read({"/etc/group": "shadow:x:42:\n", "/etc/shadow": Placed("x", 0o4626, 0, 42)})
    assert found["/etc/shadow"].facts == {
        "name": "/etc/shadow",
        "role": "password_hashes",
        "type": "file",
        "mode": "4626",
        "uid": 0,
        "gid": 42,
        "owner": "root",
        "group": "shadow",
        "group_writable": True,
        "others_writable": True,
        "others_readable": True,
    }
    assert found["/etc/shadow"].where(("mode",)) == Location("image!/etc/shadow")
    assert found["/etc/shadow"].provenance(("mode",)) == DECLARED
    assert found["/etc/shadow"].origins.excerpt(Location("image!/etc/shadow")) is None
    assert found["/etc/shadow"].origins.written(("mode",)) == ("image!/etc/shadow", ())


def test_facts_of_a_users_file_and_of_a_link() -> None:
    passwd = "ann:x:1000:1000::/home/ann:/bin/sh\n"
    files: dict[str, Something] = {
        "/etc/passwd": passwd,
        "/home/ann/.ssh": Entry("directory", 0o700, 1000, 1000),
        "/home/ann/.ssh/authorized_keys": Entry("symlink", 0o777, 0, 0, target="keys"),
        "/home/ann/.ssh/keys": Placed("", 0o601, 5, 5),
        "/home/ann/.ssh/id_rsa": Placed("", 0o600, 0, 0),
    }
    found = read(files)
    assert [(one.name, one.facts.get("user"), one.facts.get("user_owned")) for one in found.values()] == [
        ("/etc/passwd", None, None),
        ("/home/ann/.ssh", "ann", True),
        ("/home/ann/.ssh/authorized_keys", "ann", False),
        ("/home/ann/.ssh/id_rsa", "ann", True),
    ]
    linked = found["/home/ann/.ssh/authorized_keys"].facts
    assert (linked["leads_to"], linked["mode"], linked["owner"]) == ("/home/ann/.ssh/keys", "0601", "5")


def test_an_unreadable_file_has_unknown_facts() -> None:
    gone = Unknown("/etc/shadow", "it cannot be read")
    facts = read({"/etc/shadow": gone})["/etc/shadow"].facts
    assert facts == {"name": "/etc/shadow", "role": "password_hashes"} | dict.fromkeys(
        KIND.fields.keys() - {"name", "role", "leads_to", "user", "user_owned"}, gone
    )


def test_whose_home_it_is_is_unknown_where_users_are() -> None:
    gone = Unknown("/etc/passwd", "it cannot be read")
    facts = read({"/etc/passwd": gone})["~/.ssh/id_*"].facts
    assert (facts["user"], facts["user_owned"], facts["mode"]) == (gone, gone, gone)


def test_all_fields_are_supplied() -> None:
    assert {"file": frozenset(KIND.fields)} == SUPPLIES
