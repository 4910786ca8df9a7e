"""The waivers file: which findings a waiver is for, and what is wrong with one."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings, evaluate
from policyengine.exceptions import dates
from tests.exceptions.saying import PRIVILEGED, said, write
from tests.running import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {
    "app/compose.yaml": "services:\n  web: {image: x, privileged: true}\n  web-2: {image: x, privileged: true}\n",
    "deploy/pods.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
        - {name: main, image: x, securityContext: {privileged: true}}
---
apiVersion: v1
kind: Pod
metadata: {name: "[x]", namespace: dev}
spec:
  containers:
    - {name: main, image: x, securityContext: {privileged: true}}
""",
}
WEB, SECOND, DEPLOYED, POD = "app/compose.yaml:2", "app/compose.yaml:3", "deploy/pods.yaml:8", "deploy/pods.yaml:15"
EVERY = {WEB, SECOND, DEPLOYED, POD}
SETTINGS = replace(PRIVILEGED, waivers="policyengine-waivers.yaml")


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, FILES)


def waiver(selector: str, *, policy: str = "privileged", expires: str = "2999-01-01", more: str = "") -> str:
    return f"  - {{policy: {policy}, {selector}, reason: why, expires: {expires}{more}}}\n"


def waivers(*items: str) -> str:
    return "version: 1\nwaivers:\n" + "".join(items)


def waived(*, exceptions: bool = True) -> set[str]:
    return {line.partition(" ")[0] for line in said(settings=SETTINGS, exceptions=exceptions) if " waived " in line}


SELECTORS = {
    "resource: web": {WEB},
    "resource: main": {DEPLOYED, POD},
    "resource: container/main": {DEPLOYED, POD},
    "resource: deployment/web": {DEPLOYED},
    "resource: deployment/web/container/main": {DEPLOYED},
    "resource: service/web": {WEB},
    "resource: deployment/*": {DEPLOYED},
    "resource: web*": {WEB, SECOND},
    "resource: web-?": {SECOND},
    "resource: 'web-[0-9]'": {SECOND},
    "resource: '*'": EVERY,
    "resource: Web": set(),
    "resource: we": set(),
    "resource: 'pod/[[]x]'": {POD},
    "resource: 'pod/[x]'": set(),
    "resource: [web, main]": {WEB, DEPLOYED, POD},
    "path: app/": {WEB, SECOND},
    "path: deploy": {DEPLOYED, POD},
    "path: '*.yaml'": EVERY,
    "path: /pods.yaml": set(),
    "path: pods.yaml": {DEPLOYED, POD},
    "path: ['*', '!deploy/**']": {WEB, SECOND},
    "path: .": EVERY,
    "path: ./app": {WEB, SECOND},
    "path: ./pods.yaml": set(),
    "path: '**/compose.yaml'": {WEB, SECOND},
    "scope: compose:app": {WEB, SECOND},
    "scope: kubernetes:*": {DEPLOYED, POD},
    "scope: 'kubernetes:shop'": {DEPLOYED},
    "scope: shop": set(),
    "path: deploy, scope: kubernetes:dev": {POD},
    "path: app, resource: main": set(),
    "path: ., value: true": EVERY,
    "path: '*', value: true": EVERY,
    "path: '*', value: 1": set(),
    "path: '*', value: 'true'": set(),
    "path: '*', value: false": set(),
    "path: '*', value: null": set(),
}


@pytest.mark.parametrize("selector", SELECTORS)
def test_what_a_waiver_is_for(selector: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"policyengine-waivers.yaml": waivers(waiver(selector))})
    assert waived() == SELECTORS[selector]
    assert waived(exceptions=False) == set()
    unused = "the waiver of privileged has nothing to let pass: remove it"
    told = [] if SELECTORS[selector] else [f"policyengine-waivers.yaml:3:6 unused: {unused}"]
    assert [line for line in said(settings=SETTINGS) if " unused" in line] == told
    monkeypatch.chdir(tmp_path / "deploy")
    below = said(settings=replace(SETTINGS, waivers="../policyengine-waivers.yaml"))
    assert {f"deploy/{line.partition(' ')[0]}" for line in below if " waived " in line} == {
        place for place in SELECTORS[selector] if place.startswith("deploy/")
    }
    assert not [line for line in below if "unused" in line]  # of what lies elsewhere nothing can be said


