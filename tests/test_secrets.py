"""A secret from an input never appears: in no format, no problem, no message, no report of a crash."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest

from policyengine.outputs import formats
from tests.once import ONCE
from tests.running import COMMAND, cli, variables

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = ONCE

MARKER = "k3J8-Hunter2-qZ"
ENCODED = base64.b64encode(MARKER.encode()).decode()
TRACES = (MARKER, ENCODED, "Hunter2")

COMPOSE = f"""\
services:
  db:
    image: postgres
    privileged: true
    environment:
      POSTGRES_PASSWORD: {MARKER}
      DATABASE_URL: postgres://app:{MARKER}@db/app
    ports: ["5432:5432"]
"""
KUBERNETES = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: db}}
data: {{password: {ENCODED}}}
stringData:
  password: {MARKER}
---
apiVersion: v1
kind: Pod
metadata: {{name: db}}
spec:
  containers:
    - name: db
      image: postgres
      securityContext: {{privileged: true}}
      env:
        - name: DB_PASSWORD
          value: {MARKER}
        - {{name: API_TOKEN, value: "{MARKER}"}}
"""
SNAPSHOT = f"""\
docker_snapshot: 1
containers:
  - Id: "1"
    Name: /db
    Config: {{Image: postgres, Env: [POSTGRES_PASSWORD={MARKER}, "URL=http://u:{MARKER}@x"], User: ""}}
    HostConfig: {{Privileged: true}}
images:
  - {{Id: "sha256:1", RepoTags: [postgres], Config: {{Env: [POSTGRES_PASSWORD={MARKER}]}}}}
"""


def service(text: str, indent: str = "    ") -> str:
    """A Compose file whose one service holds a text."""
    lines = "".join(f"{indent}{line}\n" for line in text.splitlines())
    return f"services:\n  db:\n{indent}image: postgres\n{indent}privileged: true\n{lines}"


def secret(text: str) -> str:
    """A Kubernetes Secret with what a text says."""
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\n{text}\n"


def snapshot(env: str) -> str:
    """A recorded container with an environment."""
    return f"docker_snapshot: 1\ncontainers:\n  - {{Id: '1', Name: /a, HostConfig: {{}}, Config: {{Env: {env}}}}}\n"


def pod(text: str) -> str:
    """A Pod whose one container holds a text."""
    lines = "".join(f"      {line}\n" for line in text.splitlines())
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec:\n  containers:\n    - name: db\n{lines}"


