"""``policyengine explain`` tells everything that a policy file says."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.explain import explain
from policyengine.commands.policies import loaded
from policyengine.settings import Settings

if TYPE_CHECKING:
    from policyengine.policy.policy import Policy

POLICIES = {policy.id: policy for policy in loaded(Settings())[0]}

MEMORY = """\
memory-limit: Containers have a memory limit
medium severity, category runtime
judges container in compose, docker, kubernetes

A container without a memory limit can take all the memory of its host, and the kernel then kills
whatever it likes.

Applies where
  role: {forbidden: [ephemeral]}
Demands
  mem_limit: {required: true}

How to mend it
  compose: Set `mem_limit: 512m` or `deploy.resources.limits.memory`.
  kubernetes: Set `resources.limits.memory`.
  docker: Run the container again with `--memory 512m`, or `docker update --memory 512m
    --memory-swap 512m`.

Controls
  CIS Docker 1.6.0: 5.11
  checkov CKV_K8S_13 (kubernetes)
"""


def test_a_whole_policy() -> None:
    text = explain(POLICIES["memory-limit"], 100)
    assert text.startswith(MEMORY)
    assert text.endswith(f"\nDefined in {POLICIES['memory-limit'].path}\n")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_nothing_is_left_out(policy: Policy) -> None:
    text = explain(policy, 100)
    plain = " ".join(text.split())
    assert policy.why in plain
    assert all(assertion.cel in plain for assertion in policy.asserts)
    assert all(path in text for path in [*(policy.require or {}), *(policy.where or {})])
    assert all(str(control["id"]) in text for control in policy.controls)
    assert all(f"{name} (" in text for name in policy.parameters or {})
    examples = [example for examples in (policy.examples or {}).values() for example in examples]
    assert text.count("\nExample: ") == len(examples)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_prose_fits_the_width(width: int) -> None:
    prose = explain(POLICIES["registry-allowlist"], width).partition("\nControls\n")[0]
    assert max(len(line) for line in prose.splitlines() if " " in line.strip()) <= width


def test_a_parameter_says_how_it_is_set() -> None:
    assert "  set with --param 'registry-allowlist.allowed=...'\n" in explain(POLICIES["registry-allowlist"], 100)
    assert "  name: {matches_any: !param allowed}\n" in explain(POLICIES["registry-allowlist"], 100)


def test_examples_are_shown_as_they_are_written() -> None:
    example = (POLICIES["privileged"].examples or {})["fail"][0]["compose"]
    assert f"Example: fail (compose)\n{textwrap.indent(example, '  ')}\n" in explain(POLICIES["privileged"], 100)
