from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.yaml import YamlDocument
from policyengine.errors import DocumentError
from policyengine.inputs import compose
from policyengine.inputs.compose import keys
from policyengine.inputs.compose.project import normalized, project
from policyengine.inputs.context import Context
from policyengine.model.kinds import kind
from policyengine.model.location import Location
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from tests.judging import shown_line

from .compose_reading import FILES, container, described, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.resource import Resource

OF_IMAGE = Unknown("image.healthcheck", "the health check depends on the image nginx", "--resolve engine or registry")
REAL = Path(__file__).parents[3] / "shared" / "corpora" / "realworld" / "compose"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_fixtures_are_read_whole(path: Path) -> None:
    assert described(path) == (path.parent / "resources.txt").read_text()


def resources(path: Path) -> Iterator[Resource]:
    return compose.read(YamlDocument(str(path), path.read_text()), Context())


def test_supplies_says_exactly_what_fixtures_show() -> None:
    filled: dict[str, set[str]] = {}
    for path in FILES:
        for resource in resources(path):
            known = {name for name, value in resource.facts.items() if not isinstance(value, Unknown)}
            filled.setdefault(resource.kind, set()).update(known)
            assert set(resource.facts) <= compose.supplies()[resource.kind]
    assert filled == compose.supplies()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_secrets_are_never_shown(path: Path) -> None:
    context = Context()
    found = list(compose.read(YamlDocument(str(path), path.read_text()), context))
    shown = [
        shown_line(resource, Location(str(file), line))
        for resource in found
        for file in path.parent.rglob("*.yaml")
        for line in range(1, len(file.read_text().splitlines()) + 1)
    ]
    unknown = [value for resource in found for value in resource.facts.values() if isinstance(value, Unknown)]
    assert "hunter" not in f"{shown}{context.problems}{unknown}"


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {image: x, environment: {A: hunter2}}}",
        "services: {web: {image: x, environment: [A=hunter2]}}",
        "services: {web: {image: x, environment: [{A: hunter2}]}}",
        "services: {web: {image: x, environment: A=hunter2}}",
        "services: {web: {environment: {A: [[hunter2]]}}}",
        "services: {web: {build: {args: [A=hunter2]}}}",
        "services: {web: {image: x, logging: {options: {splunk-token: hunter2}}}}",
        "services: {web: {image: x, post_start: [{command: a, environment: [A=hunter2]}]}}",
        "services: {web: {image: x, pre_stop: [{command: a, environment: {A: hunter2}}]}}",
        "services: {web: {provider: {type: x, options: {token: hunter2}}}}",
        "secrets: {token: {content: hunter2}}\nservices: {web: {image: x}}",
        "configs: {token: {content: hunter2}}\nservices: {web: {image: x}}",
        "volumes: {share: {driver_opts: {o: 'password=hunter2'}}}\nservices: {web: {image: x}}",
        "x-env: &env {A: hunter2}\nservices: {web: {image: x, environment: {<<: *env}}}",
        "x-env: &env {A: hunter2}\nservices: {web: {image: x, environment: *env}}",
        "services: {web: {image: x, environment: {A: hunter2, B: '${'}}}",
        "x-env: &env {A: hunter2}\nservices: {web: {provider: {type: x}, environment: {<<: *env}}}",
        "services: {web: {image: x, ports: {environment: 5}, environment: {A: 'hunter2${B'}}}",
    ],
)
def test_hides(text: str) -> None:
    document, context = YamlDocument("compose.yaml", text), Context()
    list(compose.read(document, context))
    assert "hunter2" not in "".join(document.excerpt(line) or "" for line in (1, 2))
    assert "hunter2" not in str(context.problems)


@pytest.mark.parametrize(
    ("service", "shown"),
    [
        ("{command: [-uroot, -phunter2], entrypoint: [mysql]}", "{command: [-uroot, ****], entrypoint: [mysql]}"),
        ("{command: -uroot -phunter2, entrypoint: mysql}", "{command: ****, entrypoint: mysql}"),
        ("{entrypoint: mysql, init: true, command: [-phunter2]}", "{entrypoint: mysql, init: true, command: [****]}"),
        ("{command: [-pfast], entrypoint: [app]}", "{command: [-pfast], entrypoint: [app]}"),
        ("{command: mysql -phunter2 db}", "{command: mysql -p**** db}"),
        ("{command: 7, entrypoint: {a: b}}", "{command: 7, entrypoint: {a: b}}"),
    ],
)
def test_secrets_among_arguments_are_hidden_wherever_the_entry_point_is_written(service: str, shown: str) -> None:
    document = YamlDocument("compose.yaml", f"services: {{web: {service}}}")
    list(compose.read(document, Context()))
    assert document.excerpt(1) == f"services: {{web: {shown}}}"