WELL_FORMED = {
    "compose.yaml": COMPOSE,
    "list/compose.yaml": service(f"environment:\n  - POSTGRES_PASSWORD={MARKER}\n  - 'API_TOKEN={MARKER}'"),
    "flow/compose.yaml": f"services: {{db: {{image: db, privileged: true, environment: {{API_TOKEN: {MARKER}}}}}}}\n",
    "flowlist/compose.yaml": service(f'environment: [API_TOKEN={MARKER}, "DB_PASSWORD={MARKER}"]'),
    "same-line/compose.yaml": f"services:\n  db: {{privileged: true, environment: [API_TOKEN={MARKER}], pid: host}}\n",
    "quoted/compose.yaml": service(f'environment:\n  "API_TOKEN": "{MARKER}"\n  DB_PASSWORD: \'{MARKER}\''),
    "block/compose.yaml": service(
        f"environment:\n  API_TOKEN: |\n    first\n    {MARKER}\n  PASSWORD: >-\n    {MARKER}"
    ),
    "folded/compose.yaml": service(f'environment:\n  API_TOKEN: "first\n    {MARKER}"'),
    "anchor/compose.yaml": f"x-env: &env\n  DB_PASSWORD: {MARKER}\n" + service("environment: *env\nlabels: *env"),
    "merge/compose.yaml": f"x-env: &env\n  DB_PASSWORD: {MARKER}\n" + service("environment:\n  <<: *env\n  A: b"),
    "number/compose.yaml": service(f"environment:\n  DB_PASSWORD: !!str {MARKER}"),
    "dotenv/compose.yaml": service("environment:\n  DB_PASSWORD: ${PASSWORD}\n  URL: http://u:${PASSWORD}@x"),
    "dotenv/.env": f"PASSWORD={MARKER}\n",
    "default/compose.yaml": service(f"environment:\n  DB_PASSWORD: ${{PASSWORD:-{MARKER}}}"),
    "given/compose.yaml": service("environment:\n  DB_PASSWORD: ${FROM_OUTSIDE}\ncommand: psql ${FROM_OUTSIDE}"),
    "kubernetes.yaml": KUBERNETES,
    "list.yaml": "apiVersion: v1\nkind: List\nitems:\n  - "
    + pod(f"env: [{{name: API_TOKEN, value: {MARKER}}}]").replace("\n", "\n    "),
    "secret.json": f'{{"apiVersion": "v1", "kind": "Secret", "metadata": {{}}, "data": {{"a": "{ENCODED}"}}}}',
    "snapshot.yaml": SNAPSHOT,
    "Dockerfile": f"FROM nginx:latest\nARG API_TOKEN={MARKER}\nENV DB_PASSWORD={MARKER} A=b\nENV API_TOKEN {MARKER}\n",
    "context/compose.yaml": f"services: {{a: {{build: 'https://oauth2:{MARKER}@github.com/a/b.git'}}}}\n",
    "token-context/compose.yaml": "services: {a: {build: {context: 'https://ghp_Hunter2abcdef@github.com/a/b.git'}}}\n",
    "image-url/compose.yaml": f"services:\n  a: {{image: 'https://u:{MARKER}@reg.io/nginx', privileged: true}}\n",
    "outside/compose.yaml": service(
        "image: nginx:${PASSWORD}\ncommand: redis --requirepass ${PASSWORD}\nuser: ${PASSWORD}\nlabels: [a=$PASSWORD]"
    ).replace("    image: postgres\n", ""),
    "outside/.env": f"PASSWORD={MARKER}\n",
    "project/compose.yaml": "name: ${PASSWORD}\n" + service("pid: host"),
    "project/.env": f"PASSWORD={MARKER}\n",
    "extension/compose.yaml": f"{{x-secrets: {{DB_PASSWORD: {MARKER}}}, services: {{a: {{image: b, pid: host}}}}}}\n",
    "minified/compose.yaml": f'{{"x":{{"db_password":"{MARKER}"}},"services":{{"a":{{"image":"b","pid":"host"}}}}}}\n',
    "command/compose.yaml": f'services:\n  a: {{image: b, privileged: true, command: ["--password={MARKER}"]}}\n',
    "option/compose.yaml": f'services:\n  a: {{image: b, privileged: true, command: ["--password", "{MARKER}"]}}\n',
    "option-text/compose.yaml": f"services:\n  a: {{image: b, command: x --password {MARKER}, privileged: true}}\n",
    "labels/compose.yaml": f"services:\n  a: {{image: b, privileged: true, labels: {{db.password: {MARKER}}}}}\n",
    "build-labels/compose.yaml": f"services:\n  a: {{image: b, pid: host, build: {{labels: [token={MARKER}]}}}}\n",
    "url/compose.yaml": f"services:\n  a: {{image: b, privileged: true, command: psql postgres://u:{MARKER}@db/a}}\n",
    "args.yaml": pod(f'{{image: b, securityContext: {{privileged: true}}, args: ["--token", "{MARKER}"]}}').replace(
        "- name: db\n      {", "- {name: db, "
    ),
    "annotated.json": '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a",'
    f'"annotations":{{"api-token":"{MARKER}"}}}},'
    '"spec":{"hostNetwork":true,"containers":[{"name":"a","image":"b"}]}}',
    "from/Dockerfile": f"ARG TOKEN={MARKER}\nFROM nginx:${{TOKEN}}\nUSER root\n",
    "from-inner/Dockerfile": f"ARG TOKEN={MARKER}\nARG BASE=nginx:$TOKEN\nFROM ${{BASE}}\n",
    "user/Dockerfile": f"FROM nginx\nARG TOKEN={MARKER}\nARG B=$TOKEN\nUSER $TOKEN\nWORKDIR a/$B\nLABEL a=$TOKEN\n",
    "from-url/Dockerfile": f"FROM https://u:{MARKER}@reg.io/nginx\n",
    "map.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  DB_PASSWORD: {MARKER}\n  a: b\n",
    "file/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.conf: |\n"
    f"    user = a\n    password = {MARKER}\n",
    "build-arguments/compose.yaml": f"services: {{a: {{build: {{context: ., args: [NPM_TOKEN={MARKER}]}}}}}}\n",
    "run/Dockerfile": f"FROM a\nRUN curl https://ci:{MARKER}@x && \\\n  app --password {MARKER}\n"
    f"LABEL db.password={MARKER}\nRUN <<EOF\nexport DB_PASSWORD={MARKER}\nEOF\nCMD app --password {MARKER}\n",
    "arguments/Dockerfile": f"FROM a\nRUN curl -u ci:{MARKER} https://x && \\\n  mysql \\\n  -p{MARKER}\nRUN sudo ls\n"
    f"RUN useradd -p {MARKER} bob && sshpass -p '{MARKER}' ssh x\nRUN docker login -u bob -p {MARKER} reg.io\n"
    f"RUN npm config set //r.io/:_authToken {MARKER} && aws configure set aws_secret_access_key {MARKER}\n"
    f'RUN curl -H "Authorization: Bearer {MARKER}" x\nRUN echo "machine x login bob password {MARKER}" > ~/.netrc\n'
    f'CMD ["curl", "-u", "ci:{MARKER}"]\n',
    "operands/arguments/Dockerfile": f"FROM httpd:latest\nRUN sudo htpasswd -Bbn admin {MARKER} > /x && \\\n"
    f"  curl -b session={MARKER} -H 'Cookie: a={MARKER}' x\nRUN echo root:{MARKER} | sudo chpasswd\n"
    f"RUN sudo chpasswd <<EOF\nroot:{MARKER}\nEOF\nRUN echo '//r.io/:_auth={MARKER}' > .npmrc\n"
    f"RUN npm config set //r.io/:_password={MARKER} && mc alias set a http://x a {MARKER}\nRUN cat <<EOF > .npmrc\n"
    f"//r.io/:_authToken={MARKER}\n_auth = {MARKER}\nEOF\n",
    "arguments/compose.yaml": f"services:\n  a: {{image: b, privileged: true, command: [mysql, -p{MARKER}]}}\n"
    f"  b: {{image: b, privileged: true, entrypoint: [curl], command: [-u, 'ci:{MARKER}']}}\n",
    "operands/arguments/compose.yaml": f"services:\n  a: {{image: b, privileged: true, command: [htpasswd, -nb, a, "
    f"{MARKER}]}}\n  b: {{image: b, privileged: true, command: [curl, -H, 'Authorization: SSWS {MARKER}']}}\n"
    f"  c: {{image: b, privileged: true, command: sh -c 'echo root:{MARKER} | chpasswd'}}\n",
    "arguments/lists/compose.yaml": service(
        f"command:\n  - curl\n  - -u\n  - ci:{MARKER}\n  - --password\n  - {MARKER}"
    ),
    "arguments.yaml": pod(
        f"image: b\nsecurityContext: {{privileged: true}}\ncommand: [mysql]\nargs:\n  - -p{MARKER}\n  - --password\n"
        f'  - "{MARKER}"'
    ),
    "history/snapshot.yaml": "docker_snapshot: 1\nimages:\n  - Id: 'sha256:1'\n    RepoTags: [a]\n    History:\n"
    f"      - {{Created: 1, CreatedBy: '|1 NPM_PASSWORD={MARKER} /bin/sh -c npm ci'}}\n",
    "multi/Dockerfile": f'FROM nginx\nENV A=b \\\n    DB_PASSWORD="{MARKER}" \\\n    C=d\n',
}
"""Inputs that are as they should be, but for the secret in them."""

