"""Which watched files a root has, and whose they are."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Entry, Given, Placed, Something
from policyengine.authentication.hostfiles.found import found
from policyengine.authentication.hostfiles.names import MOST_HOMES, called, groups, users
from policyengine.authentication.hostfiles.watched import HOME, SYSTEM
from policyengine.model.kinds.file import ROLES
from policyengine.model.unknown import Unknown

PASSWD = "root:x:0:0::/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/sh\nann2:x:1000:1000::/srv/a[1]:/bin/sh\n"
GROUP = "root:x:0:\nshadow:x:42:\nann:x:1000:\n"


def listed(files: dict[str, Something]) -> list[str]:
    """Each file as a line: path, role, owner and group, mode or reason."""
    lines = []
    for one in found(Given(files)):
        rest = one.entry.why if isinstance(one.entry, Unknown) else f"{one.entry.mode:o}"
        user = f" of {one.user.name}" if one.user else ""
        who = "" if isinstance(one.owner, Unknown) else f"{one.owner}:{one.group} "
        leads = f" -> {one.at}" if one.at not in ("", one.path) else ""
        lines.append(f"{one.path} {one.role}{user} {who}{rest}{leads}")
    return lines


def test_every_role_is_explained_and_has_paths() -> None:
    assert ROLES.keys() == SYSTEM.keys() | HOME.keys()


def test_files_of_the_system() -> None:
    files: dict[str, Something] = {
        "/etc/passwd": PASSWD,
        "/etc/group": GROUP,
        "/etc/shadow": Placed("root:*:::::::\n", 0o640, 0, 42),
        "/etc/gshadow-": Placed("", 0o600, 7, 1000),
        "/etc/ssh/ssh_host_rsa_key": Placed("", 0o600),
        "/etc/ssh/ssh_host_rsa_key.pub": "",
        "/etc/sudoers.d/ann": Placed("", 0o440),
        "/etc/sudoers.d/.hidden": "",
        "/etc/nftables": Entry("directory", 0o750, 0, 0),
        "/etc/motd": Entry("symlink", 0o777, 0, 0, target="../run/motd"),
        "/run/motd": Placed("", 0o666, 1000, 1000),
        "/etc/issue": Entry("symlink", 0o777, 0, 0, target="/usr/lib/issue"),
        "/run/docker.sock": Entry("special", 0o660, 0, 998),
        "/var/run": Entry("symlink", 0o777, 0, 0, target="/run"),
        "/etc/docker/ca.pem": "",
        "/etc/docker/server-key.pem": Placed("", 0o400),
        "/etc/docker/certs.d/hub.example/client.key": Placed("", 0o444),
        "/etc/unwatched": Placed("", 0o777),
    }
    assert listed(files) == [
        "/etc/passwd accounts root:root 644",
        "/etc/group accounts root:root 644",
        "/etc/shadow password_hashes root:shadow 640",
        "/etc/gshadow- password_hashes 7:ann 600",
        "/etc/motd login_banner ann:ann 666 -> /run/motd",
        "/etc/sudoers.d/ann sudoers root:root 440",
        "/etc/sudoers.d sudoers_directory root:root 755",
        "/etc/ssh/ssh_host_rsa_key ssh_host_private_key root:root 600",
        "/etc/ssh/ssh_host_rsa_key.pub ssh_host_public_key root:root 644",
        "/etc/nftables firewall_directory root:root 750",
        "/run/docker.sock docker_socket root:998 660",
        "/etc/docker docker_directory root:root 755",
        "/etc/docker/ca.pem docker_certificate root:root 644",
        "/etc/docker/certs.d/hub.example/client.key docker_key root:root 444",
        "/etc/docker/server-key.pem docker_key root:root 400",
    ]


def test_files_of_users() -> None:
    files: dict[str, Something] = {
        "/etc/passwd": PASSWD + "nobody:x:65534:65534::/:/bin/false\nodd:x:x:0::/home/odd:/bin/sh\n",
        "/home/ann/.ssh/authorized_keys": Placed("", 0o600, 1000, 1000),
        "/home/ann/.ssh/id_rsa": Placed("", 0o640, 1000, 1000),
        "/home/ann/.ssh/id_rsa.pub": Placed("", 0o644, 1000, 1000),
        "/srv/a[1]/.ssh/id_ed25519": Placed("", 0o600, 0, 0),
        "/srv/a1/.ssh/id_ed25519": Placed("", 0o600, 0, 0),
        "/home/odd/.ssh/id_rsa": "",
        "/.ssh/id_rsa": "",
    }
    assert listed(files) == [
        "/etc/passwd accounts root:root 644",
        "/home/ann/.ssh ssh_user_directory of ann root:root 755",
        "/home/ann/.ssh/authorized_keys authorized_keys of ann ann:1000 600",
        "/home/ann/.ssh/id_rsa ssh_user_private_key of ann ann:1000 640",
        "/srv/a[1]/.ssh ssh_user_directory of ann2 root:root 755",
        "/srv/a[1]/.ssh/id_ed25519 ssh_user_private_key of ann2 root:root 600",
    ]


def test_what_cannot_be_told_is_unknown() -> None:
    gone = Unknown("/x", "it cannot be read")
    files: dict[str, Something] = {"/etc/passwd": gone, "/etc/shadow": gone, "/etc/ssh": gone, "/etc/group": GROUP}
    assert listed(files) == [
        "/etc/passwd accounts it cannot be read",
        "/etc/group accounts root:root 644",
        "/etc/shadow password_hashes it cannot be read",
        "/etc/ssh/sshd_config sshd_config it cannot be read",
        "/etc/ssh/sshd_config.d/* sshd_config it cannot be read",
        "/etc/ssh/sshd_config.d sshd_config_directory it cannot be read",
        "/etc/ssh/ssh_config ssh_config it cannot be read",
        "/etc/ssh/ssh_config.d/* ssh_config it cannot be read",
        "/etc/ssh/*_key ssh_host_private_key it cannot be read",
        "/etc/ssh/*.pub ssh_host_public_key it cannot be read",
        "~/.ssh ssh_user_directory it cannot be read",
        "~/.ssh/authorized_keys authorized_keys it cannot be read",
        "~/.ssh/authorized_keys2 authorized_keys it cannot be read",
        "~/.ssh/id_* ssh_user_private_key it cannot be read",
    ]


def test_a_circle_of_links_is_unknown() -> None:
    files: dict[str, Something] = {"/etc/motd": Entry("symlink", 0o777, 0, 0, target="motd")}
    assert listed(files) == ["/etc/motd login_banner /etc/motd: more than 40 symbolic links"]


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "root"), (42, "shadow"), (7, "7")],
)
def test_names_of_groups(number: int, name: str) -> None:
    root = Given({"/etc/group": "zero:x:0:\nshadow:x:42:\nother:x:42:\n:x:7:\nshort:x\nbad:x:7x:\n"})
    assert called(number, groups(root)) == name


def test_names_of_no_file_and_of_an_unreadable_one() -> None:
    gone = Unknown("/etc/passwd", "it cannot be read")
    assert users(Given({})) == ()
    assert users(Given({"/etc/passwd": gone})) == gone
    assert called(1000, gone) == gone
    assert called(0, gone) == "root"


def test_files_are_looked_for_in_so_many_homes() -> None:
    def passwd(count: int) -> dict[str, Something]:
        lines = [f"u{number}:x:{number + 1000}:0::/home/{number}:/bin/sh" for number in range(count)]
        return {"/etc/passwd": "\n".join(lines), "/home/7/.ssh": Entry("directory", 0o700, 0, 0)}

    assert listed(passwd(MOST_HOMES))[1:] == ["/home/7/.ssh ssh_user_directory of u7 root:root 700"]
    too_many = f"there are {MOST_HOMES + 1} homes, and files are looked for in {MOST_HOMES} at most"
    assert listed(passwd(MOST_HOMES + 1))[1] == f"~/.ssh ssh_user_directory {too_many}"