def test_the_value_of_an_item(tmp_path: Path) -> None:
    compose = "services: {a: {image: x, cap_add: [SYS_ADMIN, NET_ADMIN]}}\n"
    write(
        tmp_path,
        {
            "c/compose.yaml": compose,
            "policyengine-waivers.yaml": waivers(waiver("path: c, value: NET_ADMIN", policy="caps-added")),
        },
    )
    found = said("c", replace(SETTINGS, select=("caps-added",)))
    assert found == ["c/compose.yaml:1 fail caps-added", "c/compose.yaml:1 waived caps-added (waiver: why)"]


def test_names_of_policies(tmp_path: Path) -> None:
    items = [
        waiver("resource: web", policy="[host-network, privileged]"),
        waiver("resource: '*'", policy="CKV_K8S_16"),
        waiver("resource: '*'", policy="privilegd"),
        waiver("resource: nothing", policy="host-network"),
    ]
    write(tmp_path, {"policyengine-waivers.yaml": waivers(*items)})
    assert waived() == {WEB, DEPLOYED, POD}
    assert said(settings=SETTINGS)[4:] == [
        'policyengine-waivers.yaml:5:6 unused: no policy is called "privilegd" (did you mean "privileged"?)'
    ]


def test_what_a_finding_is_told(tmp_path: Path) -> None:
    token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    text = waivers(waiver("resource: web", more=", owner: platform").replace("why", f"'why, {token}'"))
    write(tmp_path, {"policyengine-waivers.yaml": text})
    exemption = evaluate(".", SETTINGS).findings[0].exemption
    assert exemption is not None
    assert (exemption.kind, exemption.reason, exemption.until, exemption.owner) == (
        "waiver",
        "why, ****",
        "2999-01-01",
        "platform",
    )
    assert str(exemption.place) == "policyengine-waivers.yaml:3:6"


