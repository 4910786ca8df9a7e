from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.dockerfile_instruction import _SHAPES
from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import dockerfile, document_inputs
from policyengine.inputs.context import Context
from policyengine.inputs.dockerfile.expand import MAX_SUBSTITUTED, Expander
from policyengine.inputs.dockerfile.stages import MAX_PORTS
from policyengine.model.kinds import kind
from policyengine.model.kinds.dockerfile import IMAGE_CONFIG
from policyengine.model.provenance import ABSENT, DECLARED, Provenance
from policyengine.model.unknown import Unknown

from .dockerfile_reading import FIXTURES, at, described, leaves, of_kind, read

FILES = sorted(path for path in FIXTURES.glob("*/*") if path.name != "resources.txt")
REAL = Path(__file__).parents[3] / "shared" / "corpora" / "realworld" / "dockerfile"
SECRET = "hunter2"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_fixtures_are_read_whole(path: Path) -> None:
    assert described(path) == (path.parent / "resources.txt").read_text()


@pytest.mark.parametrize("name", sorted(dockerfile.SUPPLIES))
def test_fixtures_fill_every_field_that_is_supplied_and_no_other(name: str) -> None:
    resources = [resource for path in FILES for resource in read(path.read_text()) if resource.kind == name]
    assert {field for resource in resources for field in resource.facts} == dockerfile.SUPPLIES[name]
    assert dockerfile.SUPPLIES[name] <= set(kind(name).fields)


def test_nothing_but_the_kinds_that_are_supplied_is_read() -> None:
    assert {resource.kind for path in FILES for resource in read(path.read_text())} == set(dockerfile.SUPPLIES)


def test_it_is_an_input_that_claims_dockerfiles_only() -> None:
    assert document_inputs()["dockerfile"].claims(DockerfileDocument("x", "FROM a")) > 0
    assert dockerfile.claims(YamlDocument("x", "FROM: a")) == 0


def test_names_parents_and_scope() -> None:
    text = "ARG A\nFROM a AS b\nUSER c\nFROM b\nCOPY --from=d:1 e f"
    shown = [(str(r.kind), r.name, r.parent, str(r.scope), r.origin) for r in read(text, "shop/app/Dockerfile.dev")]
    file, scope, origin = "dockerfile/Dockerfile.dev", "dockerfile:app", "dockerfile"
    assert shown == [
        ("dockerfile", "Dockerfile.dev", None, scope, origin),
        ("stage", "b", file, scope, origin),
        ("stage", "1", file, scope, origin),
        ("image_ref", "a", file, scope, origin),
        ("image_ref", "d:1", file, scope, origin),
        ("instruction", "ARG 1", file, scope, origin),
        ("instruction", "FROM 2", "stage/b", scope, origin),
        ("instruction", "USER 3", "stage/b", scope, origin),
        ("instruction", "FROM 4", "stage/1", scope, origin),
        ("instruction", "COPY 5", "stage/1", scope, origin),
    ]


def test_the_scope_of_a_file_is_its_directory_and_that_of_standard_input_has_no_name() -> None:
    scopes = [read("FROM a", path)[0].scope for path in ("Dockerfile", "a/../b/Dockerfile", "-")]
    assert [(scope.name, scope.source) for scope in scopes] == [
        ("", "Dockerfile"),
        ("b", "a/../b/Dockerfile"),
        ("", "-"),
    ]


def test_the_top_directory_of_a_source_has_no_name_for_a_checkout_may_have_any() -> None:
    context = Context(source="../elsewhere")
    paths = ("../elsewhere/Dockerfile", "../elsewhere/app/Dockerfile", "Dockerfile", "elsewhere/Dockerfile")
    found = [next(dockerfile.read(DockerfileDocument(path, "FROM a"), context)).scope.name for path in paths]
    assert found == ["", "app", "", "elsewhere"]


def test_instructions_are_all_that_the_model_knows() -> None:
    assert set(kind("instruction").fields["instruction"].type.values) == set(_SHAPES)


IDENTITIES = [
    ("FROM nginx:1.27@sha256:" + "a" * 64, "docker.io/library/nginx"),
    ("FROM nginx:1 AS web", "web"),
    ("FROM nginx:1 AS web\nFROM web", "web"),
    ("FROM nginx:1\nFROM scratch", "scratch"),
    ("ARG V\nFROM ghcr.io/acme/app:${V}", "ghcr.io/acme/app"),
    ("ARG V\nFROM $V", "$V"),
]


