"""What failed is not tried again at once; longer each time; another attempt is another matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from policyengine.remediation.backoff import Attempt, key, until, what
from policyengine.remediation.changes import SetField
from policyengine.remediation.journal import Journal, Outcome
from policyengine.remediation.ledger import attempts, journal_in, told, was_applied
from policyengine.remediation.plan import ImageChange, Target

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TARGET = Target("container", "web", "1", "docker://local/container/web", "s", (SetField(("pid",), "x"),))
OTHER = Target("container", "web", "2", "docker://local/container/web", "t", (SetField(("pid",), "y"),))


def tried(*worked: bool, ago: float = 0) -> list[Attempt]:
    return [Attempt(key(TARGET), what(TARGET), NOW - timedelta(seconds=ago), worked=one) for one in worked]


@pytest.mark.parametrize(
    ("before", "seconds"),
    [
        ([], None),
        (tried(True), None),
        (tried(False), 60),
        (tried(False, ago=59), 1),
        (tried(False, ago=60), None),
        (tried(False, False), 120),
        (tried(False, False, False, False), 480),
        (tried(False, False, True), None),
        (tried(True, False), 60),
        (tried(*[False] * 50), 86400),
        ([Attempt("container db", what(TARGET), NOW, worked=False)], None),
        ([Attempt(key(TARGET), what(OTHER), NOW, worked=False)], None),
    ],
)
def test_the_pause_grows(before: list[Attempt], seconds: float | None) -> None:
    found = until(TARGET, before, NOW)
    assert (found and (found - NOW).total_seconds()) == seconds


def test_the_same_fix_of_another_container_of_the_name_is_the_same_attempt() -> None:
    again = Target("container", "web", "9", TARGET.url, "moved", TARGET.changes)
    to = Target("container", "web", "1", TARGET.url, "s", TARGET.changes, ImageChange("a:1", "a@sha256:1", "why"))
    assert what(again) == what(TARGET) != what(to)


@pytest.mark.parametrize(
    ("outcomes", "waits"),
    [
        (["replaced"], False),
        (["put back"], True),
        (["failed"], True),
        (["recovered"], False),
        (["replaced", "rolled back"], True),
        (["put back", "replaced"], False),
    ],
)
def test_what_the_journal_tells(outcomes: list[Outcome], waits: bool, tmp_path: Path) -> None:
    journal = journal_in(tmp_path, "engine")
    for number, outcome in enumerate(outcomes):
        journal.began(f"run{number}", key(TARGET), what(TARGET) if outcome != "rolled back" else "")
        journal.ended(f"run{number}", key(TARGET), outcome)
    assert (until(TARGET, attempts(journal), datetime.now(UTC)) is not None) is waits
    assert was_applied(journal, "run0")
    assert not was_applied(journal, "run9")
    assert not was_applied(Journal(journal.path, "another"), "run0")


def test_what_the_journal_is_told_of_a_target() -> None:
    target = Target(
        "container", "web", "1", "u", "s", image=ImageChange("a:1", "a@sha256:1", "why"), satisfies=("p", "q")
    )
    found = told(target, {"USER": "me", "SUDO_USER": "her"})
    assert found.pop("by").startswith("her@")
    assert found == {"before": "a:1", "after": "a@sha256:1", "policies": "p, q"}