def days(monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return datetime.fromisoformat(now)

    monkeypatch.setattr(dates, "datetime", Clock)


@pytest.mark.parametrize(("now", "holds"), [("2027-01-31T23:59:59", True), ("2027-02-01T00:00:00", False)])
def test_the_last_day_counts(now: str, holds: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days(monkeypatch, now)
    write(tmp_path, {"policyengine-waivers.yaml": waivers(waiver("path: .", expires="2027-01-31"))})
    report = evaluate(".", SETTINGS)
    assert report.exit_code == (0 if holds else 1)
    assert {(one.status, one.exemption and one.exemption.until) for one in report.findings} == {
        ("waived" if holds else "fail", "2027-01-31")
    }
    expired = "the waiver of privileged expired: 2027-01-31 was its last day"
    assert [notice.message for notice in report.notices] == ([] if holds else [expired])


def test_one_that_holds_goes_before_one_that_expired(tmp_path: Path) -> None:
    items = [waiver("path: .", expires="2020-01-31"), waiver("resource: web")]
    write(tmp_path, {"policyengine-waivers.yaml": waivers(*items)})
    assert waived() == {WEB}


def test_today_is_in_utc() -> None:
    assert dates.today() in {datetime.now(UTC).date(), datetime.now(UTC).date() - timedelta(days=1)}
    assert dates.is_over("2027-01-31", date(2027, 2, 1))
    assert not dates.is_over("2027-01-31", date(2027, 1, 31))
    assert not dates.is_over(None, date.max)


GOOD = waiver("resource: web-2")
AT = "policyengine-waivers.yaml"
WRONG = {
    "": "1:1 problem: waivers are a mapping (begin with version: 1)",
    "[]\n": "1:1 problem: waivers are a mapping (begin with version: 1)",
    "version: 1\nwaivers: [\n": "3:1 problem: malformed YAML: did not find expected node content",
    "version: 2\nwaivers: []\n": '1:10 problem: version cannot be "2" (write version: 1)',
    "waivers: []\n": '1:1 problem: "version" is missing (write version: 1)',
    "version: 1\n": '1:1 problem: "waivers" is missing',
    "version: 1\nwaiver: []\nwaivers: []\n": '2:1 problem: unknown key "waiver" (did you mean "waivers"?)',
    "version: 1\nwaivers: {}\n": "2:10 problem: waivers should be a list of waivers",
    "version: 1\nwaivers: []\n---\nversion: 1\n": "4:1 problem: a second document: waivers are one",
    waivers(GOOD, "  - no\n"): (
        "4:5 problem: an item of waivers should be a waiver such as "
        "{policy: privileged, resource: web, reason: ..., expires: ...}"
    ),
    waivers(GOOD, waiver("resource: web").replace("reason: why, ", "")): '4:6 problem: "reason" is missing',
    waivers(GOOD, waiver("resource: web").replace("why", "''")): "4:49 problem: reason is empty",
    waivers(GOOD, waiver("resource: web").replace("why", "' '")): "4:6 problem: the waiver has no reason",
    waivers(GOOD, waiver("resource: web").replace("why", "[a]")): "4:41 problem: reason should be a text",
    waivers(GOOD, waiver("resource: web").replace(", expires: 2999-01-01", "")): '4:6 problem: "expires" is missing',
    waivers(GOOD, waiver("resource: web", expires="2027-02-31")): "4:6 problem: there is no day 2027-02-31",
    waivers(GOOD, waiver("resource: web", expires="27-1-1")): '4:63 problem: "27-1-1" is not a day such as 2027-01-31',
    waivers(GOOD, waiver("resource: web", expires="never")): '4:63 problem: "never" is not a day such as 2027-01-31',
    waivers(
        GOOD, waiver("resource: web", expires="20270101")
    ): "4:63 problem: expires should be a day such as 2027-01-31",
    waivers(
        GOOD, waiver("resource: web", more=", owned: me")
    ): '4:75 problem: unknown key "owned" (did you mean "owner"?)',
    waivers(GOOD, waiver("resources: web")): '4:26 problem: unknown key "resources" (did you mean "resource"?)',
    waivers(GOOD, waiver("owner: web")): "4:6 problem: the waiver is for nothing: give resource, path or scope",
    waivers(GOOD, waiver("value: true")): "4:6 problem: the waiver is for nothing: give resource, path or scope",
    waivers(GOOD, waiver("resource: []")): "4:36 problem: resource is empty",
    waivers(GOOD, waiver("resource: ''")): "4:26 problem: an item of resource is empty",
    waivers(GOOD, waiver("resource: 1")): "4:36 problem: resource should be a text, or a list of texts",
    waivers(GOOD, waiver("resource: web", policy="[]")): "4:14 problem: policy is empty",
    waivers(GOOD, waiver("resource: web", policy="''")): "4:6 problem: an item of policy is empty",
    waivers(GOOD, waiver("resource: web, resource: api")): '4:41 problem: duplicate key "resource"',
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_a_file(text: str, tmp_path: Path) -> None:
    """It is told with its place, the run fails by it, and all else is judged: the other waivers count."""
    write(tmp_path, {"policyengine-waivers.yaml": text})
    report = evaluate(".", SETTINGS)
    assert report.exit_code == 2
    others = {SECOND} if text.startswith(waivers(GOOD)) and "resource: api" not in text else set()
    assert waived() == others
    assert [line for line in said(settings=SETTINGS) if "problem" in line] == [f"{AT}:{WRONG[text]}"]
    assert evaluate(".", replace(SETTINGS, exceptions=False)).exit_code == 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to("nowhere.yaml")
    why = {"none.yaml": "no such file", "app": "is a directory", "link.yaml": "a link that leads to no file"}
    for name, reason in why.items():
        assert said(settings=replace(SETTINGS, waivers=name))[4:] == [f"{name} problem: {reason}"]


@pytest.mark.parametrize("name", ["policyengine-waivers.yaml", "policyengine-baseline.json"])
def test_what_goes_by_the_usual_name_and_is_no_file_is_told(name: str, tmp_path: Path) -> None:
    place = tmp_path / name
    makes: dict[str, Callable[[], object]] = {
        "a link that leads to no file": lambda: place.symlink_to("nowhere.yaml"),
        "not a regular file": lambda: os.mkfifo(place),
        "is a directory": place.mkdir,
    }
    for reason, make in makes.items():
        make()
        ended = cli("check", ".", "--select", "privileged", "--format", "text", cwd=tmp_path)
        assert (ended.code, f"{name}: error {reason}\n" in ended.out + ended.err) == (2, True), ended
        assert cli("check", ".", "--select", "privileged", "--no-exceptions", cwd=tmp_path).code == 1
        place.rmdir() if place.is_dir() else place.unlink()


def test_expired_ones_block_for_python_users(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    write(tmp_path, {"w.yaml": waivers(waiver("path: .", expires=str(yesterday)))})
    report = evaluate(["app", "deploy"], Settings(select=("privileged",), waivers="w.yaml"))
    assert report.exit_code == 1
    assert len(report.blocking) == 4
