"""What is loaded of files: which of several, what they include, and what libpam gives up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.files import Entry, Given
from policyengine.authentication.pam.running import result
from policyengine.authentication.pam.services import configuration
from policyengine.authentication.pam.services import stack as stack_of
from policyengine.model.unknown import Unknown
from tests.authentication.pam.stacks import configured, service

if TYPE_CHECKING:
    from policyengine.authentication.files import Something

LOGIN = "/etc/pam.d/login"


def modules(files: dict[str, str], task: str = "auth", name: str = "login") -> list[tuple[str, str, int]]:
    """The entries of a stack: what they are, their module and how deep they lie."""
    stacks = service(files, name).stacks
    assert isinstance(stacks, dict)
    return [(entry.kind, entry.name, entry.level) for entry in stacks[task]]


LOADED: list[tuple[str, dict[str, str], list[tuple[str, str, int]]]] = [
    ("a line", {LOGIN: "auth required pam_unix.so"}, [("module", "pam_unix", 0)]),
    ("any case", {LOGIN: "AUTH Required pam_unix.so"}, [("module", "pam_unix", 0)]),
    ("it may be missing", {LOGIN: "-auth optional pam_x.so"}, [("module", "pam_x", 0)]),
    ("a path", {LOGIN: "auth required /lib/security/pam_unix.so x"}, [("module", "pam_unix", 0)]),
    ("no module", {LOGIN: "auth required"}, [("broken", "", 0)]),
    ("no such thing", {LOGIN: "aauth required pam_unix.so"}, [("broken", "pam_unix", 0)]),
    ("continued", {LOGIN: "auth \\\n# a comment\n\n required \\\n pam_unix.so"}, [("module", "pam_unix", 0)]),
    ("a comment", {LOGIN: "auth required # pam_unix.so"}, [("broken", "", 0)]),
    ("included", {LOGIN: "auth include x", "/etc/pam.d/x": "auth required pam_a.so\naccount required pam_b.so"},
     [("module", "pam_a", 0)]),
    ("Debian's", {LOGIN: "@include x", "/etc/pam.d/x": "auth required pam_a.so"}, [("module", "pam_a", 0)]),
    ("a substack", {LOGIN: "auth substack x", "/etc/pam.d/x": "auth required pam_a.so"},
     [("substack", "", 0), ("module", "pam_a", 1)]),
    ("absolute", {LOGIN: "auth include /opt/x", "/opt/x": "auth required pam_a.so"}, [("module", "pam_a", 0)]),
    ("it is not there", {LOGIN: "auth include x\nauth required pam_a.so"}, [("broken", "", 0), ("module", "pam_a", 0)]),
    ("it ends amid a line", {LOGIN: "auth include x", "/etc/pam.d/x": "auth required pam_a.so\nauth \\"},
     [("module", "pam_a", 0), ("broken", "", 0)]),
    ("a vendor's", {LOGIN: "auth include x", "/usr/lib/pam.d/x": "auth required pam_a.so"}, [("module", "pam_a", 0)]),
    ("the administrator's first", {LOGIN: "auth include x", "/usr/etc/pam.d/x": "auth required pam_a.so",
     "/etc/pam.d/x": "auth required pam_b.so"}, [("module", "pam_b", 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("about", "files", "expected"), LOADED)
def test_what_is_loaded(about: str, files: dict[str, str], expected: list[tuple[str, str, int]]) -> None:
    assert modules(files) == expected, about


def test_a_file_that_includes_itself_ends_where_it_is_too_deep() -> None:
    found = modules({LOGIN: "auth required pam_a.so\nauth include login"})
    assert found == [("module", "pam_a", 0)] * 16 + [("broken", "", 0)]


@pytest.mark.parametrize("text", ["@include missing", "auth required pam_a.so \\"])
def test_what_libpam_gives_up_has_no_stack(text: str) -> None:
    assert service({LOGIN: text}).stacks is None


def test_one_file_for_all_where_there_is_no_directory() -> None:
    files = {
        "/etc/pam.conf": "login auth required pam_a.so\nOTHER auth required pam_deny.so\nLogin auth optional pam_b.so\n"
    }
    assert [one.name for one in configured(files).services] == ["login", "other"]
    assert modules(files) == [("module", "pam_a", 0), ("module", "pam_b", 0)]


def test_it_counts_for_nothing_where_there_is_one() -> None:
    assert [one.name for one in configured({"/etc/pam.conf": "x auth required pam_a.so", LOGIN: ""}).services] == [
        "login"
    ]


def test_other_stands_for_what_is_missing() -> None:
    files = {LOGIN: "account required pam_permit.so", "/etc/pam.d/other": "auth required pam_deny.so"}
    login, other = service(files), service(files, "other")
    assert [entry.name for entry in stack_of(login, "auth", other)] == ["pam_deny"]
    assert [entry.name for entry in stack_of(login, "account", other)] == ["pam_permit"]
    assert result(stack_of(other, "session", other), lambda _: "success") == "perm_denied"


def test_what_cannot_be_read_is_unknown() -> None:
    files: dict[str, Something] = {
        LOGIN: "@include x",
        "/etc/pam.d/x": Unknown("x", "no permission"),
        "/etc/pam.d/sshd": "auth required pam_a.so",
    }
    found = configured(files)
    known = {one.name: one.stacks for one in found.services}
    assert known["login"] == Unknown("x", "no permission")
    assert known["x"] == Unknown("x", "no permission")
    assert isinstance(known["sshd"], dict)
    assert type(found.opened([1])).__name__ == "OpenList"


def test_a_directory_that_cannot_be_listed_is_unknown() -> None:
    assert configuration(Given({"/etc/pam.d": Unknown("/etc/pam.d", "no permission")})) == Unknown(
        "/etc/pam.d", "no permission"
    )


def test_there_may_be_no_pam() -> None:
    assert configuration(Given({"/etc/passwd": ""})) is None


def test_a_fifo_is_not_read() -> None:
    [found] = configured({LOGIN: Entry("special", 0o644, 0, 0)}).services
    assert isinstance(found.stacks, Unknown)


def test_files_that_multiply_are_unknown() -> None:
    text = "auth include login\n" * 10
    assert service({LOGIN: text}).stacks == Unknown("pam.stack", "login has more than 1000 lines")


def test_so_many_services_are_looked_at() -> None:
    found = configured({f"/etc/pam.d/{number:04}": "auth required pam_unix.so" for number in range(501)})
    assert len(found.services) == 500
    assert found.unknown == Unknown("pam.services", "there are 501, of which the first 500 are looked at")