MALFORMED = {
    "a string": service(f"environment: DB_PASSWORD={MARKER}"),
    "a list of maps": service(f"environment:\n  - DB_PASSWORD: {MARKER}"),
    "a map of maps": service(f"environment:\n  DB_PASSWORD: {{value: {MARKER}}}"),
    "a list in a list": service(f"environment:\n  - [DB_PASSWORD={MARKER}]"),
    "a key": service(f"environment:\n  {MARKER}:\n  DB_PASSWORD={MARKER}:\n"),
    "a key that is no word": service(f"environment:\n  ? [DB_PASSWORD, {MARKER}]\n  : b"),
    "a text in which nothing is assigned": service(f"environment:\n  - DB_PASSWORD {MARKER}"),
    "cut off after it": service(f"environment:\n  DB_PASSWORD: {MARKER}\n  A: ["),
    "cut off in it": service(f'environment:\n  DB_PASSWORD: "{MARKER}'),
    "given twice": service(f"environment:\n  DB_PASSWORD: {MARKER}\n  DB_PASSWORD: {MARKER}"),
    "given twice in a list": service(f"environment: [DB_PASSWORD={MARKER}, DB_PASSWORD={MARKER}]"),
    "tabs": service(f"environment:\n\t\tDB_PASSWORD: {MARKER}"),
    "a tab after it": service(f"environment:\n  DB_PASSWORD: {MARKER}\n\tA: b"),
    "two on a line": service(f"environment:\n  DB_PASSWORD: {MARKER} A: b"),
    "an unknown tag": service(f"environment:\n  DB_PASSWORD: !vault {MARKER}"),
    "an unknown tag that is the secret": service(f"environment:\n  DB_PASSWORD: !{MARKER} a"),
    "an alias of nothing": service(f"environment:\n  DB_PASSWORD: *{MARKER}"),
    "an interpolation that never ends": service(f"environment:\n  DB_PASSWORD: ${{{MARKER}"),
    "an interpolation of no name": service(f"environment:\n  DB_PASSWORD: ${{{MARKER}!}}"),
    "an interpolation that demands": service(f"environment:\n  DB_PASSWORD: ${{P:?{MARKER}}}"),
    "a control character": service(f"environment:\n  DB_PASSWORD: {MARKER}\x01"),
    "control characters in quotes": service(f'environment:\n  DB_PASSWORD: "{MARKER}\\q"'),
    "a Secret that is a text": secret(f"data: {ENCODED}\nstringData: {MARKER}"),
    "a Secret that is a list": secret(f"data: [{ENCODED}]\nstringData:\n - {MARKER}"),
    "a Secret of lists": secret(f"data: {{a: [{ENCODED}]}}\nstringData: {{a: [{MARKER}]}}"),
    "a Secret cut off": secret(f"data:\n  a: {ENCODED}\n  b: ["),
    "env as a text": pod(f"env: DB_PASSWORD={MARKER}"),
    "env as texts": pod(f"env: [DB_PASSWORD={MARKER}]"),
    "env as a map": pod(f"env: {{DB_PASSWORD: {MARKER}}}"),
    "env with a list": pod(f"env:\n  - name: DB_PASSWORD\n    value: [{MARKER}]"),
    "env with a map": pod(f"env:\n  - name: DB_PASSWORD\n    value: {{a: {MARKER}}}"),
    "env with the name as secret": pod(f"env:\n  - name: [{MARKER}]\n    value: a"),
    "env given twice": pod(f"env:\n  - name: DB_PASSWORD\n    value: a\n    value: {MARKER}"),
    "a snapshot with a text": snapshot(f"A={MARKER}"),
    "a snapshot with a map": snapshot(f"{{A: {MARKER}}}"),
    "a snapshot with texts": snapshot(f"[{MARKER}, 5]"),
}
"""Inputs that are wrong where the secret stands, or right after it."""

