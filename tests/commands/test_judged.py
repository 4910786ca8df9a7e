"""Which input kinds a policy judges is worked out once, and told the same by later runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.commands import judged
from policyengine.inputs import inputs
from policyengine.policy import cache
from policyengine.policy.library import built_in, load_policies

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_worked_out_is_told_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policies, errors = load_policies(built_in(), inputs())
    assert errors == []
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(tmp_path))
    expected = {policy.id: judged.judged_inputs(policy) for policy in policies}
    assert expected["privileged"] == ["compose", "docker", "kubernetes"]
    assert judged.judged_inputs_of(policies) == expected
    monkeypatch.setattr(judged, "judged_inputs", lambda policy: ["worked out again"])
    assert judged.judged_inputs_of(policies) == expected


def test_other_policies_are_worked_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (policy, *_), _ = load_policies(built_in(), inputs())
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(tmp_path))
    first = judged.judged_inputs_of([policy])
    monkeypatch.setattr(judged, "judged_inputs", lambda policy: ["worked out again"])
    assert judged.judged_inputs_of([policy]) == first
    again = {policy.id: ["worked out again"]}
    assert judged.judged_inputs_of([replace(policy, digest="changed")]) == again
    assert judged.judged_inputs_of([replace(policy, digest="")]) == again
    for kept in tmp_path.iterdir():
        kept.write_text("{}")
    assert judged.judged_inputs_of([policy]) == again


@pytest.mark.parametrize(
    "text", ["", "not json", "5", "null", "[]", "{}", '{"other": []}', '{"privileged": 5}', "[" * 10**5]
)
def test_what_is_kept_of_another_shape_is_worked_out_again(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies, _ = load_policies(built_in(), inputs())
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(tmp_path))
    wanted = [policy for policy in policies if policy.id == "privileged"]
    first = judged.judged_inputs_of(wanted)
    (file,) = tmp_path.iterdir()
    good = file.read_text()
    cache.write(file.stem.removeprefix("policies-"), text)
    assert file.read_text() != good
    assert judged.judged_inputs_of(wanted) == first
    assert file.read_text() == good