@pytest.mark.parametrize(("text", "name"), IDENTITIES)
def test_the_identity_of_a_file_and_of_its_last_stage(text: str, name: str) -> None:
    assert [one.identity for one in read(text) if one.kind in ("dockerfile", "stage")][::-1][0] == (name,)
    assert read(text)[0].identity == (name,)


def test_the_identities_of_images_and_instructions() -> None:
    text = "FROM nginx:1\nENV A=1 B=2\nCOPY --from=acme/b:2 c d\nRUN e"
    assert [one.identity for one in read(text) if one.kind in ("image_ref", "instruction")] == [
        ("docker.io/library/nginx", "FROM"),
        ("docker.io/acme/b", "COPY --from"),
        ("FROM", "nginx:1"),
        ("ENV", "A B"),
        ("COPY", "c d"),
        ("RUN", "e"),
    ]


def test_what_nothing_sets_is_absent_and_found_at_the_last_from() -> None:
    file, first, last = (
        r for r in read("FROM a AS b\nFROM --platform=x c:1\nRUN d") if r.kind in ("dockerfile", "stage")
    )
    for field in IMAGE_CONFIG:
        assert (field in file.facts, file.provenance((field,)), at(file.where((field,)))) == (False, ABSENT, "2:19-22")
        assert (at(first.where((field,))), at(last.where((field,)))) == ("1:6-7", "2:19-22")
    assert at(first.where(("platform",))) == "1:6-7"


INHERITED = """\
FROM a AS one
USER b
ENV C=1 D=2
EXPOSE 1
LABEL l=1
FROM one AS two
ENV D=3
FROM two
LABEL m=2
"""


def test_what_earlier_stages_set_is_inherited() -> None:
    file = read(INHERITED)[0]
    one, two = Provenance("inherited", "stage one"), Provenance("inherited", "stage two")
    expected = {
        ("user",): (one, "2:6-7"),
        ("environment",): (two, "7:5-8"),
        ("environment", "C"): (one, "3:7-8"),
        ("environment", "D"): (two, "7:7-8"),
        ("expose",): (one, "4:8-9"),
        ("expose", 0): (one, "4:8-9"),
        ("labels",): (DECLARED, "9:7-10"),
        ("labels", "l"): (one, "5:9-10"),
        ("labels", "m"): (DECLARED, "9:9-10"),
        ("base",): (one, "1:6-7"),
    }
    assert {path: (file.provenance(path), at(file.where(path))) for path in expected} == expected


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('CMD ["a"]\nENTRYPOINT ["b"]', ["a"]),
        ('CMD ["a"]\nFROM one\nENTRYPOINT ["b"]', None),
        ('CMD ["a"]\nFROM one\nENTRYPOINT ["b"]\nCMD ["c"]', ["c"]),
        ('CMD ["a"]\nFROM one\nCMD ["c"]\nENTRYPOINT ["b"]', ["c"]),
        ('ENTRYPOINT ["b"]\nFROM one\nCMD ["c"]', ["c"]),
        ('CMD ["a"]\nCMD []', []),
        ('CMD ["a"]\nCMD', []),
        ("CMD a b", ["/bin/sh", "-c", "a b"]),
        ('SHELL ["/bin/bash", "-c"]\nCMD a b', ["/bin/bash", "-c", "a b"]),
        ('SHELL ["/bin/bash", "-c"]\nFROM one\nCMD a b', ["/bin/bash", "-c", "a b"]),
        ("FROM --platform=windows/amd64 x\nCMD a", ["cmd", "/S", "/C", "a"]),
    ],
)
def test_command(text: str, command: list[str] | None) -> None:
    assert read(f"FROM x AS one\n{text}")[0].facts.get("command") == command


@pytest.mark.parametrize(
    ("base", "text", "file", "stage"),
    [
        ("x", "WORKDIR /a", "/a", "/a"),
        ("x", "WORKDIR /a/\nWORKDIR b/../c", "/a/c", "/a/c"),
        ("x", "WORKDIR b", None, "b"),
        ("scratch", "WORKDIR b", "/b", "b"),
        ("x", "WORKDIR /a\nFROM one\nWORKDIR b\nWORKDIR c", "/a/b/c", "b/c"),
        ("x", "WORKDIR /a\nFROM one\nWORKDIR /b", "/b", "/b"),
        ("x", "WORKDIR C:\\\\a", "C:\\a", "C:\\a"),
    ],
)
def test_workdir(base: str, text: str, file: str | None, stage: str) -> None:
    resources = [r for r in read(f"FROM {base} AS one\n{text}") if r.kind in ("dockerfile", "stage")]
    found, own = resources[0].facts["workdir"], resources[-1].facts["workdir"]
    assert own == stage
    if file is None:
        found, file = str(found), str(Unknown("image.workdir", "it is relative to the base image's working directory"))
    assert found == file


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("80", ["80/tcp"]),
        ("80 443/TCP 53/udp", ["80/tcp", "443/tcp", "53/udp"]),
        ("80 80/tcp", ["80/tcp"]),
        ("8000-8002/udp", ["8000/udp", "8001/udp", "8002/udp"]),
        ("${P} ${Q}", ["80/tcp", "90/tcp", "91/tcp"]),
        ("70000", ["70000/tcp"]),
        ("1-70000", ["1-70000/tcp"]),
        ("9-1", []),
    ],
)
def test_expose(written: str, expected: list[str]) -> None:
    facts = read(f"FROM x\nENV P=80 Q='90 91'\nEXPOSE {written}")[0].facts
    assert facts.get("expose", []) == expected


