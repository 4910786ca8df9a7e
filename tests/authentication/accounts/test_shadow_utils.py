"""What new users are made by is what the real useradd does; what is odd about files is what pwck and grpck say."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.authentication.files import DIRECTORY, Given
from policyengine.inputs.authentication import accounts
from policyengine.model.scope import Scope
from tests.authentication.accounts import shadow_utils
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from policyengine.authentication.files import Something
    from policyengine.model.resource import Resource

CASES = 80

pytestmark = [ONCE, pytest.mark.skipif(shadow_utils.lacking() is not None, reason=str(shadow_utils.lacking()))]

PASSWD, SHADOW, GROUP, GSHADOW = "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"
SYSTEM = {
    PASSWD: "root:x:0:0:root:/root:\n",
    SHADOW: "root:*:19500::::::\n",
    GROUP: "root:x:0:\n",
    GSHADOW: "root:*::\n",
}
NUMBERS = ("0", "1", "7", "30", "365", "010", "0x1f", "08", "1a", "-1", '"3"', '" 5 "', "", "99999", "+9", " 12\t")
MASKS = ("022", "077", "027", "177", "0", "0x3f", "u=rwx", '"026"')
SHELLS = ("/bin/sh", "/bin/bash", "/usr/sbin/nologin")


def resources(files: Mapping[str, Something]) -> dict[str, list[Resource]]:
    """What is told of the accounts of a system, by kind."""
    found: dict[str, list[Resource]] = {"accounts": [], "user": [], "group": []}
    for one in accounts.resources(Given(files), "system", Scope("host", "system"), "host", lambda *_: None):
        found[one.kind].append(one)
    return found


def login_defs(random: Random) -> str:
    """A random login.defs."""
    names = ("PASS_MAX_DAYS", "PASS_MIN_DAYS", "PASS_WARN_AGE")
    lines = [f"{random.choice(names)}{random.choice((' ', chr(9)))}{random.choice(NUMBERS)}" for _ in range(4)]
    lines += [f"{random.choice(('UMASK', 'HOME_MODE'))} {random.choice(MASKS)}" for _ in range(2)]
    lines.append(f"UID_MIN {random.choice(('1000', '2000', '0x3e8', '01750', 'few'))}")
    lines.append(
        random.choice(("CREATE_HOME yes", "CREATE_HOME YES", "create_home yes", "#CREATE_HOME yes", "CREATE_HOME no"))
    )
    return "".join(f"{random.choice(('', ' ', '', '# '))}{line}\n" for line in lines)


def useradd(random: Random) -> str:
    """A random /etc/default/useradd."""
    values = (*NUMBERS, "-2")
    lines = [f"INACTIVE={random.choice(values)}" for _ in range(2)]
    odd = "".join(f"{random.choice(('', '', ' ', '#'))}{line}\n" for line in lines)
    return f"{odd}SHELL={random.choice(SHELLS)}\n# SHELL=/bin/none\n"


def expected(files: Mapping[str, Something]) -> dict[str, str]:
    """What useradd would make of a new user, by what is told of its settings."""
    [whole] = resources(files)["accounts"]
    defs: Mapping[str, Any] = whole.facts["login_defs"]  # type: ignore[assignment]
    new: Mapping[str, Any] = whole.facts["useradd"]  # type: ignore[assignment]
    days = {name: str(defs.get(item, "")) for name, item in _DAYS.items()}
    return {
        "uid": str(defs["uid_min"]),
        "home": f"{new.get('home', '/home')}/bob",
        "shell": new["shell"],
        "mode": defs["home_mode"] if defs["create_home"] else "",
        "inactive": str(new.get("inactive", "")),
        "expires": new.get("expire", ""),
        **days,
    }


_DAYS = {"min": "pass_min_days", "max": "pass_max_days", "warn": "pass_warn_age"}


def test_new_users_are_made_as_it_is_told(tmp_path: Path) -> None:
    random = Random(1)
    for case in range(CASES):
        files = {**SYSTEM, "/etc/login.defs": login_defs(random), "/etc/default/useradd": useradd(random)}
        root = tmp_path / str(case)
        shadow_utils.written(root, {**files, "/home": DIRECTORY})
        assert expected(files) == shadow_utils.added(root, "bob"), files


def system(random: Random) -> dict[str, Something]:
    """A random system whose lines are all well-formed, while they do not fit together."""
    names = ("bob", "eve", "mail", "www")
    users = [
        "root:x:0:0::/root:",
        *(
            f"{random.choice(names)}:x:{random.choice((0, 1000, 1001))}:{_number(random)}::{_home(random)}:"
            for _ in range(3)
        ),
    ]
    shadows = [f"{random.choice((*names, 'gone'))}:*:1::::::" for _ in range(random.randrange(5))]
    groups = [
        f"{random.choice(names)}:x:{_number(random)}:{random.choice(('', 'bob', 'eve,stranger'))}" for _ in range(3)
    ]
    gshadows = [f"{random.choice((*names, 'gone'))}:!::" for _ in range(random.randrange(4))]
    tables = {PASSWD: users, SHADOW: ["root:*:1::::::", *shadows], GROUP: ["root:x:0:", *groups], GSHADOW: gshadows}
    homes: dict[str, Something] = {"/home/bob": DIRECTORY, "/root": DIRECTORY, "/srv/file": ""}
    return {**{path: "".join(f"{line}\n" for line in lines) for path, lines in tables.items()}, **homes}


def _number(random: Random) -> int:
    return random.choice((0, 5, 8, 1000, 1001))


def _home(random: Random) -> str:
    return random.choice(("/home/bob", "/home/eve", "/srv/file", "/"))


def odd(files: Mapping[str, Something]) -> Iterator[str]:
    """What pwck and grpck would say, by what is told of the accounts."""
    found = resources(files)
    for user in found["user"]:
        yield from odd_user(user.name, user.facts)
    for group in found["group"]:
        yield from odd_group(group.name, group.facts)
    orphans: Any = found["accounts"][0].facts["orphans"]
    for one in orphans:
        about = "passwd: no matching password" if one["file"] == SHADOW else "group: no matching group"
        yield f"{about} file entry in {PASSWD if one['file'] == SHADOW else GROUP}"


def odd_user(name: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """What pwck would say of a user; of each other line with the name it says so once."""
    yield from ["passwd: duplicate password entry"] * facts["same_name"]
    if facts["password"]["state"] == "missing":
        yield "passwd: no matching password file entry in /etc/shadow"
    if "group" not in facts:
        yield f"passwd: user '{name}': no group {facts['gid']}"
    if facts["directory"] == {"exists": False} and facts["home"] != "/srv/file":
        yield f"passwd: user '{name}': directory '{facts['home']}' does not exist"


def odd_group(name: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """What grpck would say of a group."""
    yield from ["group: duplicate group entry"] * facts["same_name"]
    if facts["password"]["state"] == "missing":
        yield "group: no matching group file entry in /etc/gshadow"
    yield from (f"group: group {name}: no user {stranger}" for stranger in facts["strangers"])


_COMPARED = ("duplicate password", "no matching", ": no group", "directory", "duplicate group", ": no user")


def test_what_does_not_fit_is_what_pwck_and_grpck_say(tmp_path: Path) -> None:
    random = Random(2)
    for case in range(CASES):
        files = system(random)
        root = tmp_path / str(case)
        shadow_utils.written(root, files)
        said = shadow_utils.complaints(root)
        compared = Counter({line: count for line, count in said.items() if any(part in line for part in _COMPARED)})
        assert Counter(odd(files)) == compared, files