DOCKERFILES = {
    "ENV of nothing": f"FROM a\nENV {MARKER}\n",
    "ENV half": f"FROM a\nENV A=b {MARKER}\n",
    "ENV that never ends": f'FROM a\nENV DB_PASSWORD="{MARKER}\nUSER a\n',
    "ENV with a bad variable": f"FROM a\nENV DB_PASSWORD=${{A!{MARKER}}}\n",
    "ARG of many": f"FROM a\nARG A={MARKER} {MARKER}\n",
    "an unknown instruction": f"FROM a\nENVV DB_PASSWORD={MARKER}\n",
    "ENV before FROM": f"ENV DB_PASSWORD={MARKER}\nFROM a\n",
    "cut off": f"FROM a\nENV DB_PASSWORD={MARKER} \\",
}


def check_everything(where: Path, *arguments: str) -> str:
    """All that a check says in every format, with everything that can be asked for."""
    wanted = [f"--format={name}={where}/report.{name}" for name in formats()]
    ended = cli("check", *arguments, *wanted, "--all", "--verbose", cwd=where, TMPDIR=str(where))
    assert ended.code in (0, 1, 2), ended
    reports = {name: where / f"report.{name}" for name in formats()}
    # A statement about nothing is none: where nothing was judged there is no in-toto.
    written = [path.read_text() for name, path in reports.items() if name != "in-toto" or path.exists()]
    return "".join([ended.out, ended.err, *written])


