"""Accounts as resources: what is told of users, groups and all together, where it is written, and what is unknown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policyengine.authentication.files import Entry, Given, Placed
from policyengine.inputs.authentication import accounts
from policyengine.model.kinds import accounts as accounts_kind
from policyengine.model.kinds import group as group_kind
from policyengine.model.kinds import user as user_kind
from policyengine.model.location import Location
from policyengine.model.scope import Scope
from policyengine.model.unknown import OpenList, Unknown
from tests.judging import shown_line

if TYPE_CHECKING:
    from policyengine.authentication.files import Something
    from policyengine.model.resource import Resource

HASH = "$6$salt$UmFuZG9tVGV4dA"

FILES: dict[str, Something] = {
    "/etc/passwd": (
        "root:x:0:0:root:/root:/bin/bash\n"
        "# people\n"
        "bob:x:1000:1000:Bob:/home/bob:\n"
        "eve:*:1001:77::/home/bob/:/usr/sbin/nologin\n"
        "broken:x:many\n"
        "+@staff::::::\n"
    ),
    "/etc/shadow": f"root:!{HASH}:19500:0:99999:7:::\nbob:{HASH}:19500:1:90:7:30:20000:\ngone:!:1::::::\n",
    "/etc/group": "root:x:0:\nbob:x:1000:bob,stranger\nwheel:x:10:bob\n",
    "/etc/gshadow": f"root:*::\nbob:{HASH}:eve:bob\n",
    "/etc/login.defs": "UMASK\t027\nPASS_MAX_DAYS 90\n",
    "/etc/default/useradd": "INACTIVE=30\nSHELL=/bin/zsh\n",
    "/etc/shells": "/bin/bash # best\n# /bin/ksh\n/bin/sh\n",
    "/etc/securetty": "console\n/dev/tty1\n",
    "/home/bob": Entry("directory", 0o2750, 1000, 1000),
    "/home/bob/.profile": Placed("if true; then\n    umask 022\nfi\n", 0o644, 1000, 1000),
    "/home/bob/.config/app": Placed("", 0o666, 0, 0),
    "/home/bob/link": Entry("symlink", 0o777, 1000, 1001, target="/etc/shadow"),
}


def read(files: dict[str, Something], *, homes: bool = True) -> dict[tuple[str, str], Resource]:
    """What is told of the accounts of a root, by kind and name."""

    def refused(message: str, where: Location) -> None:
        raise AssertionError(f"{where}: {message}")

    scope = Scope("image", "image")
    found = list(accounts.resources(Given(files, "image!"), "image", scope, "test", refused, homes=homes))
    return {(one.kind, one.name): one for one in found}


def facts(files: dict[str, Something], kind: str, name: str) -> Any:
    """The facts of one of the resources."""
    return read(files)[kind, name].facts


def test_a_user() -> None:
    found = read(FILES)["user", "bob"]
    assert found.facts == {
        "name": "bob",
        "uid": 1000,
        "gid": 1000,
        "group": "bob",
        "groups": ["bob", "wheel"],
        "home": "/home/bob",
        "sort": "regular",
        "shell": "/bin/sh",
        "has_shell": True,
        "shell_is_listed": True,
        "shadowed": True,
        "password": {
            "state": "set",
            "method": "sha512",
            "changed": 19500,
            "min_days": 1,
            "max_days": 90,
            "warn_days": 7,
            "inactive_days": 30,
            "expires": 20000,
        },
        "same_name": 0,
        "same_uid": [],
        "same_home": ["eve"],
        "directory": {"exists": True, "mode": "2750", **owned(1000, 1000)},
        "files": [
            file(".config", "directory", mode="0755", hidden=True, **owned(0, 0)),
            file(".profile", "file", mode="0644", hidden=True, start_up=True, **owned(1000, 1000)),
            file("link", "symlink", **{**owned(1000, 1001), "persons_group": False}),
            file(".config/app", "file", mode="0666", below_hidden=True, others_writable=True, **owned(0, 0)),
        ],
        "umasks": [{"file": ".profile", "mask": "022"}],
    }
    assert set(found.facts) == set(user_kind.KIND.fields)
    assert found.parent == "image"


def owned(uid: int, gid: int) -> dict[str, object]:
    """The owner and group of a file of bob's home, where he and eve are the persons."""
    return {
        "uid": uid,
        "gid": gid,
        "users_own": uid == 1000,
        "users_group": gid == 1000,
        "persons_own": uid in (1000, 1001),
        "persons_group": gid in (1000, 77),
    }


