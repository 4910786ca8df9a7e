"""Projects at random, and edits of them that know what they break: Compose, Kubernetes and Dockerfiles.

A :class:`World` is written to a directory, and says which violations there are by how it was made. Each edit changes
it and returns the violations that are new by the rules of baselines:

- Nothing is new where lines, documents, services or items of lists move, files or directories are called otherwise, or
  a resource goes to another file of its scope: of its namespace, or of the Compose project in the same directory.
- A violation is its policy, its resource, and the content of its field: another capability is another violation.
- A resource that is there twice has its violations twice.
- What is mended in one place and broken in another is new there, be the first gone or not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from random import Random

POLICIES = ("privileged", "caps-added", "docker-socket", "host-network", "readonly-rootfs", "sudo", "add-remote-url")

VALUES = {
    "privileged": ("true",),
    "host-network": ("host",),
    "caps-added": ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "BPF"),
    "docker-socket": ("/var/run/docker.sock", "/run/docker.sock", "/var/run"),
    "sudo": ("RUN sudo make", "RUN sudo make install", "RUN cd /src && sudo make"),
    "add-remote-url": ("ADD https://example.com/a /a", "ADD https://example.com/b /b"),
}
"""The content that the field of a violation may have. Everything that is no Dockerfile violates readonly-rootfs too."""

DOCKERFILE = ("sudo", "add-remote-url")

Flaw = tuple[str, str]
Violation = tuple[str, str, str]
"""Policy, resource, content."""
Violations = Counter[Violation]


@dataclass
class Thing:
    """A service, a Deployment, or all of a Dockerfile."""

    kind: str
    name: str
    namespace: str
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def called(self) -> str:
        return {"service": f"service/{self.name}", "workload": f"{self.namespace}:deployment/{self.name}"}.get(
            self.kind, "dockerfile"
        )

    def violations(self) -> Violations:
        always = [] if self.kind == "dockerfile" else [("readonly-rootfs", "")]
        return Counter((policy, self.called, value) for policy, value in [*self.flaws, *always])

    def values(self, policy: str) -> list[str]:
        return [value for name, value in self.flaws if name == policy]

    def missing(self) -> list[Flaw]:
        mine = [policy for policy in VALUES if (policy in DOCKERFILE) == (self.kind == "dockerfile")]
        return [(policy, value) for policy in mine for value in VALUES[policy] if (policy, value) not in self.flaws]

    def copy(self) -> Thing:
        return Thing(self.kind, self.name, self.namespace, [*self.flaws])

    def written(self) -> str:
        return {"service": self._service, "workload": self._workload, "dockerfile": self._dockerfile}[self.kind]()

    def _service(self) -> str:
        lines = [
            f"  {self.name}:",
            "    image: nginx",
            *["    privileged: true"] * len(self.values("privileged")),
            *["    network_mode: host"] * len(self.values("host-network")),
            f"    cap_add: [{', '.join(self.values('caps-added'))}]",
            f"    volumes: [{', '.join(f'{path}:/x{path}' for path in self.values('docker-socket'))}]",
        ]
        return "".join(f"{line}\n" for line in lines)

    def _workload(self) -> str:
        sockets = self.values("docker-socket")
        mounts = ", ".join(
            f"{{name: {path[1:].replace('/', '-').replace('.', '-')}, mountPath: /x}}" for path in sockets
        )
        lines = [
            "---",
            "apiVersion: apps/v1",
            "kind: Deployment",
            f"metadata: {{name: {self.name}, namespace: {self.namespace}}}",
            "spec:",
            "  template:",
            "    spec:",
            *["      hostNetwork: true"] * len(self.values("host-network")),
            "      containers:",
            "        - name: main",
            "          image: nginx",
            f"          volumeMounts: [{mounts}]",
            "          securityContext:",
            f"            privileged: {str(bool(self.values('privileged'))).lower()}",
            f"            capabilities: {{add: [{', '.join(self.values('caps-added'))}]}}",
            "      volumes:",
            *[
                f"        - {{name: {path[1:].replace('/', '-').replace('.', '-')}, hostPath: {{path: {path}}}}}"
                for path in sockets
            ],
        ]
        return "".join(f"{line}\n" for line in lines)

    def _dockerfile(self) -> str:
        return "".join(f"{line}\n" for line in ("FROM debian:12", *(value for _, value in self.flaws), "USER 1000"))


@dataclass
class File:
    """What is in a file, after so many lines of comment."""

    things: list[Thing]
    comments: int = 0

    @property
    def kind(self) -> str:
        return self.things[0].kind if self.things else ""

    def written(self) -> str:
        head = "# a line\n" * self.comments + ("services:\n" if self.kind == "service" else "")
        return head + f"{'# between' * (self.comments % 2)}\n".join(thing.written() for thing in self.things)


class World:
    """Files by path."""

    def __init__(self, rand: Random) -> None:
        self.rand = rand
        self.files: dict[str, File] = {}
        self.count = 0
        for kind in ("service", "workload", "dockerfile", "service", "workload", "dockerfile"):
            self.create(kind)

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def thing(self, kind: str) -> Thing:
        thing = Thing(kind, self.fresh("app"), self.rand.choice(["one", "two"]))
        thing.flaws = self.rand.sample(thing.missing(), 3)
        return thing

    def create(self, kind: str, directory: str = "") -> File:
        things = [self.thing(kind) for _ in range(1 if kind == "dockerfile" else 2)]
        name = {"service": "compose.yaml", "workload": "deploy.yaml", "dockerfile": "Dockerfile"}[kind]
        file = self.files[f"{directory or self.fresh('dir')}/{name}"] = File(things)
        return file

    def things(self) -> list[tuple[str, File, Thing]]:
        return [(path, file, thing) for path, file in self.files.items() for thing in file.things]

    def violations(self) -> Violations:
        return sum((thing.violations() for _, _, thing in self.things()), Counter())

    def write(self, directory: Path) -> None:
        """Have nothing but these files below a directory."""
        wanted = {directory / path: file.written() for path, file in self.files.items() if file.things}
        for old in [path for path in directory.rglob("*") if path.is_file() and path not in wanted]:
            old.unlink()
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


Edit = "Callable[[World], Violations | None]"
"""What an edit adds; None where there is nothing that it could be made to."""


def _pick(world: World, fits: Callable[[str, File, Thing], bool] = lambda *_: True) -> tuple[str, File, Thing] | None:
    found = [(path, file, thing) for path, file, thing in world.things() if fits(path, file, thing)]
    return world.rand.choice(found) if found else None


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _same_scope(path: str, thing: Thing, other: str) -> bool:
    return thing.kind == "workload" or _directory(path) == _directory(other)


# what adds nothing


def move_lines(world: World) -> Violations:
    world.rand.choice(list(world.files.values())).comments = world.rand.randrange(7)
    return Counter()


def reorder(world: World) -> Violations:
    """Of documents, services, instructions, and the items of lists."""
    _, file, thing = world.rand.choice(world.things())
    world.rand.shuffle(file.things)
    world.rand.shuffle(thing.flaws)
    return Counter()


def rename_file(world: World) -> Violations:
    path = world.rand.choice(list(world.files))
    suffix = "Dockerfile" if world.files[path].kind == "dockerfile" else "yaml"
    world.files[f"{_directory(path)}/{world.fresh('file')}.{suffix}"] = world.files.pop(path)
    return Counter()


def rename_directory(world: World) -> Violations:
    directory, new = _directory(world.rand.choice(list(world.files))), world.fresh("deep/dir")
    moved = {path: file for path, file in world.files.items() if _directory(path) == directory}
    for path in moved:
        world.files[f"{new}/{path.rpartition('/')[2]}"] = world.files.pop(path)
    return Counter()


def move_resource(world: World) -> Violations | None:
    """To another file of its scope, which is there already."""
    pairs = [
        (file, thing, other)
        for path, file, thing in world.things()
        for place, other in world.files.items()
        if other is not file and other.kind == thing.kind != "dockerfile" and len(file.things) > 1
        if _same_scope(path, thing, place) and thing.called not in [one.called for one in other.things]
    ]
    if not pairs:
        return None
    file, thing, other = world.rand.choice(pairs)
    file.things.remove(thing)
    other.things.append(thing)
    return Counter()


def split_file(world: World) -> Violations | None:
    found = _pick(world, lambda _, file, __: len(file.things) > 1)
    if found is None:
        return None
    path, file, thing = found
    file.things.remove(thing)
    world.files[f"{_directory(path)}/{world.fresh('part')}.yaml"] = File([thing])
    return Counter()


def merge_files(world: World) -> Violations | None:
    """All of one file goes to another one, and the first is deleted."""
    pairs = [
        (path, other)
        for path, file in world.files.items()
        for other in world.files
        if other != path and file.kind == world.files[other].kind != "dockerfile"
        if not {one.called for one in file.things} & {one.called for one in world.files[other].things}
    ]
    if not pairs:
        return None
    path, other = world.rand.choice(pairs)
    world.files[other].things += world.files.pop(path).things
    return Counter()


def change_namespace(world: World) -> Violations | None:
    """In the same file: what it is about is the same."""

    def is_alone(_: str, file: File, thing: Thing) -> bool:
        return thing.kind == "workload" and [one.name for one in file.things].count(thing.name) == 1

    found = _pick(world, is_alone)
    if found is None:
        return None
    found[2].namespace = "two" if found[2].namespace == "one" else "one"
    return Counter()


# what adds some


def break_(world: World) -> Violations | None:
    found = _pick(world, lambda _, __, thing: bool(thing.missing()))
    if found is None:
        return None
    thing = found[2]
    thing.flaws.append(world.rand.choice(thing.missing()))
    return Counter({(thing.flaws[-1][0], thing.called, thing.flaws[-1][1]): 1})


def mend_and_break(world: World) -> Violations | None:
    """Another thing in the place of one: nothing of it may hide behind what it was."""
    found = _pick(world, lambda _, __, thing: bool(thing.missing() and thing.flaws))
    if found is None:
        return None
    thing = found[2]
    new = world.rand.choice(thing.missing())
    thing.flaws[world.rand.randrange(len(thing.flaws))] = new
    return Counter({(new[0], thing.called, new[1]): 1})


def change_value(world: World) -> Violations | None:
    """Another content of the same field."""

    def changes(thing: Thing) -> list[tuple[Flaw, Flaw]]:
        return [(old, new) for old in thing.flaws for new in thing.missing() if new[0] == old[0]]

    found = _pick(world, lambda _, __, thing: bool(changes(thing)))
    if found is None:
        return None
    thing = found[2]
    old, new = world.rand.choice(changes(thing))
    thing.flaws[thing.flaws.index(old)] = new
    return Counter({(new[0], thing.called, new[1]): 1})


def duplicate(world: World) -> Violations | None:
    """The same resource in one more file, a new one or one that is there."""
    found = _pick(world)
    if found is None:
        return None
    path, _, thing = found
    others = [
        file
        for place, file in world.files.items()
        if place != path and file.kind == thing.kind != "dockerfile"
        if thing.called not in [one.called for one in file.things]
    ]
    copy = thing.copy()
    if others and world.rand.random() < 0.6:
        world.rand.choice(others).things.append(copy)
    else:
        name = "Dockerfile" if thing.kind == "dockerfile" else "copy.yaml"
        world.files[f"{world.fresh('dir')}/{name}"] = File([copy])
    return copy.violations()


def duplicate_in_namespace(world: World) -> Violations | None:
    """The same workload in another namespace of the same file."""

    def is_alone(_: str, file: File, thing: Thing) -> bool:
        return thing.kind == "workload" and [one.name for one in file.things].count(thing.name) == 1

    found = _pick(world, is_alone)
    if found is None:
        return None
    _, file, thing = found
    copy = thing.copy()
    copy.namespace = "two" if thing.namespace == "one" else "one"
    file.things.append(copy)
    return copy.violations()


def duplicate_instruction(world: World) -> Violations | None:
    found = _pick(world, lambda _, __, thing: thing.kind == "dockerfile" and bool(thing.flaws))
    if found is None:
        return None
    thing = found[2]
    flaw = world.rand.choice(thing.flaws)
    thing.flaws.append(flaw)
    return Counter({(flaw[0], thing.called, flaw[1]): 1})


def _likes(world: World) -> Iterator[tuple[str, Thing, Thing, Flaw]]:
    """Two that are called alike, of which one has a flaw that the other has not."""
    things = [(path, thing) for path, _, thing in world.things()]
    for path, one in things:
        for place, other in things:
            alike = one is not other and one.kind == other.kind and (one.name == other.name or one.kind == "dockerfile")
            if alike and (one.kind != "dockerfile" or place != path):
                yield from ((path, one, other, flaw) for flaw in one.flaws if flaw not in other.flaws)


def mend_and_break_like(world: World) -> Violations | None:
    """What is mended here is broken there, at the resource of the same name: the total stays."""
    found = list(_likes(world))
    if not found:
        return None
    _, one, other, flaw = world.rand.choice(found)
    one.flaws = [each for each in one.flaws if each != flaw]
    other.flaws.append(flaw)
    return Counter({(flaw[0], other.called, flaw[1]): 1})


def delete_and_break_like(world: World) -> Violations | None:
    """The file goes, and what was violated in it is violated in another that was there all the time."""
    found = [like for like in _likes(world) if like[2] not in world.files[like[0]].things and like[2].flaws]
    if not found:
        return None
    path, _, other, flaw = world.rand.choice(found)
    del world.files[path]
    other.flaws.append(flaw)
    return Counter({(flaw[0], other.called, flaw[1]): 1})


def move_to_another_project(world: World) -> Violations | None:
    """A service that goes from one Compose project to another, which stays, is one that was judged nowhere."""
    pairs = [
        (file, thing, other)
        for path, file, thing in world.things()
        for place, other in world.files.items()
        if thing.kind == other.kind == "service" and len(file.things) > 1 and not _same_scope(path, thing, place)
        if thing.called not in [one.called for one in other.things]
    ]
    if not pairs:
        return None
    file, thing, other = world.rand.choice(pairs)
    file.things.remove(thing)
    other.things.append(thing)
    return thing.violations()


def add_file(world: World) -> Violations:
    file = world.create(world.rand.choice(["service", "workload", "dockerfile"]))
    return sum((thing.violations() for thing in file.things), Counter())


# what takes some away


def mend(world: World) -> Violations | None:
    found = _pick(world, lambda _, __, thing: bool(thing.flaws))
    if found is None:
        return None
    found[2].flaws.remove(world.rand.choice(found[2].flaws))
    return Counter()


def delete_resource(world: World) -> Violations | None:
    found = _pick(world, lambda _, file, __: len(file.things) > 1)
    if found is None:
        return None
    found[1].things.remove(found[2])
    return Counter()


def delete_file(world: World) -> Violations | None:
    if len(world.files) < 9:
        return None
    del world.files[world.rand.choice(list(world.files))]
    return Counter()


STILL = (move_lines, reorder)
"""What may be done beside everything else."""

NEUTRAL = (*STILL, rename_file, rename_directory)
"""What may be done beside everything but :data:`ALONE`."""

ALONE = (change_namespace, move_to_another_project, delete_and_break_like, mend_and_break_like)
"""What nobody could tell from a move, were the files of both resources gone in the same change."""

EDITS = (
    *NEUTRAL,
    *(move_resource, split_file, merge_files, change_namespace),
    *(break_, mend_and_break, change_value, duplicate, duplicate_in_namespace, duplicate_instruction),
    *(mend_and_break_like, delete_and_break_like, move_to_another_project, add_file),
    *(mend, delete_resource, delete_file),
)
