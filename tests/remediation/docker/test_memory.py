"""What a new container remembers is written as labels, and read from them; others' labels are no memory."""

from __future__ import annotations

from policyengine.remediation.docker.inspected import read
from policyengine.remediation.docker.memory import Memory, Side, labels, remembered, without
from policyengine.remediation.docker.settling import Made
from tests.remediation.docker.test_gate import told

ALWAYS = {"Name": "always", "MaximumRetryCount": 0}
MEMORY = Memory(
    run="r1",
    what="digest",
    name="web",
    replaces="abc",
    way="warm",
    until="2027-01-31T12:00:00+00:00",
    own=Side(ALWAYS, {"net": {"Aliases": ["web"]}}, running=True),
    previous=Side(ALWAYS, {}, running=False),
)


def test_there_and_back() -> None:
    written = labels(MEMORY)
    assert written == {
        "policyengine.redeploy.run": "r1",
        "policyengine.redeploy.what": "digest",
        "policyengine.redeploy.name": "web",
        "policyengine.redeploy.replaces": "abc",
        "policyengine.redeploy.way": "warm",
        "policyengine.redeploy.until": "2027-01-31T12:00:00+00:00",
        "policyengine.redeploy.own": (
            '{"endpoints":{"net":{"Aliases":["web"]}},"restart":{"MaximumRetryCount":0,"Name":"always"},"running":true}'
        ),
        "policyengine.redeploy.previous": (
            '{"endpoints":{},"restart":{"MaximumRetryCount":0,"Name":"always"},"running":false}'
        ),
        "policyengine.redeploy.leader": "",
    }
    assert remembered({**written, "other": "x"}) == MEMORY
    assert without({**written, "other": "x"}) == {"other": "x"}


def test_what_is_no_memory() -> None:
    written = labels(MEMORY)
    assert remembered({}) is None
    for name in written:
        if not name.endswith("leader"):
            assert remembered({key: value for key, value in written.items() if key != name}) is None, name
    assert remembered({**written, "policyengine.redeploy.own": "{"}) is None
    assert remembered({**written, "policyengine.redeploy.way": "sideways"}) is None


def test_a_name_tells_what_was_decided() -> None:
    def role(name: str) -> str | None:
        return Made(read({**told(), "Name": f"/{name}"}), MEMORY).role

    assert {name: role(name) for name in ("web.pe-new", "web", "web.pe-undone", "web.pe-old", "web2", "other")} == {
        "web.pe-new": "coming",
        "web": "serving",
        "web.pe-undone": "undone",
        "web.pe-old": None,  # a later replacement has overtaken it
        "web2": None,
        "other": None,
    }
