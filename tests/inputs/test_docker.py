"""Snapshots and the whole of what is read from them; then single rules, hiding, and URLs."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.documents.load import document
from policyengine.errors import DocumentError, SourceError
from policyengine.inputs import docker, document_inputs, live_inputs
from policyengine.inputs.context import Context
from policyengine.inputs.docker import reading
from policyengine.inputs.docker.snapshot import LiveAnswers, Snapshot
from policyengine.inputs.docker.url import DockerUrl, parse
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown
from tests.judging import shown_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document
    from policyengine.model.resource import Resource

FIXTURES = Path(__file__).parents[2] / "fixtures" / "docker"
CASES = sorted(path.name for path in FIXTURES.iterdir())


def read(snapshot: object, path: str = "snapshot.json") -> tuple[list[Resource], Context, Document]:
    text = snapshot if isinstance(snapshot, str) else json.dumps(snapshot)
    read_, context = document(path, text.encode()), Context()
    return list(docker.read(read_, context)), context, read_


def container(image: dict[str, Any] | None = None, info: dict[str, Any] | None = None, **inspect: Any) -> Resource:
    """One container as an engine inspects it; the keys of Config and HostConfig are told apart by ``Config``."""
    snapshot = {
        "docker_snapshot": 1,
        "containers": [{"Id": "c" * 64, "Name": "/web", "Image": "sha256:" + "a" * 64, **inspect}],
        "images": [{"Id": "sha256:" + "a" * 64, "RepoTags": ["app:1"], "Config": image or {}}],
        "info": info or {},
    }
    return read(snapshot)[0][0]


def host(**config: Any) -> Resource:
    return container(HostConfig=config)


def told(resource: Resource) -> Iterator[str]:
    """A resource as text: where each field is, its value, how it came about; of lists and maps also their items."""
    place = resource.where()
    within = f" in {resource.parent}" if resource.parent else ""
    yield f"{resource.kind} {resource.name}{within} [{resource.scope}] {place.line}:{place.column}"
    for field in sorted(docker.supplies()[resource.kind]):
        value = resource.facts.get(field)
        yield f"  {field}: {json.dumps(plain(value), ensure_ascii=False)}{_origin(resource, (field,))}"
        for path, item in _inside(value, (field,)):
            yield f"    {'.'.join(map(str, path[1:]))}: {json.dumps(plain(item))}{_origin(resource, path)}"


def _origin(resource: Resource, path: tuple[str | int, ...]) -> str:
    place, how = resource.where(path), resource.provenance(path)
    return f" ({how.how}{f' {how.of}' if how.of else ''}) {place.line}:{place.column}"


def _inside(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, dict | list):
            yield from _inside(item, (*path, key))
        else:
            yield (*path, key), item


def plain(value: object) -> object:
    if isinstance(value, Unknown):
        return f"?{value.fact}: {value.why}"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@cache
def case(name: str) -> tuple[tuple[Resource, ...], str]:
    source = next((FIXTURES / name).glob("snapshot.*"))
    resources, context, _ = read(source.read_text("utf-8"), source.name)
    lines = [line for resource in resources for line in told(resource)]
    lines += [f"problem {problem.line}:{problem.column} {problem.message}" for problem in context.problems]
    return tuple(resources), "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_fixture(name: str) -> None:
    assert case(name)[1] == (FIXTURES / name / "expected.txt").read_text("utf-8")


ODD: list[object] = [None, 7, -1.5, "x", "", True, [], ["a"], [7], [["a", {}]], [None], {}, {"a": [1]}, {"": None}]


def _inner(value: object) -> Iterator[tuple[Any, Any]]:
    """Every container below a value, and each of its keys."""
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _inner(value[key])  # type: ignore[index]  # it has the key


def test_no_answer_makes_the_reader_fail() -> None:
    """Each value of the largest fixture in turn is one of another kind."""
    root = json.loads((FIXTURES / "everything" / "snapshot.json").read_text("utf-8"))
    for index, (around, key) in enumerate(list(_inner(root))):
        if around is root and key == "docker_snapshot":
            continue
        kept = around[key]
        for odd in ODD[index % 2 :: 2]:
            around[key] = odd
            for resource in reading._resources(
                Snapshot(LiveAnswers({"context": "", **root}), Scope("docker", ""), Context())
            ):
                assert resource.where()
        around[key] = kept


def test_fixtures_fill_every_supplied_field_and_no_other() -> None:
    filled: defaultdict[str, set[str]] = defaultdict(set)
    for name in CASES:
        for resource in case(name)[0]:
            filled[resource.kind] |= resource.facts.keys()
    assert dict(filled) == docker.supplies()


def test_the_reader_is_found_by_its_document_and_its_scheme() -> None:
    assert document_inputs()["docker"] is docker
    assert live_inputs()["docker"] == (docker,)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("docker_snapshot: 1", 3),
        ('{"docker_snapshot": 1}', 3),
        ("docker_snapshot: 1\n---\ndocker_snapshot: 1", 0),
        ("services: {web: {image: nginx}}", 0),
        ("- docker_snapshot", 0),
        ("", 0),
    ],
)
def test_claims(text: str, claim: int) -> None:
    assert docker.claims(document("x.yaml", text.encode())) == claim


def test_another_version_is_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        read("# head\ndocker_snapshot: 2\n", "x.yaml")
    assert str(caught.value) == "x.yaml:2:18: docker_snapshot is not 1, the version that is read"


@pytest.mark.parametrize(
    ("own", "image", "user", "root", "how"),
    [
        ("", {}, "root", True, "default OCI image specification"),
        (None, {}, "root", True, "default OCI image specification"),
        ("1000", {"User": "1000"}, "1000", False, "inherited image app:1"),
        ("0:0", {"User": "0:0"}, "0:0", True, "inherited image app:1"),
        ("1000", {"User": "app"}, "1000", False, "declared"),
        ("root", {}, "root", True, "declared"),
    ],
)
def test_user(own: str | None, image: dict[str, Any], user: str, root: bool, how: str) -> None:
    found = container(image, Config={"User": own, "Image": "app:1"})
    provenance = found.provenance(("user",))
    assert found.facts["user"] == user
    assert found.facts["runs_as_root"] is root
    assert f"{provenance.how} {provenance.of or ''}".strip() == how
    assert found.provenance(("runs_as_root",)) == provenance


@pytest.mark.parametrize(
    ("written", "tags", "reference", "tag"),
    [
        ("app:1", ["app:1"], "app:1", "1"),
        ("app", ["app:latest"], "app", "latest"),
        ("aaaaaaaaaaaa", ["app:1"], "app:1", "1"),
        ("sha256:" + "a" * 64, ["app:1"], "app:1", "1"),
        ("app:1", [], "app:1", "1"),  # the tag was moved to a newer image
        ("aaaaaaaaaaaa", [], "sha256:aaaaaaaaaaaa", None),
        ("aaaaaaaaaaaa", ["<none>:<none>"], "sha256:aaaaaaaaaaaa", None),
    ],
)
def test_reference(written: str, tags: list[str], reference: str, tag: str | None) -> None:
    image = "sha256:" + "a" * 64
    snapshot = {
        "docker_snapshot": 1,
        "containers": [{"Name": "/web", "Image": image, "Config": {"Image": written}}],
        "images": [{"Id": image, "RepoTags": tags}],
    }
    own, ref, _ = read(snapshot)[0]
    found: Any = own.facts["image"]
    assert found["reference"] == ref.facts["reference"] == reference
    assert found["tag"] == tag if tag else isinstance(found["tag"], Unknown)
    assert (ref.name, ref.facts["used_by"]) == ("web", "container")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("default", "bridge"),
        ("", "bridge"),
        ("bridge", "bridge"),
        ("host", "host"),
        ("none", "none"),
        ("container:" + "c" * 64, "container:web"),
        ("container:gone", "container:gone"),
        ("shop_default", None),
    ],
)
def test_network_mode(mode: str, expected: str | None) -> None:
    assert host(NetworkMode=mode).facts.get("network_mode") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("no-new-privileges", "no-new-privileges:true"),
        ("no-new-privileges=true", "no-new-privileges:true"),
        ("no-new-privileges:false", "no-new-privileges:false"),
        ("seccomp=unconfined", "seccomp=unconfined"),
        ("seccomp:unconfined", "seccomp=unconfined"),
        ("label=type:svirt_t", "label=type:svirt_t"),
        ("label:disable", "label=disable"),
        ('seccomp={"a": "b:c"}', 'seccomp={"a": "b:c"}'),
    ],
)
def test_security_opt(written: str, expected: str) -> None:
    assert host(SecurityOpt=[written]).facts["security_opt"] == [expected]


def binding(address: str = "", port: str = "") -> dict[str, str]:
    return {"HostIp": address, "HostPort": port}


EVERYWHERE = [binding("0.0.0.0", "49153"), binding("::", "49153")]


@pytest.mark.parametrize(
    ("asked", "listening", "expected"),
    [
        ([], None, []),
        (None, [], []),
        ([binding()], None, [("0.0.0.0", None)]),
        ([binding(port="0")], None, [("0.0.0.0", None)]),
        ([binding(port="80")], None, [("0.0.0.0", "80")]),
        ([binding("::1", "80")], [binding("::1", "80")], [("::1", "80")]),
        ([binding()], EVERYWHERE, [("0.0.0.0", "49153")]),
        ([binding("0.0.0.0")], EVERYWHERE, [("0.0.0.0", "49153")]),
        # dockerd --ip 127.0.0.1
        ([binding(port="80")], [binding("127.0.0.1", "80")], [("127.0.0.1", "80")]),
        ([binding()], [binding("::", "49153")], [("::", "49153")]),
        ([binding(port="8000-8010")], [binding("0.0.0.0", "8003")], [("0.0.0.0", "8000-8010")]),
        (
            [binding("127.0.0.1"), binding()],
            [binding("127.0.0.1", "49152"), *EVERYWHERE],
            [("127.0.0.1", "49152"), ("0.0.0.0", "49153")],
        ),
        (
            [binding(), binding(), binding(port="80")],
            [*EVERYWHERE, binding("0.0.0.0", "49154"), binding("0.0.0.0", "80")],
            [("0.0.0.0", "49153"), ("0.0.0.0", "49154"), ("0.0.0.0", "80")],
        ),
    ],
)
def test_ports(asked: object, listening: object, expected: list[tuple[str, str | None]]) -> None:
    found = container(HostConfig={"PortBindings": {"80/tcp": asked}}, NetworkSettings={"Ports": {"80/tcp": listening}})
    ports: Any = found.facts.get("ports", [])
    assert [(port["host_ip"], port.get("published")) for port in ports] == expected


def test_addresses_and_paths_have_one_spelling() -> None:
    bindings = {"80/tcp": [binding("0:0::0", "80"), binding("::ffff:0.0.0.0", "81")]}
    mounts = [{"Type": "bind", "Source": "/var//run/./docker.sock", "Destination": "/s", "RW": True}]
    found: Any = container(HostConfig={"PortBindings": bindings}, Mounts=mounts).facts
    assert [port["host_ip"] for port in found["ports"]] == ["::", "0.0.0.0"]
    assert found["volumes"][0]["source"] == "/var/run/docker.sock"


@pytest.mark.parametrize("mode", ["host", "none", "container:c"])
def test_a_container_without_a_network_of_its_own_publishes_nothing(mode: str) -> None:
    assert "ports" not in host(NetworkMode=mode, PortBindings={"80/tcp": [binding()]}).facts


def test_no_new_privileges_of_the_daemon_is_a_default() -> None:
    info = {"SecurityOptions": ["name=no-new-privileges"]}
    found = container(info=info, HostConfig={"SecurityOpt": ["apparmor=x"]})
    assert found.facts["security_opt"] == ["apparmor=x", "no-new-privileges:true"]
    assert found.provenance(("security_opt", 1)).how == "default"
    own = container(info=info, HostConfig={"SecurityOpt": ["no-new-privileges:false"]})
    assert own.facts["security_opt"] == ["no-new-privileges:false"]


@pytest.mark.parametrize(
    ("config", "field", "value"),
    [
        ({"Memory": 0}, "mem_limit", None),
        ({"Memory": 1}, "mem_limit", 1),
        ({"PidsLimit": None}, "pids_limit", None),
        ({"PidsLimit": 0}, "pids_limit", None),
        ({"PidsLimit": -1}, "pids_limit", None),
        ({"PidsLimit": 1}, "pids_limit", 1),
        ({"NanoCpus": 250000000}, "cpus", 0.25),
        ({"CpuQuota": 50000}, "cpus", 0.5),
        ({"CpuQuota": 50000, "CpuPeriod": 25000}, "cpus", 2.0),
        ({"CpuQuota": -1}, "cpus", None),
        ({"IpcMode": "private"}, "ipc", None),
        ({"IpcMode": "host"}, "ipc", "host"),
        ({"PidMode": ""}, "pid", None),
        ({"PidMode": "host"}, "pid", "host"),
        ({"UsernsMode": "host"}, "userns_mode", "host"),
        ({"RestartPolicy": {"Name": ""}}, "restart", "no"),
        ({"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5}}, "restart", "on-failure:5"),
        ({"CapAdd": ["cap_sys_admin", "ALL"]}, "cap_add", ["SYS_ADMIN", "ALL"]),
        ({"CapDrop": []}, "cap_drop", None),
        ({"MaskedPaths": [], "ReadonlyPaths": [], "Privileged": True}, "security_opt", None),
        ({"MaskedPaths": [], "ReadonlyPaths": []}, "security_opt", ["systempaths=unconfined"]),
        ({"MaskedPaths": ["/proc/kcore"], "ReadonlyPaths": []}, "security_opt", None),
    ],
)
def test_host_config(config: dict[str, Any], field: str, value: object) -> None:
    assert host(**config).facts.get(field) == value


def test_what_equals_the_image_is_inherited_and_the_rest_is_declared() -> None:
    check = {"Test": ["CMD", "ping"]}
    image = {"Cmd": ["serve"], "Env": ["A=1", "B=1"], "Labels": {"x": "1", "y": "1"}, "Healthcheck": check}
    own = {"Cmd": ["serve"], "Env": ["A=1", "B=2"], "Labels": {"x": "1", "y": "2"}, "Healthcheck": check}
    found = container(image, Config={**own, "Image": "app:1"})
    fields: list[tuple[str, ...]] = [
        ("command",),
        ("environment", "A"),
        ("environment", "B"),
        ("labels", "x"),
        ("labels", "y"),
        ("healthcheck", "test"),
    ]
    assert [found.provenance(path).how for path in fields] == [
        "inherited",
        "inherited",
        "declared",
        "inherited",
        "declared",
        "inherited",
    ]
    other = container(image, Config={**own, "Healthcheck": {"Test": ["CMD-SHELL", "true"]}})
    assert other.provenance(("healthcheck",)).how == "declared"


def test_a_snapshot_without_containers_does_not_know_whether_an_image_is_used() -> None:
    images = [{"Id": "sha256:a", "RepoTags": ["app:1"]}]
    (alone,) = read({"docker_snapshot": 1, "images": images})[0]
    assert isinstance(alone.facts["in_use"], Unknown)
    assert alone.scope.closed == {"image"}
    (unused,) = read({"docker_snapshot": 1, "images": images, "containers": []})[0]
    assert unused.facts["in_use"] is False
    assert unused.scope.closed == {"image", "container", "image_ref"}


def test_an_excerpt_shows_no_secret_of_any_object_on_its_line() -> None:
    marker = "correct-horse"
    snapshot = {
        "docker_snapshot": 1,
        "containers": [
            {"Name": "/a", "HostConfig": {"Privileged": True}},
            {"Name": "/b", "Config": {"Env": [f"PASSWORD={marker}"]}},
            {"Name": "/c", "HostConfig": {"LogConfig": {"Config": {"splunk-token": marker}}}},
            {"Name": "/d", "HostConfig": {"Mounts": [{"VolumeOptions": {"DriverConfig": {"Options": {"o": marker}}}}]}},
        ],
        "images": [{"Id": "sha256:a", "Config": {"Env": [f"TOKEN={marker}"]}}],
        "info": {"Name": "h", "HttpProxy": f"http://u:{marker}@proxy:1"},
    }
    read_, context = document("s.json", json.dumps(snapshot).encode()), Context()
    first = next(iter(docker.read(read_, context)))
    excerpt = shown_line(first, first.where())
    assert excerpt is not None
    assert '"Privileged": true' in excerpt
    assert marker not in excerpt


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("docker://", DockerUrl()),
        ("docker:///", DockerUrl()),
        ("docker://prod", DockerUrl("prod")),
        ("docker://prod/container/web", DockerUrl("prod", "container", "web")),
        ("docker:///image/ghcr.io/acme/app:1@sha256:ab", DockerUrl("", "image", "ghcr.io/acme/app:1@sha256:ab")),
        ("docker:///network/bridge", DockerUrl("", "network", "bridge")),
        ("docker://prod/volume/data", DockerUrl("prod", "volume", "data")),
    ],
)
def test_url(url: str, expected: DockerUrl) -> None:
    assert parse(url) == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "docker://prod/contaner/web",
            'docker://prod/contaner/web: "contaner" is nothing that is read alone (did you mean "container"?)',
        ),
        (
            "docker:///image",
            "docker:///image: names no image (docker://[CONTEXT][/container/NAME | /image/REF | /network/NAME | "
            "/volume/NAME])",
        ),
        *(
            (
                f"docker:///{kind}/{name}",
                f'docker:///{kind}/{name}: "{name}" is the name of no {kind} (docker://[CONTEXT][/container/NAME | '
                "/image/REF | /network/NAME | /volume/NAME])",
            )
            for kind, name in (
                ("container", "../../x"),
                ("container", ".."),
                ("container", "web/"),
                ("container", "/web"),
                ("image", "a//b"),
                ("image", "./a"),
            )
        ),
        *(
            (
                url,
                "docker://: a source names a context, not a user at a host (set DOCKER_HOST, or make a context: "
                "docker context create NAME --docker host=ssh://USER@HOST)",
            )
            for url in ("docker://u:hunter2@h/x", "docker://u@h", "docker://u:hunt/er2@h", "docker://u:h/u/n/ter2@h/x")
        ),
    ],
)
def test_malformed_url(url: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(url)
    assert str(caught.value) == message


def test_mappings_of_another_form_are_problems() -> None:
    host = {"Ulimits": {"nofile": {"Soft": 1}}, "PortBindings": [{"80/tcp": []}]}
    (found, _), context, _ = read({"docker_snapshot": 1, "containers": [{"Name": "/a", "HostConfig": host}]})
    told = ["ports[0] should be another mapping", 'ulimits["nofile"] should be another mapping']
    assert sorted(problem.message for problem in context.problems) == told
    assert isinstance(found.facts["ulimits"], dict)
    assert isinstance(found.facts["ulimits"]["nofile"], Unknown)


@pytest.mark.parametrize(
    "containers",
    [
        [{"Name": "/a"}, "correct-horse"],
        [{"Name": "/a", "Config": ["A=correct-horse"]}],
        [{"Name": "/a", "HostConfig": {"LogConfig": ["correct-horse"]}}],
    ],
)
def test_an_excerpt_shows_nothing_of_what_stands_where_secrets_do(containers: list[object]) -> None:
    snapshot = json.dumps({"docker_snapshot": 1, "containers": containers})
    first = next(iter(docker.read(document("s.json", snapshot.encode()), Context())))
    excerpt = shown_line(first, first.where())
    assert excerpt is not None
    assert "correct-horse" not in excerpt


@pytest.mark.parametrize(
    ("platform", "user", "facts"),
    [
        ("windows", "", {"user": "ContainerAdministrator", "runs_as_root": False}),
        ("windows", "ContainerUser", {"user": "ContainerUser", "runs_as_root": False}),
        ("linux", "", {"user": "root", "runs_as_root": True, "read_only": False}),
    ],
)
def test_on_windows_there_is_no_root_and_no_read_only_root_filesystem(
    platform: str, user: str, facts: dict[str, object]
) -> None:
    found = container(Platform=platform, Config={"User": user}, HostConfig={"ReadonlyRootfs": False})
    assert {
        field: found.facts[field] for field in ("user", "runs_as_root", "read_only") if field in found.facts
    } == facts


def test_who_runs_where_an_image_sets_no_user() -> None:
    images: list[Any] = [
        {"Id": f"sha256:{os}", "RepoTags": ["a:1"], "Os": os, "Config": {}} for os in ("linux", "windows")
    ]
    found = read({"docker_snapshot": 1, "images": images})[0]
    assert [image.facts["default_user"] for image in found] == ["root", "ContainerAdministrator"]
