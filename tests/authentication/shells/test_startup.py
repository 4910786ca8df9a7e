"""Which start-up files are read, and for whom."""

from __future__ import annotations

from policyengine.authentication.files import Entry, Given, Something
from policyengine.authentication.shells.startup import startups
from policyengine.model.unknown import Unknown


def listed(files: dict[str, Something]) -> list[str]:
    """For whom files are read, and which in which order; reasons for what is not known."""
    lines = []
    for one in startups(Given(files)):
        names = " ".join([*(text.path for text in one.texts), *(unread.why for unread in one.unread)])
        lines.append(f"{one.audience} {one.user} {one.shells}: {names or one.main}")
    return lines


def test_files_of_the_system() -> None:
    files: dict[str, Something] = {
        "/etc/bash.bashrc": "",
        "/etc/profile": "",
        "/etc/profile.d/b.sh": "",
        "/etc/profile.d/a.sh": "",
        "/etc/profile.d/a.csh": "",
        "/etc/profile.d/a.conf": "",
        "/etc/zshenv": "",
        "/etc/csh.login": "",
    }
    assert listed(files) == [
        "everybody  sh: /etc/profile /etc/profile.d/a.sh /etc/profile.d/b.sh /etc/bash.bashrc /etc/zshenv",
        "everybody  csh: /etc/csh.login /etc/profile.d/a.csh",
    ]


def test_shells_without_files_and_no_shells() -> None:
    assert listed({"/bin/sh": ""}) == ["everybody  sh: /etc/profile"]
    assert listed({"/etc/shells": "/bin/sh\n"}) == ["everybody  sh: /etc/profile"]
    assert listed({"/app": ""}) == []


def test_files_of_users() -> None:
    files: dict[str, Something] = {
        "/etc/passwd": "op:x:11:0::/root:/x\nroot:x:0:0::/root/:/x\nann:x:1000:1:::/x\nbob:x:1001:1::/home/b*b:/x\n"
        "no:x:1002:1::/:/x\ntwo:x:1003:1::/home/b*b:/x\n",
        "/root/.bashrc": "",
        "/root/.profile": "",
        "/home/b*b/.cshrc": "",
        "/home/bob/.cshrc": "",
        "/.profile": "",
    }
    assert listed(files) == ["root root sh: /root/.profile /root/.bashrc", "user bob csh: /home/b*b/.cshrc"]


def test_a_file_is_read_once_whatever_leads_to_it() -> None:
    files: dict[str, Something] = {
        "/etc/profile": "",
        "/etc/bashrc": Entry("symlink", 0o777, 0, 0, target="bash.bashrc"),
        "/etc/bash.bashrc": "",
    }
    assert listed(files) == ["everybody  sh: /etc/profile /etc/bash.bashrc"]


def test_what_cannot_be_read_is_told() -> None:
    files: dict[str, Something] = {
        "/etc/profile": "",
        "/etc/profile.d": Unknown("/etc/profile.d", "it cannot be read"),
        "/etc/csh.login": Entry("special", 0o644, 0, 0),
        "/etc/passwd": Unknown("/etc/passwd", "it is on a tmpfs"),
    }
    assert listed(files) == [
        "everybody  sh: /etc/profile it cannot be read it cannot be read",
        "everybody  csh: /etc/csh.login is a special file (FIFO, socket or device) and no regular file"
        " it cannot be read",
        "root root sh: it is on a tmpfs",
        "root root csh: it is on a tmpfs",
    ]
