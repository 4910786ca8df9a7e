"""Small reports, built by hand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.model.artifact import Artifact
from policyengine.model.coverage import Benchmark, Coverage, KnownControl
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.report import Finding, Place, PolicyCounts, Problem, Report, ResourceRef, Run, Skipped
from policyengine.model.source_line import SourceLine
from policyengine.model.unknown import Unknown
from policyengine.outputs import formats
from policyengine.outputs.options import DEFAULT, RenderOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

RUN = Run(
    id="run-1",
    tool="policyengine 0.1.0",
    started="2026-01-02T03:04:05Z",
    seconds=0.41234,
    settings_digest="sha256:00",
    packs=({"name": "default", "version": "1"},),
)

WEB = ResourceRef("container", "web", "compose", "compose:shop", parent="service/web")

PRIVILEGED = Finding(
    policy="privileged",
    status="fail",
    severity="critical",
    category="runtime",
    title="Containers do not run privileged",
    message="web runs privileged",
    resource=WEB,
    places=(Place(Location("compose.yaml", 4, 17, 4, 21)),),
    fingerprint="f1",
    field="privileged",
    actual=True,
    provenance=DECLARED,
    controls=(
        {"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.5"},
        {"tool": "checkov", "id": "CKV_K8S_16", "inputs": ("kubernetes",)},
    ),
    remedy="Remove privileged: true.",
    fix="safe",
    excerpt=SourceLine("    privileged: true", 17, 21),
)

PORT = Finding(
    policy="bind-all-interfaces",
    status="fail",
    severity="high",
    category="firewall",
    title="Ports are bound to one address",
    message="web publishes 8080 on every interface",
    resource=WEB,
    places=(Place(Location("compose.yaml", 12, 9, 12, 20)), Place(Location("other.yaml", 3, 1), "related")),
    fingerprint="f2",
    field="ports[0].host_ip",
    actual="0.0.0.0",
    provenance=Provenance("default", "Compose"),
    excerpt=SourceLine('      - "8080:80"', 9, 20),
)

LIVE = Finding(
    policy="readonly-rootfs",
    status="fail",
    severity="low",
    category="runtime",
    title="Root file systems are read-only",
    message="web can write to its root file system",
    resource=ResourceRef("container", "web", "docker", "docker:local"),
    places=(Place(Location("docker://local/container/web")),),
    fingerprint="f3",
    enforcement="warn",
    field="read_only",
    actual=False,
    provenance=DECLARED,
    remedy="Run it with --read-only.\nGive it a tmpfs where it has to write.",
)

APP = ResourceRef("container", "app", "kubernetes", "kubernetes:shop", parent="deployment/web")

USER = Finding(
    policy="run-as-uid-0",
    status="unknown",
    severity="high",
    category="runtime",
    title="Containers do not run as root",
    message="app may run as root",
    resource=APP,
    places=(Place(Location("deploy.yaml", 14, 11, 16, 20)),),
    fingerprint="f4",
    field="user",
    provenance=Provenance("unknown", "image nginx:1.25"),
    unknown=Unknown("image.user", "the image nginx:1.25 decides", "--resolve engine"),
    excerpt=SourceLine("        - name: app", 11),
)

SIDECAR = replace(
    USER,
    resource=replace(APP, name="sidecar"),
    places=(Place(Location("deploy.yaml", 17, 11)),),
    fingerprint="f5",
)

USER_MISSING = replace(USER, policy="user-missing", message="app names no user", fingerprint="f6")

PDB = replace(
    USER,
    policy="pdb-missing",
    severity="medium",
    message="nothing may protect web from eviction",
    resource=ResourceRef("workload", "web", "kubernetes", "kubernetes:shop"),
    fingerprint="f7",
    unknown=Unknown("related.pod_disruption_budgets", "a single file does not show all of its namespace"),
)

BROKEN = Finding(
    policy="memory-limit",
    status="error",
    severity="medium",
    category="runtime",
    title="Containers have a memory limit",
    message="memory is a list, not a number",
    resource=WEB,
    places=(Place(Location("compose.yaml", 9, 5)),),
    fingerprint="f8",
    excerpt=SourceLine("    mem_limit: []", 5),
)

WAIVED = replace(PRIVILEGED, status="waived", resource=replace(WEB, name="dind", parent="service/dind"))
PASSED = replace(PRIVILEGED, status="pass", resource=replace(WEB, name="db", parent="service/db"), fingerprint="f9")

PROBLEM = Problem("mapping values are not allowed here", "broken.yaml", 7, 3)
LOST = Problem("the engine does not answer")
TEMPLATE = Skipped("chart/templates/x.yaml", "Helm template, not rendered")

ARTIFACTS = (
    Artifact("compose.yaml", "1a" * 32),
    Artifact("docker://"),
    Artifact("docker:///image/nginx:1.25", "2b" * 32),
)

RULES: Mapping[str, Mapping[str, object]] = {
    "privileged": {
        "title": "Containers do not run privileged",
        "why": "A privileged container has every capability and every device of its host.",
        "severity": "critical",
        "category": "runtime",
        "controls": PRIVILEGED.controls,
        "help": "Remove privileged: true.",
    },
}


def report(*findings: Finding, problems: Iterable[Problem] = (), skipped: Iterable[Skipped] = ()) -> Report:
    """A report of these findings, its counts made from them."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        counts.setdefault(finding.policy, Counter())[finding.status] += 1
    return Report(
        run=RUN,
        inputs=3,
        resources=12,
        policies=tuple(PolicyCounts(name, dict(count)) for name, count in counts.items()),  # type: ignore[arg-type]
        findings=findings,
        problems=tuple(problems),
        skipped=tuple(skipped),
        rules=RULES,
        artifacts=ARTIFACTS,
    )


