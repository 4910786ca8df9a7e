"""What is new in a report of a container and what is gone, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.commands.engine_watch import remembering
from policyengine.commands.engine_watch.remembering import Difference, Memory
from tests.outputs.reports import PRIVILEGED, USER, report

if TYPE_CHECKING:
    import pytest

WAIVED = replace(PRIVILEGED, status="waived")


def test_the_first_report_is_all_new() -> None:
    assert Memory().compare("web", report(PRIVILEGED, USER)) == Difference((PRIVILEGED, USER), (), first=True)


def test_only_what_differs_is_told() -> None:
    memory = Memory()
    memory.compare("web", report(PRIVILEGED))
    assert memory.compare("web", report(PRIVILEGED)) == Difference((), (), first=False)
    assert memory.compare("web", report(USER)) == Difference((USER,), (PRIVILEGED,), first=False)


def test_what_is_waived_is_gone() -> None:
    memory = Memory()
    memory.compare("web", report(PRIVILEGED))
    assert memory.compare("web", report(WAIVED)) == Difference((), (PRIVILEGED,), first=False)


def test_who_replaces_a_container_is_compared_with_it() -> None:
    memory = Memory()
    memory.compare("web", report(PRIVILEGED))
    memory.remove("web")
    assert memory.compare("web", report()).gone == (PRIVILEGED,)


def test_a_new_name_is_the_same_container() -> None:
    memory = Memory()
    memory.compare("web", report(PRIVILEGED))
    memory.rename("web", "shop")
    assert memory.compare("shop", report(PRIVILEGED)) == Difference((), (), first=False)
    assert memory.compare("web", report()).first


def test_what_is_long_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "KEPT", 2)
    memory = Memory()
    for name in ("a", "b", "c", "d"):
        memory.compare(name, report(PRIVILEGED))
    memory.keep({"d"})
    firsts = {name: memory.compare(name, report()).first for name in ("a", "b", "c", "d")}
    assert firsts == {"a": True, "b": False, "c": False, "d": False}