def test_of_variables_only_the_values_are_hidden() -> None:
    text = "services: {web: {image: x, environment: [A=hunter2, B=, C=$D], labels: [E=f]}}"
    document = YamlDocument("compose.yaml", text)
    list(compose.read(document, Context()))
    assert document.excerpt(1) == "services: {web: {image: x, environment: [A=****, B=, C=****], labels: [E=f]}}"


@pytest.mark.parametrize(
    ("path", "text", "claim"),
    [
        ("compose.yaml", "services: {web: {image: x}}", 4),
        ("compose.yml", "services: {}", 4),
        ("a/docker-compose.yml", "services: {web: }", 4),
        ("docker-compose.prod.yaml", "services: {web: {ports: []}}", 4),
        ("compose.override.yaml", "services: {web: {ports: []}}", 4),
        ("shop.compose.yml", "services: {web: {ports: []}}", 4),
        ("compose.yaml", "a: 1\n---\nservices: {web: {image: x}}", 4),
        ("compose.yaml", "services: [web]", 0),
        ("compose.yaml", "networks: {a: }", 0),
        ("compose.yaml", "- services", 0),
        ("compose.yaml", "", 0),
        ("compose.json", '{"services": {"web": {"image": "x"}}}', 2),
        ("stack.yaml", "services: {web: {image: x}}", 2),
        ("stack.yaml", "services: {web: {build: .}, db: {}}", 2),
        ("stack.yaml", "services: {web: {ports: []}}", 2),
        ("stack.yaml", "version: '3'\nx-a: 1\nservices: {web: {ports: [], x-b: 1}, db: {}}\nnetworks: {a: }", 2),
        ("stack.yaml", "services: {web: {}}", 0),
        ("stack.yaml", "services: {web: {ports: [], autowire: true}}", 0),
        ("stack.yaml", "services: {web: {ports: []}}\nparameters: {}", 0),
        ("stack.yaml", "services: {web: {ports: []}}\n1: {}", 0),
        ("stack.yaml", "services: {web: {image: x}, note: text}", 0),
        ("stack.yaml", "services: {web: {image: x}}\n---\nservices: {db: {image: x}}", 0),
        ("stack.yaml", "apiVersion: v1\nservices: {web: {image: x}}", 0),
        ("stack.yaml", "kind: Thing\nservices: {web: {image: x}}", 0),
        (".gitlab-ci.yml", "services: [docker:dind]", 0),
    ],
)
def test_claims(path: str, text: str, claim: int) -> None:
    assert compose.claims(YamlDocument(path, text)) == claim


def test_claims_no_dockerfile() -> None:
    assert compose.claims(DockerfileDocument("compose.yaml.Dockerfile", "FROM nginx")) == 0


@pytest.mark.parametrize(
    ("path", "text", "env", "name"),
    [
        ("/srv/My Shop.v2/compose.yaml", "", {}, "myshopv2"),
        ("/srv/_-x/compose.yaml", "", {}, "x"),
        ("/srv/a/../b/compose.yaml", "", {}, "b"),
        ("/compose.yaml", "", {}, ""),
        ("/srv/a/compose.yaml", "name: Front", {}, "front"),
        ("/srv/a/compose.yaml", "name: ${STAGE:-dev}-shop", {}, "dev-shop"),
        ("/srv/a/compose.yaml", "name: ${STAGE}-shop", {"STAGE": "prod"}, "prod-shop"),
        ("/srv/a/compose.yaml", "name: ${STAGE}-shop", {}, "a"),
        ("/srv/a/compose.yaml", "name: ${", {}, "a"),
        ("/srv/a/compose.yaml", "name: [a]", {}, "a"),
        ("/srv/a/compose.yaml", "name: ''", {}, "a"),
        ("/srv/a/compose.yaml", "name: b", {"COMPOSE_PROJECT_NAME": "c"}, "c"),
    ],
)
def test_project(path: str, text: str, env: dict[str, str], name: str) -> None:
    found, problems = read(f"{text}\nservices: {{web: {{image: x}}}}", path, env)
    assert [(str(resource.scope), resource.scope.source) for resource in found] == [
        (f"compose:{name}" if name else "compose", path)
    ] * 2
    assert found[0].scope.closed == frozenset()
    assert problems == []


def test_projects_in_a_relative_path_are_named_by_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scope = project("compose.yaml", None, {})
    assert scope.name == normalized(tmp_path.name)


