"""Patches of daemon.json: what is proposed, whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings
from policyengine.commands.policies import loaded
from policyengine.errors import RemedyError
from policyengine.remediation.changes import AddItems, FieldChange, RemoveField, SetField
from policyengine.remediation.desired import Wish
from policyengine.remediation.host import daemon
from policyengine.remediation.host.daemon import FIELDS, merged, proposal

if TYPE_CHECKING:
    from pathlib import Path

LIVE = Wish("daemon-live-restore", (SetField(("live_restore",), value=True),))
OFF = Wish("daemon-experimental", (SetField(("experimental",), value=False),))
FACTS = {"insecure_registries": ["10.0.0.0/8", "reg.lab:5000"], "rootless": False}


@pytest.mark.parametrize(
    ("changes", "merge"),
    [
        ([SetField(("live_restore",), value=True)], {"live-restore": True}),
        ([SetField(("experimental",), value=False)], {"experimental": None}),
        ([SetField(("userns_remap",), value=True)], {"userns-remap": "default"}),
        ([AddItems(("security_options",), ("no-new-privileges",))], {"no-new-privileges": True}),
        ([RemoveField(("seccomp_profile",))], {"seccomp-profile": None}),
        ([RemoveField(("insecure_registries", 0))], {"insecure-registries": ["reg.lab:5000"]}),
    ],
)
def test_what_each_field_is_called_there(changes: list[FieldChange], merge: dict[str, object]) -> None:
    assert merged(changes, FACTS) == merge


def test_several_items_of_a_list_go_together() -> None:
    gone = [RemoveField(("insecure_registries", 1)), RemoveField(("insecure_registries", 0))]
    assert merged(gone, FACTS) == {"insecure-registries": None}


@pytest.mark.parametrize("change", [SetField(("root_dir",), "/x"), AddItems(("security_options",), ("apparmor",))])
def test_what_is_no_setting_is_refused(change: FieldChange) -> None:
    with pytest.raises(RemedyError):
        merged([change], FACTS)


def test_a_file_of_this_machine_is_changed_where_it_must_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "daemon.json"
    path.write_text('{\n    "experimental": true,\n    "log-driver":   "journald"\n}\n')
    monkeypatch.setattr(daemon, "PLACE", path)
    found = proposal([LIVE, OFF], FACTS, local=True)
    assert found.policies == ("daemon-live-restore", "daemon-experimental")
    assert found.patch == (
        f"--- {path}\n"
        f"+++ {path}\n"
        "@@ -1,4 +1,4 @@\n"
        " {\n"
        '-    "experimental": true,\n'
        '-    "log-driver":   "journald"\n'
        '+    "log-driver":   "journald",\n'
        '+    "live-restore": true\n'
        " }\n"
    )
    assert found.note == "patch -p0 applies it; restart the engine"
    assert path.read_text().startswith('{\n    "experimental": true')


def test_a_file_that_is_not_there_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "PLACE", tmp_path / "daemon.json")
    found = proposal([LIVE], FACTS, local=True)
    assert found.patch == (
        f'--- /dev/null\n+++ {tmp_path}/daemon.json\n@@ -0,0 +1,3 @@\n+{{\n+  "live-restore": true\n+}}\n'
    )


@pytest.mark.parametrize(("facts", "local"), [(FACTS, False), ({"rootless": True}, True)])
def test_of_a_file_that_is_not_known_a_merge_patch(facts: dict[str, object], local: bool) -> None:
    found = proposal([LIVE, OFF], facts, local=local)
    assert json.loads(found.patch) == {"live-restore": True, "experimental": None}
    assert found.note == "JSON Merge Patch (RFC 7386); restart the engine"
    assert found.path == ("~/.config/docker/daemon.json" if facts.get("rootless") else "/etc/docker/daemon.json")


def test_a_file_that_cannot_be_edited_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "daemon.json"
    path.write_text("{")
    monkeypatch.setattr(daemon, "PLACE", path)
    assert json.loads(proposal([LIVE], FACTS, local=True).patch) == {"live-restore": True}


def test_every_fix_of_an_engine_is_a_setting_there() -> None:
    fixes = [one.remediate for one in loaded(Settings())[0] if "engine" in one.targets and one.remediate]
    fields = {path.partition("[")[0] for fix in fixes for path in (*fix.set, *fix.add, *fix.remove)}
    assert fields
    assert fields <= FIELDS.keys()
