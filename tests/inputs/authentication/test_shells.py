"""Start-up files of shells as resources: what each says, and where it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.files import Given, Something
from policyengine.inputs.authentication.shells import SUPPLIES, resources
from policyengine.model.kinds.login_environment import KIND
from policyengine.model.scope import Scope
from policyengine.model.unknown import OpenList, Unknown
from tests.judging import shown_line

if TYPE_CHECKING:
    from policyengine.model.location import Location
    from policyengine.model.resource import Resource


def read(files: dict[str, Something]) -> dict[str, Resource]:
    """The resources of a root of given files, by name."""

    def refused(message: str, where: Location) -> None:
        raise AssertionError(f"{where}: {message}")

    found = resources(Given(files, "image!"), "image", Scope("image", "image"), "test", refused)
    return {one.name: one for one in found}


def test_facts() -> None:
    files: dict[str, Something] = {
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\n",
        "/etc/profile": "umask 022\nTMOUT=600\n",
        "/etc/profile.d/x.sh": "umask 027\nexport A=1 TMOUT=never\n",
        "/etc/csh.cshrc": "set -r autologout=15\n",
        "/root/.login": "exec tmux new",
    }
    found = read(files)
    assert found["everybody (sh)"].facts == {
        "name": "everybody (sh)",
        "audience": "everybody",
        "shells": "sh",
        "umasks": [{"mask": "022"}, {"mask": "027"}],
        "timeouts": [
            {"seconds": 600, "exported": False, "readonly": False},
            {"seconds": 0, "exported": True, "readonly": False},
        ],
        "ssh_random": [],
        "variables": [
            {"name": "TMOUT", "value": "600", "exported": False, "readonly": False},
            {"name": "A", "value": "1", "exported": True, "readonly": False},
            {"name": "TMOUT", "value": "never", "exported": True, "readonly": False},
        ],
        "commands": [
            {"name": "umask", "arguments": ["022"], "replaces_shell": False},
            {"name": "umask", "arguments": ["027"], "replaces_shell": False},
        ],
    }
    assert found["everybody (csh)"].facts["timeouts"] == [{"seconds": 900, "exported": False, "readonly": True}]
    assert found["root (csh)"].facts == {
        "name": "root (csh)",
        "audience": "root",
        "shells": "csh",
        "user": "root",
        "umasks": [],
        "timeouts": [],
        "ssh_random": [],
        "variables": [],
        "commands": [{"name": "tmux", "arguments": ["new"], "replaces_shell": True}],
    }
    assert list(found) == ["everybody (sh)", "everybody (csh)", "root (csh)"]


def test_places() -> None:
    found = read({"/etc/profile": "\n  umask 022", "/etc/profile.d/x.sh": "umask 027"})["everybody (sh)"]
    assert str(found.where(("umasks", 0, "mask"))) == "image!/etc/profile:2:3"
    assert str(found.where(("umasks", 1))) == "image!/etc/profile.d/x.sh:1:1"
    assert str(found.where(("timeouts",))) == "image!/etc/profile:1:1"
    assert shown_line(found, found.where(("umasks", 0))) == "  umask 022"


def test_numbers_of_variables() -> None:
    text = "export SSH_USE_STRONG_RNG=32\nSSH_USE_STRONG_RNG=x\nSSH_USE_STRONG_RNG=$X\n"
    facts = read({"/etc/profile": text})["everybody (sh)"].facts
    why = "what SSH_USE_STRONG_RNG is set to depends on what else is set"
    assert facts["ssh_random"] == [
        {"bytes": 32, "exported": True},
        {"bytes": 0, "exported": True},
        {"bytes": Unknown("login_environment", why), "exported": True},
    ]
    assert facts["variables"] == [
        {"name": "SSH_USE_STRONG_RNG", "exported": True, "readonly": False, "value": "32"},
        {"name": "SSH_USE_STRONG_RNG", "exported": True, "readonly": False, "value": "x"},
        {"name": "SSH_USE_STRONG_RNG", "exported": True, "readonly": False},
    ]


def test_what_is_not_known_leaves_all_open() -> None:
    gone = Unknown("/etc/profile", "it cannot be read")
    facts = read({"/etc/profile": gone, "/etc/bashrc": "umask $X"})["everybody (sh)"].facts
    umasks = facts["umasks"]
    assert isinstance(umasks, OpenList)
    assert umasks.unknown == gone
    assert umasks == [{"mask": Unknown("login_environment", "the umask $X depends on what else is set")}]


def test_all_fields_are_supplied() -> None:
    assert {"login_environment": frozenset(KIND.fields)} == SUPPLIES