def file(path: str, type_: str, **known: object) -> dict[str, object]:
    """A file of a home."""
    flags = dict.fromkeys(("start_up", "hidden", "below_hidden", "others_writable"), False)
    return {"path": path, "type": type_, **flags, **known}


def test_other_users() -> None:
    root, eve = facts(FILES, "user", "root"), facts(FILES, "user", "eve")
    assert root["password"] == {"state": "locked", "method": "sha512", "changed": 19500, **_WEEKS}
    assert (root["sort"], root["directory"]) == ("root", {"exists": False})
    assert (eve["password"], eve["shadowed"], eve["has_shell"]) == ({"state": "locked"}, False, False)
    assert "group" not in eve
    assert eve["same_home"] == ["bob"]


_WEEKS = {"min_days": 0, "max_days": 99999, "warn_days": 7}


def test_a_group() -> None:
    found = read(FILES)["group", "bob"]
    assert found.facts == {
        "name": "bob",
        "gid": 1000,
        "members": ["bob", "stranger"],
        "strangers": ["stranger"],
        "administrators": ["eve"],
        "password": {"state": "set", "method": "sha512"},
        "primary_members": ["bob"],
        "same_name": 0,
        "same_gid": [],
    }
    assert set(found.facts) == set(group_kind.KIND.fields)
    assert facts(FILES, "group", "wheel")["password"] == {"state": "missing"}


def test_all_together() -> None:
    found = read(FILES)["accounts", "image"]
    assert set(found.facts) == set(accounts_kind.KIND.fields)
    told: Any = found.facts
    assert [user["name"] for user in told["users"]] == ["root", "bob", "eve"]
    assert [group["gid"] for group in told["groups"]] == [0, 1000, 10]
    assert told["login_defs"] == {
        "create_home": False,
        "fail_delay": 1,
        "gid_min": 1000,
        "login_retries": 5,
        "login_timeout": 60,
        "pass_max_days": 90,
        "uid_min": 1000,
        "umask": "027",
        "home_mode": "0750",
        "usergroups_enab": False,
    }
    assert told["useradd"] == {"inactive": 30, "shell": "/bin/zsh"}
    assert told["settings"] == [
        {"file": "login.defs", "name": "UMASK", "value": "027"},
        {"file": "login.defs", "name": "PASS_MAX_DAYS", "value": "90"},
        {"file": "useradd", "name": "INACTIVE", "value": "30"},
        {"file": "useradd", "name": "SHELL", "value": "/bin/zsh"},
    ]
    assert told["shells"] == ["/bin/bash", "/bin/sh"]
    assert told["securetty"] == ["console", "tty1"]
    assert told["legacy"] == [{"file": "/etc/passwd", "entry": "+@staff"}]
    assert told["malformed"] == [{"file": "/etc/passwd", "line": 5}]
    assert told["orphans"] == [{"file": "/etc/shadow", "name": "gone"}]
    assert told["passwords"] == [
        {"file": "/etc/passwd", "name": "eve", "state": "locked"},
        {"file": "/etc/shadow", "name": "root", "state": "locked", "method": "sha512"},
        {"file": "/etc/shadow", "name": "bob", "state": "set", "method": "sha512"},
        {"file": "/etc/shadow", "name": "gone", "state": "locked"},
    ]


def test_places_and_provenances() -> None:
    found = read(FILES)
    bob, whole = found["user", "bob"], found["accounts", "image"]
    assert str(bob.where()) == "image!/etc/passwd:3:1"
    assert str(bob.where(("uid",))) == "image!/etc/passwd:3:7"
    assert str(bob.where(("password", "max_days"))) == "image!/etc/shadow:2:36"
    assert str(bob.where(("files", 3, "mode"))) == "image!/home/bob/.config/app"
    assert str(bob.where(("umasks", 0, "mask"))) == "image!/home/bob/.profile:2:5"
    assert str(whole.where(("users", 1, "uid"))) == "image!/etc/passwd:3:7"
    assert str(whole.where(("login_defs", "umask"))) == "image!/etc/login.defs:1:7"
    assert str(whole.where(("login_defs", "fail_delay"))) == "image!/etc/login.defs:1:1"
    assert str(whole.where(("shells", 1))) == "image!/etc/shells:3:1"
    assert str(whole.where(("malformed", 0))) == "image!/etc/passwd:5:1"
    assert bob.provenance(("uid",)).how == "declared"
    assert bob.provenance(("shell",)) == ("default", "passwd(5)")
    assert whole.provenance(("login_defs", "fail_delay")) == ("default", "shadow-utils")
    assert whole.provenance(("login_defs", "pass_min_days")).how == "absent"


