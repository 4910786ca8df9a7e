"""A system as a resource: what each file adds, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.files import Entry, Given, Something
from policyengine.inputs.authentication.system import SUPPLIES, resources
from policyengine.model.kinds.system import KIND
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.model.location import Location
    from policyengine.model.resource import Resource

WARNING = "Only for staff.\n"
FILES: dict[str, Something] = {
    "/etc/systemd/system/ssh.service": Entry("symlink", 0o777, 0, 0, target="/dev/null"),
    "/etc/systemd/system/a.target.wants/ssh.service": Entry("symlink", 0o777, 0, 0, target="/x"),
    "/etc/systemd/system/a.target.wants/b.socket": Entry("symlink", 0o777, 0, 0, target="/x"),
    "/etc/systemd/system.conf": "[Manager]\nCtrlAltDelBurstAction=none\n",
    "/etc/systemd/system/rescue.service": '[Service]\nExecStart=-/bin/sh -c "/sbin/sulogin; /bin/true"\n',
    "/etc/systemd/system/emergency.service": "[Service]\nExecStart=/sbin/sulogin\nExecStart=sh",
    "/etc/systemd/logind.conf": "[Login]\nStopIdleSessionSec=300\n",
    "/etc/default/grub": "GRUB_CMDLINE_LINUX=quiet\n",
    "/boot/grub/grub.cfg": "",
    "/etc/issue": WARNING,
    "/etc/opensc.conf": "app default { card_drivers = a, b; force_card_driver = a; }",
    "/etc/firewalld/firewalld.conf": "FirewallBackend=other\nDefaultZone=drop\n",
    "/etc/authselect/authselect.conf": "sssd\n",
    "/etc/tmux.conf": "set -g lock-command vlock\nbind X lock-session\n",
    "/etc/crontab": "",
    "/etc/cron.deny": "",
    "/etc/sssd/sssd.conf": "[pam]\npam_cert_auth = True\n",
}


def read(files: dict[str, Something]) -> Resource | None:
    """The system of given files, if they say anything of one."""

    def refused(message: str, where: Location) -> None:
        raise AssertionError(f"{where}: {message}")

    found = list(resources(Given(files, "image!"), "web", Scope("image", "image"), "test", refused))
    return found[0] if found else None


def test_facts() -> None:
    found = read(FILES)
    assert found is not None
    assert found.facts == {
        "name": "web",
        "units": [
            {"name": "b.socket", "enabled": True, "masked": False, "wanted_by": ["a.target"]},
            {"name": "ssh.service", "enabled": False, "masked": True, "wanted_by": ["a.target"]},
        ],
        "systemd": True,
        "ctrl_alt_del_burst": "none",
        "rescue": {"commands": ['-/bin/sh -c "/sbin/sulogin; /bin/true"'], "asks_password": True},
        "emergency": {"commands": ["/sbin/sulogin", "sh"], "asks_password": False},
        "logind": {"stop_idle_session": 300, "kill_user_processes": False},
        "kernel_parameters": ["quiet"],
        "recovery_entries": True,
        "boot_password": False,
        "issue": {"exists": True, "text": WARNING, "discloses": []},
        "issue_net": {"exists": False, "discloses": []},
        "motd": {"exists": False, "discloses": []},
        "smart_cards": {"path": "/etc/opensc.conf", "drivers": ["a", "b"], "forced_driver": "a"},
        "firewalld": {
            "backend": "nftables",
            "default_zone": "drop",
            "settings": {"FirewallBackend": "other", "DefaultZone": "drop"},
        },
        "authselect": {"profile": "sssd", "features": [], "changed": []},
        "tmux": {"lock_after_time": 0, "lock_keys": ["X"], "readable": True, "lock_command": "vlock"},
        "cron": {"allow": False, "deny": True},
        "sssd": [{"section": "pam", "key": "pam_cert_auth", "value": "True"}],
    }


def test_places() -> None:
    found = read(FILES)
    assert found is not None
    assert str(found.where(("logind", "stop_idle_session"))) == "image!/etc/systemd/logind.conf:2:1"
    assert str(found.where(("sssd", 0, "value"))) == "image!/etc/sssd/sssd.conf:2:1"
    assert str(found.where(("firewalld", "backend"))) == "image!/etc/firewalld/firewalld.conf"


def test_directories_of_systemd_are_no_systemd() -> None:
    found = read({"/usr/lib/systemd/system/timers.target.wants/a.timer": ""})
    assert found is not None
    assert found.facts == {
        "name": "web",
        "units": [{"name": "a.timer", "enabled": True, "masked": False, "wanted_by": ["timers.target"]}],
        "systemd": False,
    }


def test_a_root_of_nothing_such_is_no_system() -> None:
    assert read({"/app": "x", "/etc/shells": ""}) is None


def test_what_cannot_be_read_is_unknown() -> None:
    gone = Unknown("/etc", "it cannot be read")
    found = read({"/etc": gone, "/boot": gone})
    assert found is not None
    assert {name for name, value in found.facts.items() if value == gone} == KIND.fields.keys() - {"name", "cron", "at"}
    # Either list may be there, or neither.
    assert found.facts["cron"] == {"allow": gone, "deny": gone}


def test_all_fields_are_supplied() -> None:
    assert {"system": frozenset(KIND.fields)} == SUPPLIES