@pytest.mark.parametrize(
    ("written", "field", "value"),
    [
        ("command: 'a \"b c\" d'", "command", ["a", "b c", "d"]),
        ("command: it's", "command", ["it's"]),
        ("command: ''", "command", []),
        ("command: []", "command", []),
        ("command: ", "command", None),
        ("command: [1, yes, 0x10]", "command", ["1", "yes", "0x10"]),
        ("entrypoint: sh -c", "entrypoint", ["sh", "-c"]),
        ("privileged: true", "privileged", True),
        ("privileged: 'true'", "privileged", True),
        ("privileged: on", "privileged", True),
        ("privileged: 'TRUE'", "privileged", True),
        ("privileged: ", "privileged", False),
        ("cap_add: [cap_sys_admin, CAP_ALL, Net_Raw]", "cap_add", ["SYS_ADMIN", "ALL", "NET_RAW"]),
        ("security_opt: ['no-new-privileges:true']", "security_opt", ["no-new-privileges:true"]),
        ("security_opt: ['no-new-privileges=false']", "security_opt", ["no-new-privileges:false"]),
        ("security_opt: [no-new-privileges]", "security_opt", ["no-new-privileges:true"]),
        ("security_opt: ['label:user:a']", "security_opt", ["label=user:a"]),
        ("security_opt: ['label=user:a']", "security_opt", ["label=user:a"]),
        ("security_opt: [systempaths=unconfined]", "security_opt", ["systempaths=unconfined"]),
        ("security_opt: [odd]", "security_opt", ["odd"]),
        ("network_mode: host", "networks", None),
        ("network_mode: ''", "networks", ["default"]),
        ("networks: ", "networks", ["default"]),
        ("networks: {}", "networks", ["default"]),
        ("networks: {a: , b: {}}", "networks", ["a", "b"]),
        ("restart: ", "restart", "no"),
        ("restart: no", "restart", "no"),
        ("restart: 'on-failure:5'", "restart", "on-failure:5"),
        ("restart: 'no', deploy: {restart_policy: {condition: any}}", "restart", "always"),
        ("deploy: {restart_policy: {condition: none}}", "restart", "no"),
        ("deploy: {restart_policy: {}}", "restart", "always"),
        ("deploy: {restart_policy: {condition: on-failure}}", "restart", "on-failure"),
        ("healthcheck: {}", "healthcheck", {"test": OF_IMAGE, "disable": False}),
        ("healthcheck: {test: [], retries: 2}", "healthcheck", {"test": OF_IMAGE, "disable": False, "retries": 2}),
        ("healthcheck: ", "healthcheck", OF_IMAGE),
        ("healthcheck: {disable: yes}", "healthcheck", {"test": ["NONE"], "disable": True}),
        ("healthcheck: {test: [CMD, a]}", "healthcheck", {"test": ["CMD", "a"], "disable": False}),
        ("mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}", "mem_limit", 2**30),
        ("mem_limit: 0, deploy: {resources: {limits: {memory: 2g}}}", "mem_limit", 2**31),
        ("pids_limit: -1, deploy: {resources: {limits: {pids: 5}}}", "pids_limit", 5),
        ("mem_limit: 0, deploy: {resources: {}}", "mem_limit", None),
        ("deploy: ", "mem_limit", None),
        ("user: 0", "user", "0"),
        ("user: '0:0'", "runs_as_root", True),
        ("user: root", "runs_as_root", True),
        ("user: nginx", "runs_as_root", False),
        ("container_name: shop", "name", "shop"),
        ("devices: ['/dev/a']", "devices", ["/dev/a"]),
        ("devices: [{source: vendor.com/gpu=all}]", "devices", ["vendor.com/gpu=all"]),
        ("ports: []", "ports", []),
        ("volumes: ", "volumes", None),
        ("volumes: []", "volumes", []),
        ("use_api_socket: false", "volumes", None),
        ("environment: {}", "environment", {}),
        ("environment: [A=1, A=2]", "environment", {"A": "2"}),
        ("environment: {A: 1.10, B: 'null', C: null}", "environment", {"A": "1.10", "B": "null", "C": None}),
    ],
)
def test_fields(written: str, field: str, value: object) -> None:
    found = container(f"image: nginx, {written}").get(field)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("written", "user"),
    [
        ("image: nginx", Unknown("image.user", "the user depends on the image nginx", "--resolve engine or registry")),
        (
            "image: nginx, user: ''",
            Unknown("image.user", "the user depends on the image nginx", "--resolve engine or registry"),
        ),
        (
            "image: a, build: .",
            Unknown("image.user", "the user depends on the image a", "--resolve engine or registry"),
        ),
        ("build: ./x", Unknown("image.user", "the user depends on the image that is built from ./x")),
        ("build: {context: x}", Unknown("image.user", "the user depends on the image that is built from x")),
        ("build: {}", Unknown("image.user", "the user depends on the image that is built from this project")),
        (
            "image: '$A'",
            Unknown("image.user", "the user depends on the image: A has no value in .env or --env", "--env A=VALUE"),
        ),
        ("image: nginx, user: '$U'", Unknown("${U}", "U has no value in .env or --env", "--env U=VALUE")),
    ],
)
def test_users_that_the_image_settles(written: str, user: Unknown) -> None:
    facts = container(written)
    assert (facts["user"], facts["runs_as_root"]) == (user, user)