def test_no_hash_is_told_or_shown() -> None:
    found = read({**FILES, "/etc/shadow": f"root:{HASH}:1::::::\n{HASH}\nbob::{HASH}\n"})
    for one in found.values():
        assert "$" not in json.dumps(one.facts, default=repr)
    bob = found["user", "root"]
    shown = [shown_line(bob, Location("image!/etc/shadow", number, 1)) for number in (1, 2, 3)]
    assert shown == [f"root:{'*' * len(HASH)}:1::::::", "*" * len(HASH), f"bob::{'*' * len(HASH)}"]
    assert shown_line(found["group", "bob"], Location("image!/etc/gshadow", 2, 1)) == f"bob:{'*' * len(HASH)}:eve:bob"


def test_what_cannot_be_read_is_unknown() -> None:
    hidden = Unknown("x", "it may not be read")
    shadowless = read({**FILES, "/etc/shadow": hidden})["user", "bob"].facts
    assert shadowless["password"] == hidden
    assert shadowless["uid"] == 1000
    groupless = read({**FILES, "/etc/group": hidden})
    assert groupless["user", "bob"].facts["group"] == hidden
    assert groupless["group", "every group"].facts == dict.fromkeys(group_kind.KIND.fields, hidden)
    userless = read({**FILES, "/etc/passwd": hidden})
    assert userless["user", "every user"].facts == dict.fromkeys(user_kind.KIND.fields, hidden)
    assert userless["group", "bob"].facts["strangers"] == hidden
    assert userless["accounts", "image"].facts["users"] == hidden
    assert isinstance(userless["accounts", "image"].facts["malformed"], OpenList)


def test_where_login_defs_cannot_be_read_some_users_may_be_either() -> None:
    hidden = Unknown("x", "it may not be read")
    lines = [f"u{uid}:x:{uid}:0::/nowhere:" for uid in (0, 99, 100, 999, 1000, 65534)]
    found = read({"/etc/passwd": "\n".join(lines), "/etc/login.defs": hidden})
    sorts = [one.facts["sort"] for (kind, _), one in found.items() if kind == "user"]
    assert sorts == ["root", "system", hidden, hidden, "regular", "system"]


def test_a_root_without_accounts_has_none() -> None:
    assert read({"/etc/shells": "/bin/sh\n", "/etc/ssh/sshd_config": ""}) == {}


def test_a_root_without_login_defs_tells_nothing_of_new_accounts_unless_there_is_useradd() -> None:
    assert "login_defs" not in facts({"/etc/passwd": ""}, "accounts", "image")
    told = facts({"/etc/passwd": "", "/usr/sbin/useradd": ""}, "accounts", "image")
    assert told["login_defs"]["umask"] == "022"
    assert told["useradd"] == {}


def test_nothing_is_told_of_homes_that_are_not_there() -> None:
    bob = read(FILES, homes=False)["user", "bob"].facts
    assert accounts.OF_HOMES.isdisjoint(bob)
    assert set(bob) | accounts.OF_HOMES == set(user_kind.KIND.fields)


def test_of_very_many_files_the_first_are_looked_at() -> None:
    passwd = "bob:x:1000:1000::/home/bob:\neve:x:1001:1001::/home/eve:\n"
    files: dict[str, Something] = {f"/home/bob/{number:05}": "" for number in range(6000)}
    found = read({"/etc/passwd": passwd, "/home/eve": Entry("directory", 0o700, 1001, 1001), **files})
    listed = found["user", "bob"].facts["files"]
    assert isinstance(listed, OpenList)
    assert (len(listed), listed.unknown.why) == (4999, "homes hold more than 5000 files")
    assert isinstance(found["user", "eve"].facts["files"], Unknown)
    assert isinstance(found["user", "eve"].facts["directory"], Unknown)