def test_ranges_of_ports_are_bounded() -> None:
    text = "FROM x\n" + "".join(f"EXPOSE 1-{65535 - number}\n" for number in range(500))
    ports = read(text)[0].facts["expose"]
    assert isinstance(ports, list)
    assert len(ports) < MAX_PORTS
    assert any(isinstance(port, Unknown) for port in ports)


PLATFORM = Unknown("image", "the builder sets TARGETARCH")


def missing(name: str) -> Unknown:
    return Unknown("image", f"ARG {name} has no value", f"--env {name}=VALUE")


BASES = [
    ("ARG V=1\nFROM a:$V", {}, "a:1"),
    ("ARG V=1\nFROM a:${V}-b", {}, "a:1-b"),
    ("ARG V=1\nFROM a:${V}-b", {"V": "2"}, "a:2-b"),
    ("ARG V\nFROM a:$V", {"V": "2"}, "a:2"),
    ("ARG V\nFROM a:$V", {}, missing("V")),
    ("ARG V\nFROM a:${V:-3}", {}, "a:3"),
    ("ARG V\nFROM a:${V-3}", {}, "a:3"),
    ("ARG V=\nFROM a:${V:-3}", {}, "a:3"),
    ("ARG V=\nFROM a:1${V-3}", {}, "a:1"),
    ("ARG V\nFROM a${V:+:3}", {}, "a"),
    ("ARG V=1\nFROM a${V:+:3}", {}, "a:3"),
    ("ARG V=1\nFROM a:${V:-$W}", {}, "a:1"),
    ("ARG V\nARG W=4\nFROM a:${V:-${W}}", {}, "a:4"),
    ("ARG V\nARG W\nFROM a:${V:-$W}", {}, missing("W")),
    ("ARG V=1 W=$V-2\nFROM a:$W", {}, "a:1-2"),
    ("ARG V\nARG W=a:$V\nFROM $W", {}, missing("V")),
    ("ARG TOKEN=1\nFROM a:$TOKEN", {}, Unknown("image", "TOKEN names a secret, and is not looked at")),
    ("ARG TOKEN\nFROM a:${TOKEN:-1}", {"TOKEN": "2"}, Unknown("image", "TOKEN names a secret, and is not looked at")),
    ("ARG TOKEN=1\nARG V=a:$TOKEN\nFROM $V", {}, Unknown("image", "TOKEN names a secret, and is not looked at")),
    ("FROM a:$V", {}, Unknown("image", "no ARG before the first FROM declares V")),
    ("FROM a:$V", {"V": "1"}, Unknown("image", "no ARG before the first FROM declares V")),
    ("FROM a:${V:-1}", {}, "a:1"),
    ("FROM a:$TARGETARCH", {}, PLATFORM),
    ("FROM a:$TARGETARCH", {"TARGETARCH": "arm64"}, "a:arm64"),
    ("ARG TARGETARCH\nFROM a:${TARGETARCH:-x}", {}, PLATFORM),
    ("ARG TARGETARCH=y\nFROM a:$TARGETARCH", {}, "a:y"),
    ("ARG V=1\nFROM x\nARG V=2\nFROM a:$V", {}, "a:1"),
    ('ARG V="1"\nFROM "a":$V', {}, "a:1"),
    ("FROM a:${V", {}, Unknown("image", "a substitution is not closed")),
    ("FROM a:${V%.*}", {}, Unknown("image", "the substitution of V is not evaluated")),
    ("FROM a:${}", {}, Unknown("image", "a substitution lacks its name")),
    ("ARG V\nFROM a:${V:?e}", {}, Unknown("image", "a variable that must have a value has none")),
    ("FROM a:'", {}, Unknown("image", "a quote is not closed")),
    ("FROM a:" + "${V:-" * 100 + "}" * 100, {}, Unknown("image", "substitutions nest more than 20 deep")),
]


