"""Whether a violation makes a run fail."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from policyengine.model.enforcement import EnforcementRule, Enforcements

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.report import Enforcement


@dataclass(frozen=True)
class Sample:
    id: str
    severity: str
    category: str


PRIVILEGED = Sample("privileged", "critical", "runtime")
LATEST = Sample("base-latest", "low", "image")
DEFAULT, STRICT = frozenset({"default"}), frozenset({"strict"})


def enforcements(*rules: EnforcementRule, **named: frozenset[str] | None) -> Enforcements:
    """Rules whose policies are named by their ids; ``named`` limits an id (with _ for -) to input kinds."""
    acts = {id_.replace("_", "-"): inputs for id_, inputs in named.items()}
    return Enforcements(rules, tuple(_named(rule, acts) for rule in rules))


def _named(rule: EnforcementRule, acts: dict[str, frozenset[str] | None]) -> dict[str, frozenset[str] | None] | None:
    return {id_: acts.get(id_) for id_ in rule.policies} if rule.policies else None


def test_what_no_rule_fits_blocks() -> None:
    nothing = Enforcements()
    assert nothing.of(PRIVILEGED, "a.yaml") == "block"
    assert nothing.outcomes(PRIVILEGED) == {"block"}


BY_SEVERITY = EnforcementRule("warn", severities=("low", "info"))
BY_CATEGORY = EnforcementRule("warn", categories=("image", "firewall"))
BY_PACK = EnforcementRule("warn", packs=("strict",))
BY_POLICY = EnforcementRule("off", policies=("privileged",))
BY_PATH = EnforcementRule("warn", paths=("/legacy/", "*.dev.yaml", "!/legacy/kept.yaml"))
BACK = EnforcementRule("block", policies=("privileged",), paths=("/legacy/new/**",))

CASES: list[tuple[tuple[EnforcementRule, ...], Sample, str, frozenset[str], Enforcement]] = [
    ((BY_SEVERITY,), LATEST, "a.yaml", DEFAULT, "warn"),
    ((BY_SEVERITY,), PRIVILEGED, "a.yaml", DEFAULT, "block"),
    ((BY_PACK,), LATEST, "a.yaml", STRICT, "warn"),
    ((BY_PACK,), LATEST, "a.yaml", DEFAULT | STRICT, "warn"),
    ((BY_PACK,), LATEST, "a.yaml", DEFAULT, "block"),
    ((BY_CATEGORY,), LATEST, "a.yaml", DEFAULT, "warn"),
    ((BY_CATEGORY,), PRIVILEGED, "a.yaml", DEFAULT, "block"),
    ((BY_POLICY,), PRIVILEGED, "a.yaml", DEFAULT, "off"),
    ((BY_POLICY,), LATEST, "a.yaml", DEFAULT, "block"),
    ((BY_PATH,), LATEST, "legacy/a.yaml", DEFAULT, "warn"),
    ((BY_PATH,), LATEST, "legacy/deep/a.yaml", DEFAULT, "warn"),
    ((BY_PATH,), LATEST, "./legacy/../legacy/a.yaml", DEFAULT, "warn"),
    ((BY_PATH,), LATEST, "new/legacy/a.yaml", DEFAULT, "block"),
    ((BY_PATH,), LATEST, "new/x.dev.yaml", DEFAULT, "warn"),
    ((BY_PATH,), LATEST, "legacy/kept.yaml", DEFAULT, "block"),
    ((BY_PATH,), LATEST, "../legacy/a.yaml", DEFAULT, "block"),
    ((BY_PATH,), LATEST, "docker://local/container/legacy", DEFAULT, "block"),
    # the last rule that fits decides
    ((BY_PATH, BACK), PRIVILEGED, "legacy/new/a.yaml", DEFAULT, "block"),
    ((BY_PATH, BACK), PRIVILEGED, "legacy/a.yaml", DEFAULT, "warn"),
    ((BY_PATH, BACK), LATEST, "legacy/new/a.yaml", DEFAULT, "warn"),
    ((BACK, BY_POLICY), PRIVILEGED, "legacy/new/a.yaml", DEFAULT, "off"),
    ((EnforcementRule("warn"), EnforcementRule("block", packs=("default",))), LATEST, "a", STRICT, "warn"),
    ((EnforcementRule("warn"), EnforcementRule("block", packs=("default",))), LATEST, "a", DEFAULT | STRICT, "block"),
]


@pytest.mark.parametrize(("rules", "policy", "path", "packs", "expected"), CASES)
def test_the_last_rule_that_fits_decides(
    rules: tuple[EnforcementRule, ...],
    policy: Sample,
    path: str,
    packs: frozenset[str],
    expected: Enforcement,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    made = enforcements(*rules)
    assert made.of(policy, path, packs) == expected
    assert expected in made.outcomes(policy, packs)
    assert pickle.loads(pickle.dumps(made)).of(policy, path, packs) == expected


def test_paths_are_relative_to_the_directory_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    made = enforcements(EnforcementRule("warn", paths=("/sub/legacy/",), base=str(tmp_path)))
    assert made.of(LATEST, "legacy/a.yaml") == "warn"
    assert made.of(LATEST, str(tmp_path / "sub/legacy/a.yaml")) == "warn"
    assert made.of(LATEST, "../legacy/a.yaml") == "block"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docker://local/container/dev-web", "warn"),
        ("docker://local/container/web", "block"),
        ("docker/local/container/dev-web", "block"),
    ],
)
def test_live_objects_have_paths_of_their_own(path: str, expected: str) -> None:
    made = enforcements(EnforcementRule("warn", paths=("docker://local/container/dev-*",)))
    assert made.of(LATEST, path) == expected


def test_another_tools_id_acts_on_the_inputs_it_speaks_of() -> None:
    made = enforcements(BY_POLICY, privileged=frozenset({"kubernetes"}))
    assert made.of(PRIVILEGED, "a", origin="kubernetes") == "off"
    assert made.of(PRIVILEGED, "a", origin="compose") == "block"


def test_outcomes_tell_whether_the_path_matters() -> None:
    assert enforcements(BY_POLICY).outcomes(PRIVILEGED) == {"off"}
    assert enforcements(BY_POLICY, BACK).outcomes(PRIVILEGED) == {"off", "block"}
    assert enforcements(BY_PATH).outcomes(LATEST) == {"warn", "block"}
    assert enforcements(BY_SEVERITY, BY_PATH).outcomes(LATEST) == {"warn"}