def test_very_many_users_with_one_home_take_no_long_time() -> None:
    lines = "".join(f"u{number}:x:1000:1000::/srv:\n" for number in range(4_000))
    files: dict[str, Something] = {f"/srv/{number}": "" for number in range(4000)}
    found = read({"/etc/passwd": lines, "/etc/group": lines.replace("::/srv:", ":"), **files})
    assert found["user", "u7"].facts["same_uid"] == [f"u{number}" for number in range(21) if number != 7]
    assert found["group", "u7"].facts["same_gid"] == [f"u{number}" for number in range(21) if number != 7]
    assert len(found["user", "u0"].facts["files"]) == 4000  # type: ignore[arg-type]
    assert len(found["user", "u1"].facts["files"]) == 998  # type: ignore[arg-type]
    assert isinstance(found["user", "u2"].facts["directory"], Unknown)


def test_a_home_that_is_the_whole_system_is_not_looked_into() -> None:
    found = facts({"/etc/passwd": "app:x:1000:1000::/:\n", "/usr/bin/x": ""}, "user", "app")
    assert [one["path"] for one in found["files"]] == ["etc", "usr"]
    assert found["files"].unknown.why == "image!/ is a home, and not all in it is looked at"
    files = facts({"/etc/passwd": "root:x:0:0::/:\n", "/.rhosts": ""}, "user", "root")["files"]
    assert [one["path"] for one in files] == [".rhosts", "etc"]
    assert not isinstance(files, OpenList)


def test_homes_that_are_nested_without_end_are_left() -> None:
    deep = "/home/bob/" + "/".join("d" * 40) + "/file"
    found = facts({"/etc/passwd": "bob:x:1000:1000::/home/bob:\n", deep: ""}, "user", "bob")
    assert len(found["files"]) == 33
    assert found["files"].unknown.why.endswith("is nested too deeply to be looked into")


def test_a_home_behind_a_link_is_where_it_leads() -> None:
    files: dict[str, Something] = {
        "/etc/passwd": "bob:x:1000:1000::/home/bob:\n",
        "/home": Entry("symlink", 0o777, 0, 0, target="var/home"),
        "/var/home/bob": Entry("directory", 0o711, 1000, 1000),
    }
    found = read(files)["user", "bob"]
    assert found.facts["directory"]["mode"] == "0711"  # type: ignore[index]
    assert str(found.where(("directory",))) == "image!/var/home/bob"


def test_bytes_that_are_no_text_can_be_printed() -> None:
    found = read(
        {"/etc/passwd": "bob:x:1000:1000::/home/bob:\n", "/home/bob/caf\udce9": "", "/etc/group": b"\xe9:x:1:\n"}
    )
    assert found["user", "bob"].facts["files"][0]["path"] == "caf\ufffd"  # type: ignore[index]
    assert ("group", "\ufffd") in found


def test_of_lines_with_one_name_or_number_the_first_counts() -> None:
    found = read(
        {
            "/etc/passwd": "bob:x:1000:7::/home/bob:\nbob:x:1000:8::/:\n",
            "/etc/shadow": "bob:!:1::::::\nbob::2::::::\n",
            "/etc/group": "first:x:7:\nsecond:x:7:\nsecond:x:8:\n",
            "/etc/gshadow": "second:!::\nsecond:::\n+:::\n",
        }
    )
    users: Any = found["accounts", "image"].facts["users"]
    assert [(user["group"], user["password"]["state"], user["same_name"]) for user in users] == [
        ("first", "locked", 1),
        ("second", "locked", 1),
    ]
    groups: Any = found["accounts", "image"].facts["groups"]
    assert [(group["password"]["state"], group["same_name"], group["same_gid"]) for group in groups] == [
        ("missing", 0, ["second"]),
        ("locked", 1, ["first"]),
        ("locked", 1, []),
    ]
    assert found["accounts", "image"].facts["legacy"] == []


def test_a_file_of_another_persons_group_is_a_persons() -> None:
    passwd = "bob:x:1000:1000::/home/bob:\neve:x:1001:1001::/home/eve:\nmail:x:8:8::/:\n"
    files: dict[str, Something] = {
        "/etc/passwd": passwd,
        "/home/bob/a": Placed("", 0o600, 1001, 1001),
        "/home/bob/b": Placed("", 0o600, 8, 8),
    }
    told = [
        (one["users_own"], one["persons_own"], one["users_group"], one["persons_group"])
        for one in facts(files, "user", "bob")["files"]
    ]
    assert told == [(False, True, False, True), (False, False, False, False)]