@pytest.mark.parametrize(("text", "env", "base"), BASES, ids=lambda value: str(value)[:40])
def test_from(text: str, env: dict[str, str], base: object) -> None:
    file, reference = read(text, env=env)[0], of_kind("image_ref", text, env)[-1]
    assert (file.facts["base"], reference.facts["reference"]) == (base, base)


VALUES = [
    ("ENV V=1", "$V", "1"),
    ("ENV V=1", "${V}${V}", "11"),
    ("ENV V=1", "\\$V", "$V"),
    ("ENV V=1", "'$V'", "$V"),
    ("ENV V=1", '"$V \\" \\a"', '1 " \\a'),
    ("ENV V=1", "a'b'\"c\"", "abc"),
    ("ENV V=1", "$1$@x$", "x$"),
    ("ENV V=1\nENV V=2 W=$V", "$W", "1"),
    ("ARG V=1", "$V", "1"),
    ("ARG V=1\nENV V=2", "$V", "2"),
    ("ENV V=2\nARG V=1", "$V", "2"),
    ("ARG V", "$V", Unknown("build argument", "ARG V has no value", "--env V=VALUE")),
    ("ARG V", "${V:-3}", "3"),
    ("ARG G", "$G", "7"),
    ("ARG G=8", "$G", "8"),
    ("ARG GIVEN=8", "$GIVEN", "9"),
    ("USER x", "$G", Unknown("image.environment", "the base image may set G")),
    ("USER x", "${G:-1}", Unknown("image.environment", "the base image may set G")),
    ("ARG TARGETOS", "$TARGETOS", Unknown("build argument", "the builder sets TARGETOS")),
    ("FROM scratch", "$G", ""),
    ("FROM scratch", "${G:-1}", "1"),
    ("FROM one", "$IN_ONE$ARG_IN_ONE", "56"),
    ("FROM x", "$IN_ONE", Unknown("image.environment", "the base image may set IN_ONE")),
]


@pytest.mark.parametrize(("before", "written", "value"), VALUES)
def test_variables_in_a_stage(before: str, written: str, value: object) -> None:
    text = f"ARG G=7\nFROM x AS one\nENV IN_ONE=5\nARG ARG_IN_ONE=6\n{before}\nLABEL l={written}"
    labels = read(text, env={"GIVEN": "9"})[0].facts["labels"]
    assert labels == {"l": value}


@pytest.mark.parametrize(
    ("instruction", "field", "value"),
    [
        ("ENV A=$V", "environment", {"V": "1", "A": "1"}),
        ("ENV A $V b", "environment", {"V": "1", "A": "1 b"}),
        ("EXPOSE $V", "expose", ["1/tcp"]),
        ("USER $V:$V", "user", "1:1"),
        ("WORKDIR /$V", "workdir", "/1"),
        ("LABEL l$V=$V", "labels", {"l1": "1"}),
        ("HEALTHCHECK CMD a $V", "healthcheck", {"test": ["CMD-SHELL", "a $V"]}),
        ('CMD ["$V"]', "command", ["$V"]),
    ],
)
def test_which_instructions_substitute(instruction: str, field: str, value: object) -> None:
    assert read(f"FROM x\nENV V=1\n{instruction}")[0].facts[field] == value


def test_doubling_variables_do_not_fill_the_memory() -> None:
    text = "FROM x\nENV A0=xxxxxxxxxx\n" + "".join(f"ENV A{n + 1}=$A{n}$A{n}\n" for n in range(60))
    environment = read(text)[0].facts["environment"]
    assert isinstance(environment, dict)
    assert isinstance(environment["A60"], Unknown)
    assert sum(len(value) for value in environment.values() if isinstance(value, str)) <= MAX_SUBSTITUTED + 10