def assert_silent(said: str) -> None:
    lines = [line for line in said.splitlines() if any(trace in line for trace in TRACES)]
    assert lines == []


@pytest.mark.parametrize("name", [name for name in WELL_FORMED if not name.endswith(".env")])
def test_a_secret_in_a_well_formed_input(name: str, tmp_path: Path) -> None:
    folder = name.rpartition("/")[0]
    for path, text in WELL_FORMED.items():
        if path == name or path == f"{folder}/.env":
            (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / path).write_text(text)
    said = check_everything(tmp_path, name, "--env", f"FROM_OUTSIDE={MARKER}")
    assert '"problems": []' in said
    assert_silent(said)


@pytest.mark.parametrize("name", [name for name in WELL_FORMED if "arguments" in name])
def test_a_diff_shows_no_argument_that_is_a_secret(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / name).write_text(WELL_FORMED[name])
    ended = cli("check", name, "--pack", "all", "--diff", "--unsafe-fixes", cwd=tmp_path, TMPDIR=str(tmp_path))
    assert ended.out.startswith("--- a/")
    assert_silent(ended.out + ended.err)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_secret_in_a_malformed_input(name: str, tmp_path: Path) -> None:
    (tmp_path / "input.yaml").write_text(MALFORMED[name])
    assert_silent(check_everything(tmp_path, "input.yaml"))


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_secret_in_a_malformed_dockerfile(name: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILES[name])
    assert_silent(check_everything(tmp_path, "Dockerfile"))


