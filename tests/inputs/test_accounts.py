"""Files of accounts in a project: which are read, together with what, and what is not known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.load import document
from policyengine.inputs.context import Context
from policyengine.model.unknown import Unknown
from policyengine.sources import claimant
from tests.installation import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.resource import Resource

PASSWD = "root:x:0:0::/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n"
SHADOW = "root:*:19500:0:99999:7:::\nbob:!:19500::::::\n"
GROUP = "root:x:0:\nbob:x:1000:\n"


def read(path: Path, source: str = "") -> tuple[dict[tuple[str, str], Resource], list[str]]:
    """What a file tells, by kind and name, and what is said of files that are left out."""
    found = document(str(path), path.read_bytes())
    reader = claimant(found)
    assert reader is not None
    assert reader.NAME == "accounts"
    context = Context(source=source)
    resources = {(one.kind, one.name): one for one in reader.read(found, context)}
    assert context.problems == []
    return resources, [skipped.reason.replace(f"{path.parent}/", "") for skipped in context.skipped]


def written(directory: Path, **files: str) -> Path:
    """A directory with files."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return directory


def test_files_of_one_directory_are_read_together(tmp_path: Path) -> None:
    etc = written(tmp_path / "etc", passwd=PASSWD, shadow=SHADOW, group=GROUP, login_defs="UMASK 077\n")
    found, skipped = read(etc / "passwd", str(tmp_path))
    assert skipped == []
    assert list(found) == [
        *(("accounts", "passwd"), ("user", "root"), ("user", "bob"), ("group", "root"), ("group", "bob")),
    ]
    bob = found["user", "bob"].facts
    assert (bob["group"], bob["password"]) == ("bob", {"state": "locked", "changed": 19500})
    assert str(found["user", "bob"].where(("password", "state"))) == f"{etc}/shadow:2:5"
    assert found["accounts", "passwd"].facts["login_defs"]["umask"] == "077"  # type: ignore[index]
    assert not {"directory", "files", "umasks"} & set(bob)


@pytest.mark.parametrize("name", ["shadow", "group", "login.defs"])
def test_of_a_directory_the_first_is_read_and_a_single_file_is_judged_with_all(name: str, tmp_path: Path) -> None:
    etc = written(tmp_path / "etc", passwd=PASSWD, shadow=SHADOW, group=GROUP, login_defs="UMASK 077\n")
    assert read(etc / name, str(tmp_path)) == ({}, ["judged with passwd"])
    found, skipped = read(etc / name)
    assert skipped == []
    assert ("user", "bob") in found


def test_what_does_not_lie_beside_is_unknown(tmp_path: Path) -> None:
    files = written(tmp_path, passwd=PASSWD)
    found, _ = read(files / "passwd")
    assert found["user", "bob"].facts["password"] == Unknown("shadow", f"shadow does not lie beside {files}/passwd")
    assert isinstance(found["user", "bob"].facts["group"], Unknown)
    assert list(found) == [*(("accounts", "passwd"), ("user", "root"), ("user", "bob"), ("group", "every group"))]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("passwd", "# users\n\nroot:x:0:0:root:/root:/bin/sh\n"),
        ("passwd", "+@staff::::::\n"),
        ("shadow", "root:$6$salt$hash:19500:0:99999:7:::\n"),
        ("shadow", "root::19500:0:99999:7\n"),
        ("group", "root:x:0:\r\n"),
        ("gshadow", "root:*::\n"),
        ("login.defs", "#\nMAIL_DIR\t/var/mail\n"),
    ],
)
def test_files_of_accounts_are_known_by_name_and_form(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read(tmp_path / name)[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("passwd", "_passwd() {\n  complete -W root passwd\n}\n"),
        ("passwd", "#%PAM-1.0\n@include common-password\n"),
        ("group", "name: x\n"),
        ("shadow", "box-shadow: 1px;\n"),
        ("passwd", ""),
        ("login.defs", "login: defs\n"),
        ("users", "root:x:0:0:root:/root:/bin/sh\n"),
    ],
)
def test_other_files_of_these_names_are_none(name: str, text: str) -> None:
    found = claimant(document(name, text.encode()))
    assert found is None or found.NAME != "accounts"


def test_fixtures() -> None:
    found, _ = read(ROOT / "fixtures/accounts/server/etc/passwd")
    assert [name for kind, name in found if kind == "user"] == ["root", "www-data", "nobody", "ann"]
    found, _ = read(ROOT / "fixtures/accounts/mistakes/passwd")
    whole = found["accounts", "passwd"].facts
    assert list(whole["malformed"]) == [{"file": "/etc/passwd", "line": 4}]  # type: ignore[call-overload]
    assert list(whole["legacy"]) == [{"file": "/etc/passwd", "entry": "+@staff"}]  # type: ignore[call-overload]
    assert found["user", "root"].facts["password"] == {"state": "empty"}
