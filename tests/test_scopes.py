"""What a run sees of other resources: relations stay within a scope, and what was not given is not lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings, evaluate

if TYPE_CHECKING:
    from pathlib import Path

RELATIONS = Settings(select=("pdb-missing", "networkpolicy-missing"), all=True)


def deployment(namespace: str | None = None) -> str:
    inside = f", namespace: {namespace}" if namespace else ""
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web{inside}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: nginx}}]}}
"""


def helpers(namespace: str | None = None) -> str:
    inside = f", namespace: {namespace}" if namespace else ""
    return f"""\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web{inside}}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{app: web}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: web{inside}}}
spec: {{podSelector: {{}}, policyTypes: [Ingress]}}
"""


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".yaml").write_text(text)


def verdicts(*sources: Path) -> dict[tuple[str, str], str]:
    """The status of each policy for each resource."""
    report = evaluate([str(source) for source in sources], RELATIONS)
    assert report.problems == ()
    return {(finding.policy, finding.resource.scope): finding.status for finding in report.findings}


def both(status: str, scope: str = "kubernetes:default") -> dict[tuple[str, str], str]:
    return {("pdb-missing", scope): status, ("networkpolicy-missing", scope): status}


def test_a_file_alone_may_lack_what_is_written_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, web=deployment())
    assert verdicts(tmp_path / "web.yaml") == both("unknown")


def test_what_a_file_holds_is_enough_for_a_pass(tmp_path: Path) -> None:
    write(tmp_path, web=f"{deployment()}---\n{helpers()}")
    assert verdicts(tmp_path / "web.yaml") == both("pass")


def test_a_directory_is_all_there_is(tmp_path: Path) -> None:
    write(tmp_path, web=deployment())
    assert verdicts(tmp_path) == both("fail")
    write(tmp_path, other__helpers=helpers())
    assert verdicts(tmp_path) == both("pass")


def test_files_that_are_named_together_help_each_other_but_prove_no_absence(tmp_path: Path) -> None:
    write(tmp_path, web=deployment(), helpers=helpers())
    assert verdicts(tmp_path / "web.yaml", tmp_path / "helpers.yaml") == both("pass")
    write(tmp_path, helpers=helpers("elsewhere"))
    assert verdicts(tmp_path / "web.yaml", tmp_path / "helpers.yaml") == both("unknown")


def test_namespaces_do_not_see_each_other(tmp_path: Path) -> None:
    write(tmp_path, web=deployment("shop"), other=deployment("blog"), helpers=helpers("shop"))
    assert verdicts(tmp_path) == both("pass", "kubernetes:shop") | both("fail", "kubernetes:blog")


def test_directories_that_are_named_side_by_side_do_not_see_each_other(tmp_path: Path) -> None:
    write(tmp_path, staging__web=deployment(), production__helpers=helpers())
    assert verdicts(tmp_path / "staging", tmp_path / "production") == both("fail")


@pytest.mark.parametrize("order", [("", "staging"), ("staging", ""), ("staging/web.yaml", "")])
def test_a_directory_within_another_that_is_named_is_a_part_of_it(order: tuple[str, str], tmp_path: Path) -> None:
    write(tmp_path, staging__web=deployment(), helpers=helpers())
    assert verdicts(*(tmp_path / name for name in order)) == both("pass")


def test_compose_projects_do_not_see_each_other(tmp_path: Path) -> None:
    """Two services of one name in two projects are two: neither hides the other, nor shares its findings."""
    service = "services: {web: {image: nginx, privileged: true, network_mode: host}}\n"
    write(tmp_path, shop__compose=service, blog__compose=service)
    report = evaluate(str(tmp_path), Settings(select=("privileged", "host-network")))
    found = {(finding.policy, finding.resource.scope, str(finding.resource)) for finding in report.findings}
    assert found == {
        (policy, f"compose:{project}", "service/web/container/web")
        for policy in ("privileged", "host-network")
        for project in ("shop", "blog")
    }
    assert len({finding.fingerprint for finding in report.findings}) == 4