def test_an_image_that_is_built_has_only_what_is_written() -> None:
    assert container("build: .")["image"] == {"built": True}
    resources, _ = read("services: {web: {build: .}}")
    assert [resource.kind for resource in resources] == ["container"]
    unknown = Unknown("${A}", "A has no value in .env or --env", "--env A=VALUE")
    parts = dict.fromkeys(("reference", "registry", "repository", "name", "tag", "digest", "pinning"), unknown)
    assert container("build: ., image: $A")["image"] == {**parts, "built": True}


def test_a_service_that_a_provider_runs_is_no_container() -> None:
    assert read("services: {llm: {provider: {type: model}}}") == ([], [])


def test_a_service_may_be_named_like_an_extension() -> None:
    assert [resource.name for resource in read("services: {x-web: {build: .}}")[0]] == ["x-web"]


def test_every_document_of_a_stream_is_read() -> None:
    found, problems = read("services: {a: {build: .}}\n---\n- b\n---\nservices: {c: {build: .}}\n---\nservices: 5")
    assert [resource.name for resource in found] == ["a", "c"]
    assert [problem.message for problem in problems] == ["services should be a mapping, not an integer"]


@pytest.mark.parametrize("key", [*sorted(keys.SERVICE_KEYS), "x-image"])
def test_known_keys_are_no_mistakes(key: str) -> None:
    assert [problem for problem in read(f"services: {{web: {{{key}: }}}}")[1] if "unknown" in problem.message] == []


@pytest.mark.parametrize(
    ("key", "meant"), [("privilged", "privileged"), ("port", "ports"), ("Image", "image"), ("read-only", "read_only")]
)
def test_misspelt_keys(key: str, meant: str) -> None:
    problems = read(f"services:\n  web:\n    image: nginx\n    {key}: {{{key}: 1}}\n")[1]
    assert (problems[0].message, problems[0].line) == (f'unknown service key "{key}" (did you mean "{meant}"?)', 4)


def test_a_wrong_deploy_is_reported_once() -> None:
    problems = read("services: {web: {image: x, deploy: [limits]}}")[1]
    assert [problem.message for problem in problems] == ["deploy should be a mapping, not a sequence"]


_JUNK = st.sampled_from(
    """
    ~|yes|0|-1|1.5|.inf|.nan|0x1F|text|$A|${A:-b}|${|${A:-${B:-}}|a=b|[]|{}|[[]]|[~]|{a: ~}|[{a: [b]}]|{a: {b: c}}
    [1, x, {}, [], ~, $A, 'a:b:c']|'::'|':'|'/'|99999:1-65535|!!str 5|!reset null|*anchor|{<<: *anchor}|'\\'|1e999
    '0-0'|'[::1]:1:2'|' '|=|''|[[1], {target: []}, {type: bind, source: 5, target: $B}]|{test: [], disable: 5}
    """.strip()
    .replace("\n", "|")
    .split("|")
)
_KEYS = st.sampled_from([*sorted(keys.SERVICE_KEYS), "x-a", "privilged", "'<'", "0"])
_BELOW = st.sampled_from(
    ["resources", "limits", "memory", "restart_policy", "condition", "test", "disable", "target", "context", "args"]
)


