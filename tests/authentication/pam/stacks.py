"""Stacks of a service whose files are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.files import Given
from policyengine.authentication.pam.services import Configuration, configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.authentication.files import Something
    from policyengine.authentication.pam.entries import Stack, Task
    from policyengine.authentication.pam.services import Service


def configured(files: Mapping[str, Something]) -> Configuration:
    """The configuration of files by their paths."""
    found = configuration(Given(files))
    assert isinstance(found, Configuration), found
    return found


def service(files: Mapping[str, Something], name: str = "login") -> Service:
    """One of its services."""
    return next(one for one in configured(files).services if one.name == name)


def stack(text: str, task: Task = "auth") -> Stack:
    """The stack of a service whose file has lines without what they are for."""
    lines = "".join(f"{task} {line.strip()}\n" for line in text.strip().splitlines())
    stacks = service({"/etc/pam.d/login": lines}).stacks
    assert isinstance(stacks, dict)
    found: Stack = stacks[task]
    return found
