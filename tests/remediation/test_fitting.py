"""Whether changes make sense of what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.inputs import inputs
from policyengine.model.kinds.container import KIND
from policyengine.policy.library import built_in, load_policies
from policyengine.policy.parameters import parameter_values
from policyengine.policy.selectors import parse
from policyengine.remediation.changes import AddItems, RemoveField, SetField, wanted
from policyengine.remediation.fitting import misfit

if TYPE_CHECKING:
    from policyengine.model.paths import FieldPath
    from policyengine.remediation.changes import FieldChange

CHANGES: list[tuple[FieldChange, str | None]] = [
    (SetField(("privileged",), value=False), None),
    (SetField(("privileged",), 0), "its value is to be a boolean"),
    (SetField(("privileged",), None), "its value is to be a boolean"),
    (SetField(("privilegd",), value=False), "there is no such field"),
    (SetField(("privileged", "a"), value=False), "there is no such field"),
    (SetField(("privileged", 0), value=False), "there is no such field"),
    (SetField((0,), value=False), "there is no such field"),
    (SetField(("volumes", 1), {"type": "tmpfs", "target": "/run"}), None),
    (SetField(("volumes", 1), {"type": "tmpfs", "targt": "/run"}), "its value is to be an object"),
    (SetField(("volumes", 1, "read_only"), value=True), None),
    (SetField(("volumes", -1), {"type": "tmpfs"}), "there is no such field"),
    (SetField(("volumes", "type"), "tmpfs"), "there is no such field"),
    (SetField(("cap_drop",), ["ALL"]), None),
    (SetField(("cap_drop",), ["ALL", 1]), "its value is to be a list of string"),
    (SetField(("cap_drop",), "ALL"), "its value is to be a list of string"),
    (SetField(("environment", "A"), "b"), None),
    (AddItems(("cap_drop",), ("ALL",)), None),
    (AddItems(("privileged",), ("ALL",)), "it is a boolean, and no list of texts"),
    (AddItems(("volumes",), ("/run",)), "it is a list of object, and no list of texts"),
    (RemoveField(("cap_add", 0)), None),
    (RemoveField(("cap_add", 0, 0)), "there is no such field"),
]


@pytest.mark.parametrize(("change", "wrong"), CHANGES)
def test_changes_of_a_container(change: FieldChange, wrong: str | None) -> None:
    assert misfit(change, KIND.type) == wrong


def _paths(text: str) -> FieldPath:
    """A path that a selector may mean."""
    return tuple(0 if step.kind == "each" else step.name for step in parse(text))


def test_what_built_in_policies_want_makes_sense() -> None:
    policies, _ = load_policies(built_in(), tuple(inputs()))
    of_containers = [policy for policy in policies if KIND.name in policy.targets]
    found = [
        (policy.id, change, misfit(change, KIND.type))
        for policy in of_containers
        if (remedy := policy.remediate) is not None
        for path in {*remedy.set, *remedy.add, *remedy.remove}
        for change in wanted(remedy, _paths(path), parameter_values(policy.id, policy.parameters or {}, {}))
    ]
    assert len(found) > 20
    assert [one for one in found if one[2] is not None] == []
