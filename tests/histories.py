"""Histories of a repository as people make them: Compose, Kubernetes and Dockerfiles of a few applications.

The same for the same seed, whenever and wherever they are made. What happens from one commit to the next is one of
:data:`CHANGES`, each as often as any other; and two branches are merged.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.repositories import Made, made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FLAWS = ("privileged", "root", "latest", "host-network", "docker-socket", "secret", "limits")

ROLES = {
    "compose": ("compose.yaml", "docker-compose.yml"),
    "override": ("compose.override.yaml",),
    "variables": (".env",),
    "workload": ("deployment.yaml", "workload.yaml", "manifests/app.yaml"),
    "network policy": ("network-policy.yaml", "manifests/firewall.yaml"),
    "budget": ("budget.yaml",),
    "dockerfile": ("Dockerfile", "prod.Dockerfile"),
    "ignore": (".dockerignore",),
}
"""The files of an application, and the names that each may have."""


@dataclass
class App:
    """One application: its directory, its files by role, what is wrong with it, and how it is written down."""

    name: str
    directory: str
    files: dict[str, str] = field(default_factory=lambda: {role: names[0] for role, names in ROLES.items()})
    flaws: set[str] = field(default_factory=set)
    tag: str = "1.0"
    lines: int = 0
    copies: int = 0

    def written(self) -> dict[str, str]:
        """Its files: path -> text."""
        texts = {
            "compose": self._compose(),
            "override": f"services:\n  {self.name}:\n    labels: {{tier: front}}\n",
            "variables": f"TAG={self.tag}\n",
            "workload": self._workload(),
            "network policy": self._policy("NetworkPolicy", "networking.k8s.io/v1", "podSelector"),
            "budget": self._policy("PodDisruptionBudget", "policy/v1", "selector", "  maxUnavailable: 1\n"),
            "dockerfile": self._dockerfile(),
            "ignore": ".git\n.env\n",
        }
        head = "".join(f"# line {number}\n" for number in range(self.lines))
        return {f"{self.directory}/{name}": head + texts[role] for role, name in self.files.items()}

    def _compose(self) -> str:
        names = [self.name, *(f"{self.name}-{number}" for number in range(self.copies))]
        return "services:\n" + "".join(self._service(name) for name in names)

    def _service(self, name: str) -> str:
        lines = [
            f"  {name}:",
            f"    image: registry.example/{self.name}:{'latest' if 'latest' in self.flaws else '${TAG:-0.1}'}",
            f"    user: '{'0' if 'root' in self.flaws else '1000'}'",
            *["    privileged: true"] * ("privileged" in self.flaws),
            *["    network_mode: host"] * ("host-network" in self.flaws),
            *["    volumes: ['/var/run/docker.sock:/var/run/docker.sock']"] * ("docker-socket" in self.flaws),
            *["    environment: {DB_PASSWORD: hunter2hunter2}"] * ("secret" in self.flaws),
            *["    mem_limit: 64m"] * ("limits" not in self.flaws),
        ]
        return "\n".join(lines) + "\n"

    def _workload(self) -> str:
        """A Deployment; as many times as there are copies, which differ by nothing."""
        lines = [
            "apiVersion: apps/v1",
            "kind: Deployment",
            f"metadata: {{name: {self.name}, namespace: shop}}",
            "spec:",
            "  replicas: 2",
            f"  selector: {{matchLabels: {{app: {self.name}}}}}",
            "  template:",
            f"    metadata: {{labels: {{app: {self.name}}}}}",
            "    spec:",
            *["      hostNetwork: true"] * ("host-network" in self.flaws),
            "      containers:",
            f"        - name: {self.name}",
            f"          image: registry.example/{self.name}:{'latest' if 'latest' in self.flaws else self.tag}",
            *["          resources: {limits: {memory: 64Mi, cpu: 100m}}"] * ("limits" not in self.flaws),
            *["          env: [{name: DB_PASSWORD, value: hunter2hunter2}]"] * ("secret" in self.flaws),
            f"          securityContext: {{privileged: {str('privileged' in self.flaws).lower()}, "
            f"runAsUser: {0 if 'root' in self.flaws else 1000}}}",
        ]
        return "---\n".join(["\n".join(lines) + "\n"] * (1 + self.copies))

    def _policy(self, kind: str, version: str, selector: str, more: str = "") -> str:
        """What selects the Pods of the workload."""
        head = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {self.name}, namespace: shop}}\nspec:\n"
        return f"{head}  {selector}: {{matchLabels: {{app: {self.name}}}}}\n{more}"

    def _dockerfile(self) -> str:
        lines = [
            f"FROM debian:{'latest' if 'latest' in self.flaws else '12.5'}",
            *["ENV DB_PASSWORD=hunter2hunter2"] * ("secret" in self.flaws),
            *["RUN apt-get update"] * (1 + self.copies),
            *["USER 1000"] * ("root" not in self.flaws),
            f'CMD ["{self.name}"]',
        ]
        return "\n".join(lines) + "\n"


Apps = dict[str, App]
Change = tuple[str, "Callable[[App, Apps, Random], bool]"]
"""What a change is called, and what makes it: False where it would change nothing."""


def _break(app: App, apps: Apps, rand: Random) -> bool:
    missing = [flaw for flaw in FLAWS if flaw not in app.flaws]
    app.flaws.update(rand.sample(missing, min(2, len(missing))))
    return bool(missing)


def _mend(app: App, apps: Apps, rand: Random) -> bool:
    mended = bool(app.flaws)
    if mended:
        app.flaws.remove(rand.choice(sorted(app.flaws)))
    return mended


def _move_lines(app: App, apps: Apps, rand: Random) -> bool:
    app.lines = (app.lines + rand.randrange(1, 5)) % 6
    return True


def _rename_file(app: App, apps: Apps, rand: Random) -> bool:
    role = rand.choice([role for role in sorted(app.files) if len(ROLES[role]) > 1] or ["none"])
    others = [name for name in ROLES.get(role, ()) if name != app.files[role]]
    if others:
        app.files[role] = rand.choice(others)
    return bool(others)


def _rename_directory(app: App, apps: Apps, rand: Random) -> bool:
    app.directory = f"{rand.choice(['apps', 'services', 'deploy/prod'])}/{app.name}-{rand.randrange(1000)}"
    return True


def _remove(role: str) -> Callable[[App, Apps, Random], bool]:
    """Take a file away: what is in others is judged by it."""
    return lambda app, apps, rand: app.files.pop(role, None) is not None


def _restore(app: App, apps: Apps, rand: Random) -> bool:
    missing = sorted(ROLES.keys() - app.files.keys())
    app.files |= {role: ROLES[role][0] for role in missing}
    return bool(missing)


def _duplicate(app: App, apps: Apps, rand: Random) -> bool:
    app.copies += 1
    return app.copies < 4


def _single(app: App, apps: Apps, rand: Random) -> bool:
    was, app.copies = app.copies, 0
    return was > 0


def _release(app: App, apps: Apps, rand: Random) -> bool:
    """Another tag, which the Compose file has from its variables."""
    app.tag = f"1.{rand.randrange(1, 1000)}"
    return True


def _delete(app: App, apps: Apps, rand: Random) -> bool:
    key = next(key for key, other in apps.items() if other is app)
    return len(apps) > 2 and apps.pop(key) is app


def _add(app: App, apps: Apps, rand: Random) -> bool:
    name = f"app{rand.randrange(1000)}"
    flaws = set(rand.sample(FLAWS, 2))
    return name not in apps and bool(apps.setdefault(name, App(name, f"apps/{name}", flaws=flaws)))


def _copy(app: App, apps: Apps, rand: Random) -> bool:
    """Another application that is the same in all but its directory."""
    apps[f"copy{rand.randrange(1000)}"] = App(app.name, f"copies/{rand.randrange(1000)}/{app.name}", flaws={*app.flaws})
    return True


CHANGES: tuple[Change, ...] = (
    ("break", _break),
    ("mend", _mend),
    ("move lines", _move_lines),
    ("rename a file", _rename_file),
    ("rename a directory", _rename_directory),
    ("remove the network policy", _remove("network policy")),
    ("remove the budget", _remove("budget")),
    ("remove the variables", _remove("variables")),
    ("remove the Compose file", _remove("compose")),
    ("restore files", _restore),
    ("duplicate", _duplicate),
    ("only one", _single),
    ("release", _release),
    ("delete", _delete),
    ("add", _add),
    ("copy", _copy),
)


class Step(NamedTuple):
    """A commit, and what was done in it."""

    commit: str
    what: str


def history(directory: Path, seed: int, commits: int = 40) -> tuple[Made, list[Step]]:
    """A repository in a directory that is not there yet, and its commits, the oldest first."""
    return _Telling(directory, Random(seed)).told(commits)


class _Telling:
    """Makes one history."""

    def __init__(self, directory: Path, rand: Random) -> None:
        self._rand = rand
        self._made = made(directory)
        self._apps = {name: App(name, f"apps/{name}", flaws={flaw}) for name, flaw in zip("abc", FLAWS, strict=False)}
        self._steps: list[Step] = []
        self._waiting: list[Change] = []

    def told(self, commits: int) -> tuple[Made, list[Step]]:
        self._commit("begin")
        merges = {commits // 3, 2 * commits // 3}
        while len(self._steps) < commits:
            if len(self._steps) in merges and len(self._steps) + 3 <= commits:
                self._branch()
            else:
                self._change(sorted(self._apps))
        return self._made, self._steps

    def _change(self, names: list[str], *, only: bool = False) -> None:
        """The next change that changes anything, in one of these applications; ``only`` in its own directory."""
        for what, change in self._waiting:
            for name in self._rand.sample(names, len(names)):
                apps = deepcopy(self._apps)
                if change(apps[name], apps, self._rand) and not (only and apps.keys() != self._apps.keys()):
                    self._waiting.remove((what, change))
                    self._apps = apps
                    self._commit(f"{what}: {name}")
                    return
        self._waiting += self._rand.sample(CHANGES, len(CHANGES))
        self._change(names, only=only)

    def _branch(self) -> None:
        """A branch that changes one application while another is changed, and its merge."""
        ours, theirs = self._rand.sample(sorted(self._apps), 2)
        before = deepcopy(self._apps)
        self._made.git("checkout", "--quiet", "-b", "side")
        self._change([theirs], only=True)
        changed = self._apps[theirs]
        self._apps = before
        self._made.git("checkout", "--quiet", "main")
        self._change([ours], only=True)
        self._apps[theirs] = changed
        # Each has changed files of its own. Git would let new ones follow a directory that the other side renamed.
        options = ("-c", "merge.renames=false")
        commit = self._made.committed(*options, "merge", "--quiet", "--no-ff", "--no-edit", "side")
        self._made.git("branch", "--quiet", "--delete", "side")
        self._steps.append(Step(commit, f"merge: {theirs}"))

    def _commit(self, what: str) -> None:
        for name in self._tracked():
            (self._made.top / name).unlink()
        files = {path: text for app in self._apps.values() for path, text in app.written().items()}
        commit = self._made.commit({"README.md": "# A shop\n", **files}, what)
        self._steps.append(Step(commit, what))

    def _tracked(self) -> Iterator[str]:
        yield from filter(None, self._made.git("ls-files", "-z").split("\0"))