EVERYTHING = report(
    PRIVILEGED,
    USER,
    LIVE,
    PORT,
    SIDECAR,
    USER_MISSING,
    PDB,
    BROKEN,
    WAIVED,
    PASSED,
    problems=(PROBLEM, LOST),
    skipped=(TEMPLATE,),
)
CLEAN = report(PASSED)
EMPTY = report()


def whole(name: str) -> Callable[..., str]:
    """A format whose pieces are put together: a function from a report and options to text."""

    def render(found: Report, options: RenderOptions = DEFAULT) -> str:
        return "".join(formats()[name].render(found, options))

    return render


CIS = {"benchmark": "CIS Docker", "version": "1.7.0"}


def under(finding: Finding, *ids: str) -> Finding:
    """A finding that speaks for these controls of CIS Docker."""
    return replace(finding, controls=tuple({**CIS, "id": id_} for id_ in ids))


def known(id_: str, policies: Mapping[str, tuple[str, ...]] | None = None, title: str = "") -> KnownControl:
    """A control, and what speaks for it."""
    return KnownControl(id_, policies or {}, title)


FILES = ("compose", "docker", "dockerfile")
COVERAGE = Coverage(
    benchmarks=(
        Benchmark(
            "CIS Docker",
            "1.7.0",
            (
                known("1.1.1"),
                known("1.1.2"),
                known("4.1", {"run-as-uid-0": FILES, "user-missing": ("compose", "dockerfile")}),
                known("5.4", {"caps-added": FILES}, "Containers add no capabilities"),
                known("5.5", {"privileged": FILES}, "Containers do not run privileged"),
                known("5.11", {"memory-limit": FILES}, "Containers have a memory limit"),
                known("5.12", {"cpu-limit": FILES}, "Containers have a CPU limit"),
                known("5.14", {"bind-all-interfaces": FILES}, "Ports are bound to one address"),
                known("5.28", {"pids-limit": FILES}, "Containers have a limit of processes"),
                known("6.1", {"image-sprawl": ("docker",)}, "Images are used"),
            ),
            complete=True,
        ),
        Benchmark(
            "CIS Kubernetes",
            "1.12",
            (known("5.2.2", {"privileged": ("kubernetes",)}, "Containers do not run privileged"),),
        ),
    ),
    resources={"compose": 12},
    passes={
        "caps-added": {"compose": 4},
        "privileged": {"compose": 3, "kubernetes": 9},
        "cpu-limit": {"compose": 1},
    },
    acts=dict.fromkeys(
        (
            "bind-all-interfaces",
            "caps-added",
            "cpu-limit",
            "image-sprawl",
            "memory-limit",
            "privileged",
            "run-as-uid-0",
            "user-missing",
        )
    ),
    off=frozenset({"cpu-limit"}),
)
"""Each way in which a control can come out."""

CONTROLLED = replace(
    report(
        under(PRIVILEGED, "5.5"),
        under(USER, "4.1"),
        under(BROKEN, "5.11"),
        under(replace(WAIVED, policy="bind-all-interfaces"), "5.14"),
        LIVE,
        PASSED,
        problems=(PROBLEM,),
    ),
    coverage=COVERAGE,
)