IMAGES = [
    ("FROM a\nFROM b:1", [("a", "FROM"), ("b:1", "FROM")]),
    ("FROM scratch", []),
    ("FROM a AS b\nFROM B", [("a", "FROM")]),
    ("FROM b\nFROM a AS b", [("b", "FROM"), ("a", "FROM")]),
    ("FROM a AS a", [("a", "FROM")]),
    ("FROM a AS b\nCOPY --from=b c d\nCOPY --from=B c d\nCOPY --from=0 c d", [("a", "FROM")]),
    ("FROM a\nCOPY --from=b:1 c d", [("a", "FROM"), ("b:1", "COPY --from")]),
    ("FROM a\nCOPY --from=b c d\nFROM c AS b", [("a", "FROM"), ("c", "FROM")]),
    ("FROM a\nRUN --mount=type=bind,from=b:1,target=/ c", [("a", "FROM"), ("b:1", "RUN --mount")]),
    (
        "FROM a\nRUN --mount=from=b:1 --mount=from=c:1 d",
        [("a", "FROM"), ("b:1", "RUN --mount"), ("c:1", "RUN --mount")],
    ),
    ("FROM a AS b\nRUN --mount=from=b,target=/ --mount=type=secret,id=x c", [("a", "FROM")]),
    ("FROM a\nADD --from=b c d", [("a", "FROM")]),
]


@pytest.mark.parametrize(("text", "expected"), IMAGES)
def test_image_references(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(r.name, r.facts["used_by"]) for r in of_kind("image_ref", text)] == expected


def test_the_parts_of_a_reference_that_nobody_wrote_are_defaults() -> None:
    used, copied = of_kind("image_ref", "FROM a\nCOPY --from=ghcr.io/b:latest c d")
    assert [used.provenance((part,)).how for part in ("reference", "registry", "tag")] == [
        "declared",
        "default",
        "default",
    ]
    assert [copied.provenance((part,)).how for part in ("registry", "tag")] == ["declared", "declared"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ghcr.io/acme/app:$V", "ghcr.io/acme/app"),
        ("ghcr.io/acme/app:1-${V}", "ghcr.io/acme/app"),
        ("$R/app@$V", "acme.example:5000/app"),
        ("localhost:5000/app:$V", "localhost:5000/app"),
        ("a:${R:+$V}", "docker.io/library/a"),
        ("$V:1", None),
        ("app$V", None),
        ("localhost:$V/app:1", None),
        ("'a':$V", None),
    ],
)
def test_the_name_of_an_image_whose_tag_is_unknown_is_known(written: str, name: str | None) -> None:
    facts = of_kind("image_ref", f"ARG R=acme.example:5000\nARG V\nFROM {written}")[0].facts
    assert facts["tag"] == facts["digest"] == facts["reference"] == missing("V")
    assert facts["name"] == (name or missing("V"))


def test_a_base_that_may_be_an_earlier_stage_leaves_open_what_the_last_stage_does_not_set() -> None:
    file = read("ARG MODE\nFROM a AS dev\nUSER b\nFROM ${MODE}\nEXPOSE 1")[0]
    assert {field: file.facts[field] for field in IMAGE_CONFIG} == {
        **dict.fromkeys(IMAGE_CONFIG, missing("MODE")),
        "expose": ["1/tcp"],
    }
    assert "user" not in read("ARG BASE\nFROM $BASE")[0].facts


@pytest.mark.parametrize(
    "text",
    [
        "ENV A=hunter2 B='hunter2'",
        "ENV A hunter2",
        "ARG A=hunter2",
        "ONBUILD ENV A=hunter2",
        "ONBUILD ARG A=hunter2",
        "env A=x \\\n  B=hunter2",
        "ENV A=x$hunter2",
        "ENV A=${hunter2",
    ],
)
def test_values_of_env_and_arg_are_shown_nowhere_but_in_the_sensitive_field(text: str) -> None:
    of = DockerfileDocument("Dockerfile", f"FROM x\n{text}\nRUN y")
    resources = list(dockerfile.read(of, Context()))
    shown = [
        value
        for r in resources
        for path, value in leaves(r.facts, ())
        if path[0] != "environment" and value == str(value)
    ]
    excerpts = [resource.origins.excerpt(line) for resource in resources for line in range(1, len(of.lines) + 1)]
    assert SECRET in of.text
    assert SECRET not in repr(shown) + repr(excerpts) + repr([resource.name for resource in resources])


@settings(max_examples=300, deadline=None)
@given(st.text("$AB{}:-+'\"\\ x", max_size=30))
def test_any_word_expands_to_text_or_is_unknown(word: str) -> None:
    value = Expander("\\").expand(word, {"A": "a", "B": None}.get)
    assert isinstance(value, str | Unknown)
    if not set("$'\"\\") & set(word):
        assert value == word


def test_real_files_are_read() -> None:
    if not REAL.is_dir():
        pytest.skip("no collection of real Dockerfiles beside the repository")
    for path in sorted(path for path in REAL.rglob("*") if path.is_file()):
        for resource in read(path.read_text(), str(path)):
            for field, _ in leaves(resource.facts, ()):
                assert resource.where(field).line is not None
                resource.provenance(field)