def _mapping(keys: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.dictionaries(keys, values, max_size=6).map(
        lambda found: "{" + ", ".join(f"{key}: {value}" for key, value in found.items()) + "}"
    )


_VALUES = st.recursive(
    _JUNK,
    lambda below: st.one_of(
        st.lists(below, max_size=3).map(lambda items: f"[{', '.join(items)}]"), _mapping(_BELOW, below)
    ),
    max_leaves=6,
)
_SERVICES = _mapping(st.sampled_from(["web", "x-y", "1"]), st.one_of(_mapping(_KEYS, _VALUES), _VALUES))


_PARTS = ("name", "external", "driver", "driver_opts", "o", "device", "file")
_DEFINITION = _mapping(st.sampled_from(_PARTS), st.one_of(_JUNK, _mapping(st.sampled_from(_PARTS), _VALUES)))
_SECTION = st.one_of(_VALUES, _mapping(st.sampled_from(["default", "data"]), _DEFINITION))
_REFERRING = "{image: a, volumes: ['data:/d'], secrets: [data, {source: data, target: [1]}], networks: {data: 1, 2: }}"


@settings(deadline=None)
@given(services=_SERVICES, name=_JUNK, top=_SECTION)
def test_nothing_that_is_written_makes_it_fail(services: str, name: str, top: str) -> None:
    text = f"x-a: &anchor {{image: a, ports: [1]}}\nname: {name}\nvolumes: &top {top}\nnetworks: *top\nsecrets: *top\n"
    text += f"services: {services[:-1]}{', ' if len(services) > 2 else ''}ref: {_REFERRING}}}\n"
    try:
        document = YamlDocument("compose.yaml", text)
    except DocumentError:
        return
    assert compose.claims(document) in (0, 2, 4)
    context = Context(env={"A": "1"})
    for resource in compose.read(document, context):
        type_ = kind(resource.kind)
        for field in resource.facts:
            assert field in compose.supplies()[resource.kind]
            assert resource.where((field,)).line is not None
            assert resource.provenance((field,)).how in ("declared", "default", "unknown")
            assert type_.fields[field]
    assert all(problem.line for problem in context.problems)


_TAGGED = st.sampled_from(["", "!reset ", "!override "])
_OVER = _mapping(
    st.sampled_from(["web", "x-y", "1", "ref"]),
    st.builds(
        "{}{{extends: {}, environment: {}{}, ports: {}{}}}".format, _TAGGED, _VALUES, _TAGGED, _VALUES, _TAGGED, _VALUES
    ),
)


@settings(deadline=None)
@given(base=_SERVICES, over=_OVER, include=_VALUES, section=_SECTION)
def test_nothing_that_is_merged_makes_it_fail(base: str, over: str, include: str, section: str) -> None:
    text = f"x-a: &anchor {{image: a}}\nservices: {base}\nvolumes: {section}\nnetworks: {{default: 1}}\n---\n"
    text += f"x-a: &anchor {{image: a}}\nservices: {over}\ninclude: {include}\nvolumes: {{data: {{driver: x}}}}\n"
    try:
        document = YamlDocument("compose.yaml", text)
    except DocumentError:
        return
    context = Context(env={"A": "1"})
    for resource in compose.read(document, context):
        for field in resource.facts:
            assert resource.where((field,)).line is not None
            assert shown_line(resource, resource.where((field,))) is not None
            assert resource.provenance((field,)).how in ("declared", "default", "unknown")
    assert all(problem.path for problem in context.problems)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real-world files are not beside this repository")
def test_real_files_are_read_without_a_problem() -> None:
    problems, count = [], 0
    for path in sorted(REAL.rglob("*.y*ml")):
        document, context = YamlDocument(str(path), path.read_text()), Context()
        assert compose.claims(document), path
        count += sum(resource.kind == "container" for resource in compose.read(document, context))
        problems += context.problems
    assert count > 400
    # One file writes its environment as one text of several lines, which Compose refuses.
    assert [problem.message for problem in problems] == ["environment should be a mapping, not a string"]


def test_what_files_of_variables_hold_is_open() -> None:
    open_ = container("image: x, env_file: a.env, environment: {A: b}")["environment"]
    assert isinstance(open_, OpenMap)
    assert (dict(open_), open_.null, open_.unknown.fact) == ({"A": "b"}, True, "env_file")


def test_a_part_of_a_service_leaves_its_lists_and_maps_open() -> None:
    facts = container("extends: $N, image: x, cap_drop: [all], labels: {a: b}, ports: ['127.0.0.1:80:80']")
    assert isinstance(facts["cap_drop"], OpenList)
    assert isinstance(facts["labels"], OpenMap)
    assert (facts["cap_drop"], facts["labels"]) == (["ALL"], {"a": "b"})
    why = "what the service extends is not known: N has no value in .env or --env"
    assert facts["environment"] == Unknown("service.extends", why, "--env N=VALUE")


@pytest.mark.parametrize(
    "context", ["https://oauth2:hunter2@github.com/a/b.git", "git@github.com:a/b.git", "ssh://u:hunter2@x/y"]
)
def test_a_remote_build_context_is_not_told(context: str) -> None:
    for build in (f"'{context}'", f"{{context: '{context}'}}"):
        user = container(f"build: {build}")["user"]
        assert user == Unknown("image.user", "the user depends on the image that is built from a remote context")
