"""Changes of what runs, as changes of what the Compose file says."""

from __future__ import annotations

import pytest

from policyengine.errors import EditError
from policyengine.remediation.changes import AddItems, FieldChange, RemoveField, SetField
from policyengine.remediation.project.written import fulfils, written

Facts = dict[str, object]

ANY = {"target": 80, "published": "8080", "protocol": "tcp", "host_ip": "0.0.0.0"}
ANY6 = {**ANY, "host_ip": "::"}
LOCAL = {**ANY, "published": "9090", "host_ip": "127.0.0.1"}

CASES: dict[str, tuple[FieldChange, Facts, Facts, list[FieldChange]]] = {
    "an item of a list stands elsewhere in the file": (
        RemoveField(("cap_add", 0)),
        {"cap_add": ["CHOWN", "NET_ADMIN"]},
        {"cap_add": ["NET_ADMIN", "CHOWN"]},
        [RemoveField(("cap_add", 1))],
    ),
    "an item that is there twice goes twice": (
        RemoveField(("cap_add", 0)),
        {"cap_add": ["CHOWN"]},
        {"cap_add": ["CHOWN", "CHOWN"]},
        [RemoveField(("cap_add", 0)), RemoveField(("cap_add", 1))],
    ),
    "a port is one, though an engine tells its two addresses": (
        SetField(("ports", 2, "host_ip"), "127.0.0.1"),
        {"ports": [LOCAL, ANY, ANY6]},
        {"ports": [ANY, LOCAL]},
        [SetField(("ports", 0, "host_ip"), "127.0.0.1")],
    ),
    "a mount is known by its target": (
        SetField(("volumes", 1, "read_only"), value=True),
        {"volumes": [{"type": "volume", "target": "/a"}, {"type": "bind", "source": "/srv/b", "target": "/b"}]},
        {"volumes": [{"type": "bind", "source": "./b", "target": "/b"}, {"type": "volume", "target": "/a"}]},
        [SetField(("volumes", 0, "read_only"), value=True)],
    ),
    "a mount that is not there yet": (
        SetField(("volumes", 1), {"type": "tmpfs", "target": "/tmp"}),
        {"volumes": [{"type": "volume", "target": "/a"}]},
        {"volumes": [{"type": "volume", "target": "/a"}]},
        [SetField(("volumes", 1), {"type": "tmpfs", "target": "/tmp"})],
    ),
    "a field as a whole": (
        SetField(("privileged",), value=False),
        {"privileged": True},
        {"privileged": True},
        [SetField(("privileged",), value=False)],
    ),
    "nothing written is as good as the default": (
        SetField(("read_only",), value=True),
        {"read_only": False},
        {},
        [SetField(("read_only",), value=True)],
    ),
    "what is not written cannot go": (RemoveField(("pid",)), {"pid": ""}, {}, []),
    "items are added whatever is there": (
        AddItems(("cap_drop",), ("ALL",)),
        {},
        {"cap_drop": ["CHOWN"]},
        [AddItems(("cap_drop",), ("ALL",))],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_made_where_the_file_has_it(case: str) -> None:
    change, live, said, expected = CASES[case]
    assert written(change, live, said) == expected


@pytest.mark.parametrize(
    ("change", "live", "said"),
    [
        (SetField(("privileged",), value=False), {"privileged": True}, {"privileged": False}),
        (RemoveField(("pid",)), {"pid": "host"}, {"pid": "service:web"}),
        (RemoveField(("cap_add", 0)), {"cap_add": ["CHOWN"]}, {"cap_add": ["KILL"]}),
        (RemoveField(("cap_add", 0)), {"cap_add": ["CHOWN"]}, {}),
        (SetField(("ports", 0, "host_ip"), "::1"), {"ports": [LOCAL]}, {"ports": [ANY]}),
        (SetField(("volumes", 0, "read_only"), True), {"volumes": [{"target": "/a"}]}, {"volumes": [{"target": "/b"}]}),
    ],
)
def test_a_file_that_says_otherwise_is_not_changed(change: FieldChange, live: Facts, said: Facts) -> None:
    with pytest.raises(EditError, match="says"):
        written(change, live, said)


@pytest.mark.parametrize(
    ("change", "before", "after", "expected"),
    [
        (SetField(("user",), "7"), {}, {"user": "7"}, True),
        (SetField(("user",), "7"), {}, {"user": "8"}, False),
        (AddItems(("cap_drop",), ("ALL",)), {}, {"cap_drop": ["CHOWN", "ALL"]}, True),
        (AddItems(("cap_drop",), ("ALL", "KILL")), {}, {"cap_drop": ["ALL"]}, False),
        (RemoveField(("cap_add", 0)), {"cap_add": ["A", "B"]}, {"cap_add": ["B"]}, True),
        (RemoveField(("cap_add", 0)), {"cap_add": ["A", "B"]}, {"cap_add": ["A"]}, False),
        (RemoveField(("cap_add", 0)), {"cap_add": ["A"]}, {}, True),
        (RemoveField(("pid",)), {"pid": "host"}, {}, True),
        (RemoveField(("pid",)), {"pid": "host"}, {"pid": "host"}, False),
        (SetField(("volumes", 0), {"type": "tmpfs", "target": "/t"}), {}, {"volumes": []}, False),
        (
            SetField(("volumes", 0), {"type": "tmpfs", "target": "/t"}),
            {},
            {"volumes": [{"type": "tmpfs", "target": "/t", "read_only": False}]},
            True,
        ),
    ],
)
def test_whether_an_edit_came_to_what_was_meant(
    change: FieldChange, before: Facts, after: Facts, expected: bool
) -> None:
    assert fulfils(change, before, after) is expected