def test_a_secret_among_the_arguments(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    for arguments in (["--env", MARKER], ["--env", f"={MARKER}"]):
        ended = cli("check", "compose.yaml", *arguments, cwd=tmp_path)
        assert ended.code == 2
        assert_silent(ended.out + ended.err)


CRASH = """
import policyengine.inputs.compose as compose
import policyengine.cli as cli

def read(document, context):
    secret = document.values[0]["services"]["db"]["environment"]["POSTGRES_PASSWORD"]
    try:
        raise KeyError(secret)
    except KeyError as error:
        raise ValueError(f"cannot read {secret}") from error
    yield

compose.read = read
cli.main()
"""


def test_a_crash_tells_where_but_not_what(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    ended = subprocess.run(
        [COMMAND[0], "-c", CRASH, "check", "compose.yaml"],
        cwd=tmp_path,
        env=variables(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    (written,) = tmp_path.glob("*.traceback")
    assert ended.returncode == 3
    text = written.read_text()
    assert "in read" in text
    assert "caused by" in text
    assert_silent(ended.stdout + ended.stderr + text)
    assert written.stat().st_mode & 0o077 == 0


ENGINE_CRASH = """
import policyengine.policy.body as body
import policyengine.cli as cli
from msgspec.structs import replace

def verdict(facts, around):
    raise ValueError(str(facts))

compiled = body.compile_schema
body.compile_schema = lambda *given: replace(compiled(*given), verdict=verdict)
cli.main()
"""


def test_a_crash_in_a_policy_is_its_error_and_tells_no_facts(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    wanted = [f"--format={name}=report.{name}" for name in formats()]
    ended = subprocess.run(
        [COMMAND[0], "-c", ENGINE_CRASH, "check", "compose.yaml", "--all", "-v", *wanted],
        cwd=tmp_path,
        env=variables(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    for name in formats():
        said = (tmp_path / f"report.{name}").read_text()
        assert ("ValueError while evaluating" in said) == (name != "in-toto")  # which names policies only
        assert_silent(ended.stdout + ended.stderr + said)


@pytest.mark.parametrize(
    "host",
    ["tcp://u:{}@127.0.0.1:1", "http://u:{}@127.0.0.1:1", "ssh:/u:{}@x", "tcp://u:{}@:x", "tcp://u:{}/x@y", "u:{}@x"],
)
def test_a_secret_in_the_address_of_an_engine(host: str, tmp_path: Path) -> None:
    ended = cli("check", "docker://", cwd=tmp_path, DOCKER_HOST=host.format(MARKER))
    assert ended.code == 2
    assert_silent(ended.out + ended.err)


POLICY = """\
version: 1
id: acme/leak
title: A policy that tries to tell what it must not
category: runtime
severity: low
why: A test.
target: container
require:
  environment: {maxlength: 0}
message: "{name}: {value} {actual} {field} {key}"
examples:
  pass: [{compose: "services: {a: {image: b}}"}]
  fail: [{compose: "services: {a: {image: b, environment: {A: b}}}"}]
"""


@pytest.mark.parametrize(
    "body",
    [
        "require:\n  environment: {maxlength: 0}",
        "require:\n  environment{}: {nullable: true, forbidden: [x], maxlength: 1}",
        "require:\n  environment{}: {nullable: true, regex: x}",
        "assert:\n  - {cel: size(environment) == 0, field: environment}",
        'assert:\n  - cel: environment["POSTGRES_PASSWORD"] == "x"\n    field: environment["POSTGRES_PASSWORD"]',
    ],
)
def test_a_hostile_policy_cannot_tell_a_secret(body: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    text = POLICY.replace("require:\n  environment: {maxlength: 0}", body)
    for message in ('"{name}: {value}"', '"{name}: {key}"', '"{name}: {environment}"', '"{value}"'):
        (tmp_path / "leak.yaml").write_text(text.replace('"{name}: {value} {actual} {field} {key}"', message))
        assert_silent(check_everything(tmp_path, "compose.yaml", "-p", "leak.yaml"))


LEAKS = {
    "command": "command: redis-server --requirepass ${REDIS_PASSWORD}",
    "command of words": "command: [redis-server, --requirepass, '${REDIS_PASSWORD}']",
    "written command": f"command: redis-server --requirepass {MARKER}",
    "written command of words": f"command: [redis-server, --requirepass, {MARKER}]",
    "written assignment": f"command: env PASSWORD={MARKER} redis-server",
    "entrypoint": f"entrypoint: [psql, 'postgres://u:{MARKER}@db/a']",
    "labels": f"labels: {{db.password: {MARKER}}}",
    "user": "user: ${REDIS_PASSWORD}",
    "image": "image: nginx:${REDIS_PASSWORD}",
}


@pytest.mark.parametrize("name", LEAKS)
@pytest.mark.parametrize("field", ["command", "command[]", "entrypoint", "labels", "user", "image.tag"])
def test_a_policy_about_what_is_no_secret_by_its_place(name: str, field: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(f"services:\n  a:\n    build: .\n    {LEAKS[name]}\n")
    (tmp_path / ".env").write_text(f"REDIS_PASSWORD={MARKER}\n")
    rule = (
        f"{field}: {{maxlength: 0}}"
        if field in ("command", "entrypoint", "labels")
        else f"{field}: {{forbidden: [x], regex: x}}"
    )
    text = POLICY.replace("environment: {maxlength: 0}", rule).replace(
        "{actual} ", "{" + field.removesuffix("[]") + "} "
    )
    (tmp_path / "leak.yaml").write_text(text)
    said = check_everything(tmp_path, "compose.yaml", "-p", "leak.yaml")
    assert '"problems": []' in said
    assert_silent(said)
