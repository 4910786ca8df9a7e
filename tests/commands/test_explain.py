"""``policyengine explain`` tells everything that a policy file says."""

from __future__ import annotations

import re
import textwrap

import pytest
from msgspec.structs import replace

from policyengine.commands.explain import explain
from policyengine.commands.policies import loaded
from policyengine.model.types import STRING, list_of
from policyengine.policy.parameters import Param, Parameter
from policyengine.policy.policy import Policy
from policyengine.settings import Settings

POLICIES = {policy.id: policy for policy in loaded(Settings())[0]}

WHOLE = """\
sample: Containers have a sample

  severity  medium
  category  runtime
  judges    container in compose, docker, kubernetes
  packs     default, strict
  tags      good, better
  formerly  old-sample

Why
  A reason that is long enough to be wrapped at the width of a narrow terminal.

Applies where
  role: {forbidden: [ephemeral]}

Demands
  mem_limit: {required: true}
  image: {matches_any: !param allowed}

Parameters
  allowed (list of string: a, b, c, default [a, b]): patterns for images
  set with --param 'sample.allowed=...'

How to mend it
  compose    Set `mem_limit: 512m`.
             For example:
               mem_limit: 512m
  elsewhere  Set a limit.

Benchmarks
  CIS Docker 1.6.0 and 1.7.0  5.11
  CIS Kubernetes 1.12         5.1, 5.2 (kubernetes)

Checks of other tools
  checkov  CKV_K8S_11, CKV_K8S_13 (kubernetes)
  kics     Memory Limits Not Defined (b14d) (kubernetes)
           Memory Not Limited (bb9a) (compose)

Passes, compose
  services:
    web: {image: nginx, mem_limit: 512m}

Fails, compose: nothing is said
  (with allowed=[nginx])
  (nothing else is there)
  services:
>   web: {image: nginx}

Defined in sample.yaml
"""

SAMPLE = Policy(
    id="sample",
    title="Containers have a sample",
    category="runtime",
    severity="medium",
    why="A reason that is long enough to be wrapped at the width of a narrow terminal.",
    targets=("container",),
    path="sample.yaml",
    aliases=("old-sample",),
    tags=("good", "better"),
    controls=(
        {"benchmark": "CIS Docker", "version": "1.6.0", "id": "5.11"},
        {"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.11"},
        {"benchmark": "CIS Kubernetes", "version": "1.12", "id": "5.1"},
        {"benchmark": "CIS Kubernetes", "version": "1.12", "id": "5.2", "inputs": ["kubernetes"]},
        {"tool": "checkov", "id": "CKV_K8S_11", "inputs": ["kubernetes"]},
        {"tool": "kics", "id": "b14d", "inputs": ["kubernetes"], "name": "Memory Limits Not Defined"},
        {"tool": "checkov", "id": "CKV_K8S_13", "inputs": ["kubernetes"]},
        {"tool": "kics", "id": "bb9a", "inputs": ["compose"], "name": "Memory Not Limited"},
    ),
    where={"role": {"forbidden": ["ephemeral"]}},
    require={"mem_limit": {"required": True}, "image": {"matches_any": Param("allowed")}},
    remedy={"compose": "Set `mem_limit: 512m`.\nFor example:\n  mem_limit: 512m\n", "default": "Set a limit."},
    parameters={"allowed": Parameter("allowed", list_of(STRING), ["a", "b"], "patterns for images", ("a", "b", "c"))},
    examples={
        "pass": ({"compose": "services:\n  web: {image: nginx, mem_limit: 512m}\n"},),
        "fail": (
            {
                "name": "nothing is said",
                "compose": "services:\n  web: {image: nginx}\n",
                "line": 2,
                "parameters": {"allowed": ["nginx"]},
                "closed": True,
            },
        ),
    },
)


def test_a_whole_policy() -> None:
    assert explain(SAMPLE, 100, ["default", "strict"]) == WHOLE


def test_headings_and_places_are_painted() -> None:
    text = explain(SAMPLE, 100, colour=True)
    assert "\x1b[1msample: Containers have a sample\x1b[0m\n" in text
    assert "\x1b[38;5;196m>   web: {image: nginx}\x1b[0m\n" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == explain(SAMPLE, 100)


def test_a_policy_cannot_steer_the_terminal() -> None:
    assert "\\x1b]0;owned" in explain(replace(SAMPLE, title="\x1b]0;owned\a"), 100)


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
    assert len(re.findall(r"^(?:Passes|Fails|Unknown), ", text, re.MULTILINE)) == len(examples)
    assert text.count("\n> ") + text.count("\n  (told at line ") == sum("line" in example for example in examples)
    remedies = [policy.remedy] if isinstance(policy.remedy, str) else list((policy.remedy or {}).values())
    assert all(" ".join(remedy.split()) in plain for remedy in remedies)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_prose_fits_the_width(width: int) -> None:
    prose = explain(POLICIES["registry-allowlist"], width).partition("\nBenchmarks\n")[0]
    assert max(len(line) for line in prose.splitlines() if " " in line.strip()) <= width


def test_a_parameter_says_how_it_is_set() -> None:
    assert "  set with --param 'registry-allowlist.allowed=...'\n" in explain(POLICIES["registry-allowlist"], 100)
    assert "  name: {matches_any: !param allowed}\n" in explain(POLICIES["registry-allowlist"], 100)


def test_examples_are_shown_as_they_are_written() -> None:
    example = (POLICIES["privileged"].examples or {})["fail"][0]["compose"]
    marked = textwrap.indent(example, "  ").replace("  " + example.splitlines()[-1], "> " + example.splitlines()[-1])
    assert f"\nFails, compose\n{marked}\n" in explain(POLICIES["privileged"], 100)
