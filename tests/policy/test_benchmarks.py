"""Which controls speak of which inputs: a finding names only those that speak of its own."""

from __future__ import annotations

import pytest

from policyengine.policy.benchmarks import speaks_of

CASES = [
    ({"tool": "kube-linter", "id": "privileged", "inputs": ["kubernetes"]}, "kubernetes", True),
    ({"tool": "kube-linter", "id": "privileged", "inputs": ["kubernetes"]}, "compose", False),
    ({"tool": "acme", "id": "1"}, "compose", True),
    ({"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.5"}, "docker", True),
    ({"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.5"}, "kubernetes", False),
    ({"benchmark": "CIS Docker", "version": "1.7.0", "id": "4.1", "inputs": ["docker"]}, "compose", False),
    ({"benchmark": "Acme", "version": "1", "id": "1"}, "kubernetes", True),
]


@pytest.mark.parametrize(("control", "origin", "speaks"), CASES)
def test_controls_speak_of_their_inputs(control: dict[str, object], origin: str, *, speaks: bool) -> None:
    assert speaks_of(control, origin) is speaks
