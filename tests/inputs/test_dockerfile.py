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
from policyengine.inputs.dockerfile.expand import MAX_SUBSTITUTED, Expander, Variable
from policyengine.inputs.dockerfile.ports import MAX_PORTS
from policyengine.model.kinds import kind
from policyengine.model.kinds.dockerfile import BUILD_CONFIG
from policyengine.model.location import Location
from policyengine.model.provenance import ABSENT, DECLARED, Provenance
from policyengine.model.unknown import OpenList, Unknown
from tests.judging import shown_line

from .dockerfile_reading import FIXTURES, at, described, leaves, of_kind, read

FILES = sorted(path for path in FIXTURES.glob("*/*") if path.name not in ("resources.txt", ".dockerignore"))
REAL = Path(__file__).parents[3] / "shared" / "corpora" / "realworld" / "dockerfile"
SECRET = "hunter2"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_fixtures_are_read_whole(path: Path) -> None:
    assert described(path) == (path.parent / "resources.txt").read_text()


@pytest.mark.parametrize("name", sorted(dockerfile.supplies()))
def test_fixtures_fill_every_field_that_is_supplied_and_no_other(name: str) -> None:
    found = (read(path.read_text(), str(path)) for path in FILES)
    resources = [resource for each in found for resource in each if resource.kind == name]
    assert {field for resource in resources for field in resource.facts} == dockerfile.supplies()[name]
    assert dockerfile.supplies()[name] <= set(kind(name).fields)


def test_nothing_but_the_kinds_that_are_supplied_is_read() -> None:
    assert {resource.kind for path in FILES for resource in read(path.read_text())} == set(dockerfile.supplies())


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
    for field in BUILD_CONFIG:
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
        ("022", ["22/tcp"]),
        ("2222:22 127.0.0.1:80:81/udp", ["22/tcp", "81/udp"]),
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
    ("ARG V=1.2.3\nFROM a:${V%.*}", {}, "a:1.2"),
    ("FROM a:${V%.*}", {}, Unknown("image", "no ARG before the first FROM declares V")),
    ("FROM a:${V^x}", {}, Unknown("image", "a substitution has a modifier that there is not")),
    ("ARG V=1\nFROM a:${V#\\x}", {}, Unknown("image", "a pattern escapes what needs no escape")),
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


WHOLE = "foobarbazfoo"
MODIFIED = [
    ("${V#foo}", "barbazfoo"),
    ("${V#bar}", WHOLE),
    ("${V#*b}", "arbazfoo"),
    ("${V##*b}", "azfoo"),
    ("${V#?}", "oobarbazfoo"),
    ("${V##*}", ""),
    ("${V#*}", WHOLE),
    ("${V%foo}", "foobarbaz"),
    ("${V%b*}", "foobar"),
    ("${V%%b*}", "foo"),
    ("${V%%?}", "foobarbazfo"),
    ("${V%'foo'}", "foobarbaz"),
    ("${V%$F}", "foobarbaz"),
    ("${V%}", WHOLE),
    ("${V/foo/X}", "Xbarbazfoo"),
    ("${V//foo/X}", "XbarbazX"),
    ("${V//o}", Unknown("substitution", "a substitution is not closed")),
    ("${V//o/}", "fbarbazf"),
    ("${V/b*z/$F}", "foofoofoo"),
    ("${V//b?/}", "foorzfoo"),
    ("${V//*/y}", "y"),
    ("${V/[fo]/X}", WHOLE),
    ("${P##*/}", "c.tar.gz"),
    ("${P%%.*}", "a/b/c"),
    ("${P%/*}/d", "a/b/d"),
    ("${P//\\//_}", "a_b_c.tar.gz"),
    ("${P/\\/*/}", "a"),
    ("${S#*\\*}", "y?z"),
    ("${S%\\?*}", "x*y"),
    ("${S/\\\\/}", "x*y?z"),
    ('"${V#foo}"', "barbazfoo"),
    ("${E:-${V#foo}}", "barbazfoo"),
    ("${E-d}${E+d}${E:+d}", "d"),
    ("${V:+${F}}", "foo"),
    ("${U#x}", Unknown("u", "w")),
    ("${V#$U}", Unknown("u", "w")),
    ("${V/$U/x}", Unknown("u", "w")),
    ("${V/x/$U}", Unknown("u", "w")),
    ("${NONE#x}", ""),
    ("${V#\\a}", Unknown("substitution", "a pattern escapes what needs no escape")),
    ("${V,,}", Unknown("substitution", "a substitution has a modifier that there is not")),
    ("${BIG%%*x*x*x*x*x*x*x*x}" + "y" * 9, Unknown("substitution", "a pattern needs too much work")),
]


@pytest.mark.parametrize(("written", "value"), MODIFIED, ids=[written for written, _ in MODIFIED])
def test_modifiers(written: str, value: object) -> None:
    variables: dict[str, Variable] = {
        "V": WHOLE,
        "F": "foo",
        "P": "a/b/c.tar.gz",
        "S": "x*y?z",
        "E": "",
        "U": Unknown("u", "w"),
    }
    lookup = {**variables, "BIG": "z" * 100_000}
    assert Expander("\\").expand(written, lookup.get) == value


def test_doubling_variables_do_not_fill_the_memory() -> None:
    text = "FROM x\nENV A0=xxxxxxxxxx\n" + "".join(f"ENV A{n + 1}=$A{n}$A{n}\n" for n in range(60))
    environment = read(text)[0].facts["environment"]
    assert isinstance(environment, dict)
    assert isinstance(environment["A60"], Unknown)
    assert sum(len(value) for value in environment.values() if isinstance(value, str)) <= MAX_SUBSTITUTED + 10


IMAGES = [
    ("FROM a\nONBUILD COPY --from=b:1 c d", [("a", "FROM"), ("b:1", "COPY --from")]),
    ("FROM a\nONBUILD RUN --mount=from=b:1 c", [("a", "FROM"), ("b:1", "RUN --mount")]),
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
    assert {field: file.facts[field] for field in BUILD_CONFIG} == {
        **dict.fromkeys(BUILD_CONFIG, missing("MODE")),
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
    lines = [Location(of.path, line) for line in range(1, len(of.lines) + 1)]
    excerpts = [shown_line(resource, line) for resource in resources for line in lines]
    assert SECRET in of.text
    assert SECRET not in repr(shown) + repr(excerpts) + repr([resource.name for resource in resources])


def test_a_variable_in_from_is_replaced_only_where_docker_does() -> None:
    text = "ARG V=1\nFROM a:$V\nARG V\nCOPY --from=b:$V c d"
    assert [r.facts["tag"] for r in of_kind("image_ref", text)] == [
        "1",
        Unknown("image", "a variable stands where Docker replaces none: a stage must name the image"),
    ]


ONBUILD = """\
FROM a AS one
ONBUILD USER b
ONBUILD ENV C=1
ONBUILD EXPOSE 1
ONBUILD HEALTHCHECK NONE
FROM one AS two
ONBUILD USER c
FROM two
"""


def test_what_onbuild_leaves_is_done_once_in_the_stages_that_stand_on_its_own() -> None:
    _, one, two, three = (r for r in read(ONBUILD) if r.kind in ("dockerfile", "stage"))
    assert [r.facts.get("onbuild") for r in (one, two, three)] == [
        ["USER b", "ENV C", "EXPOSE 1", "HEALTHCHECK NONE"],
        ["USER c"],
        None,
    ]
    assert [r.facts.get("user") for r in (one, two, three)] == [None, "b", "c"]
    assert two.facts["environment"] == {"C": "1"}
    assert [at(two.where(path)) for path in (("user",), ("environment", "C"), ("expose", 0))] == [
        "2:14-15",
        "3:15-16",
        "4:16-17",
    ]


def instructions(text: str, keyword: str, field: str) -> list[object]:
    """A field of the instructions of one keyword."""
    found = of_kind("instruction", text)
    return [r.facts.get(field) for r in found if r.facts["instruction"] == keyword]


SHELLS = [
    ("FROM a\nRUN b", ["/bin/sh", "-c"], "default"),
    ('FROM a\nSHELL ["c"]\nRUN b', ["c"], "declared"),
    ('FROM a AS d\nSHELL ["c"]\nFROM d\nRUN b', ["c"], "declared"),
    ('FROM a\nRUN b\nSHELL ["c"]', ["/bin/sh", "-c"], "default"),
    ("# escape=`\nFROM a\nRUN b", ["cmd", "/S", "/C"], "default"),
    ("FROM --platform=windows/amd64 a\nRUN b", ["cmd", "/S", "/C"], "default"),
    ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN b", ["cmd", "/S", "/C"], "default"),
    ("ARG V\nFROM mcr.microsoft.com/windows/nanoserver:$V\nRUN b", ["cmd", "/S", "/C"], "default"),
    ("FROM openjdk:21-windowsservercore AS a\nFROM a\nRUN b", ["cmd", "/S", "/C"], "default"),
]


@pytest.mark.parametrize(("text", "shell", "how"), SHELLS)
def test_shell(text: str, shell: list[str], how: str) -> None:
    run = next(r for r in of_kind("instruction", text) if r.facts["instruction"] == "RUN")
    assert (run.facts["shell"], run.provenance(("shell",)).how) == (shell, how)


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("FROM debian:12", "root"),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022", "ContainerAdministrator"),
        ("FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8", "ContainerAdministrator"),
        ("FROM microsoft/windowsservercore", "ContainerAdministrator"),
        ("FROM golang:1-windowsservercore AS a\nFROM a", "ContainerAdministrator"),
        ("FROM golang:1-windowsservercore AS a\nFROM debian:12", "root"),
        ("FROM --platform=windows/amd64 golang:1", "ContainerAdministrator"),
        ("# escape=`\nFROM a", "ContainerAdministrator"),
    ],
)
def test_who_runs_where_nothing_sets_a_user(text: str, user: str) -> None:
    [file] = of_kind("dockerfile", text)
    assert file.facts["default_user"] == user


def test_variables_in_add_and_copy() -> None:
    text = 'FROM x\nENV V=1\nARG U\nADD --chown=$V:$V --checksum=$U a$V \'$V\' /$V\nENV V=2\nCOPY ["$V", "/"]'
    missing_ = Unknown("build argument", "ARG U has no value", "--env U=VALUE")
    assert instructions(text, "ADD", "sources") == [["a1", "$V"]]
    assert instructions(text, "ADD", "destination") == ["/1"]
    assert instructions(text, "ADD", "flags") == [{"chown": "1:1", "checksum": missing_}]
    assert instructions(text, "COPY", "sources") == [["2"]]
    assert instructions("FROM x\nENV V=1\nCOPY --from=$V --exclude=a --exclude=$V b c", "COPY", "flags") == [
        {"from": "$V", "exclude": "a 1"}
    ]


REMOTE = [
    ("a b/c ./http://d", None),
    ("https://a/b", ["https://a/b"]),
    ("HTTP://a c", ["HTTP://a"]),
    ("git://a/b.git git@a:b.git ssh://a/b", ["git://a/b.git", "git@a:b.git", "ssh://a/b"]),
    ("$URL/c", ["https://e/c"]),
    ("https://a/$NONE", ["https://a/$NONE"]),
    ("$NONE", [Unknown("build argument", "ARG NONE has no value", "--env NONE=VALUE")]),
    ("target/$NONE target-$NONE.jar", None),
    ("http$NONE", [Unknown("build argument", "ARG NONE has no value", "--env NONE=VALUE")]),
    ("<<E", None),
]


@pytest.mark.parametrize(("sources", "expected"), REMOTE)
def test_remote_sources(sources: str, expected: object) -> None:
    text = f"FROM x\nENV URL=https://e\nARG NONE\nADD {sources} /\nE"
    text = text if "<<E" in sources else text[:-2]
    assert instructions(text, "ADD", "remote_sources") == [expected]


@pytest.mark.parametrize(
    ("text", "environment", "asked"),
    [
        ("ARG A", {"A": None}, ["A"]),
        ("ARG A= B='' C=\"\" D=1", {"A": "", "B": "", "C": "", "D": "1"}, ["A", "B", "C"]),
        ("ENV A=1 B=$NONE C=${V}2", {"A": "1", "B": None, "C": "12"}, None),
        ("ENV A b c", {"A": "b c"}, None),
        ("ONBUILD ENV A=1 B=$V", {"A": "1", "B": None}, None),
        ("ONBUILD ARG A", {"A": None}, ["A"]),
    ],
)
def test_variables_of_env_and_arg(text: str, environment: object, asked: object) -> None:
    facts = of_kind("instruction", f"FROM x\nENV V=1\n{text}")[-1].facts
    assert (facts["environment"], facts.get("build_arguments")) == (environment, asked)


def commands(text: str) -> object:
    """The names of the commands of the last instruction; what it says where they are not known."""
    found = of_kind("instruction", text)[-1].facts.get("commands")
    names = [command["name"] for command in found] if isinstance(found, list) else found
    return (names, found.unknown.why) if isinstance(found, OpenList) else names


COMMANDS = [
    ("RUN a && b", ["a", "b"]),
    ('RUN ["a", "b"]', ["a"]),
    ("RUN $A", [Unknown("commands.name", "a variable names the command")]),
    ("RUN a && && b", (["a", "b"], "line 2 is not understood as a shell's script")),
    ("RUN a \\\n  && && b", (["a", "b"], "line 3 is not understood as a shell's script")),
    ('SHELL ["pwsh", "-c"]\nRUN a', Unknown("commands", "pwsh is no shell whose commands are read")),
    ('SHELL ["C:\\\\X.EXE"]\nRUN a', Unknown("commands", "x is no shell whose commands are read")),
    ('SHELL ["pwsh", "-c"]\nRUN ["a"]', ["a"]),
    ('SHELL ["/usr/bin/bash", "-c"]\nRUN a', ["a"]),
    ("ONBUILD RUN a", ["a"]),
    ("HEALTHCHECK CMD a || b", ["a", "b"]),
    ('HEALTHCHECK CMD ["a"]', ["a"]),
    ("HEALTHCHECK NONE", None),
    ('ENTRYPOINT ["a", "b"]', ["a"]),
    ("ENTRYPOINT", []),
    ("CMD a", ["a"]),
    ('CMD ["a"]', None),
    ("COPY a b", None),
]


@pytest.mark.parametrize(("text", "expected"), COMMANDS)
def test_commands(text: str, expected: object) -> None:
    assert commands(f"FROM x\n{text}") == expected


def test_options_and_operands() -> None:
    found = of_kind("instruction", "FROM x\nRUN a -yq b --c=d --e f - -- -g -y")[-1].facts["commands"]
    assert isinstance(found, list)
    assert (found[0]["options"], found[0]["operands"]) == (["y", "q", "c", "e"], ["b", "f", "-"])


def test_commands_are_read_only_for_policies_that_ask_for_them() -> None:
    context = Context(wanted=frozenset({("instruction", "flags")}))
    resources = list(dockerfile.read(DockerfileDocument("Dockerfile", "FROM x\nRUN a"), context))
    assert "commands" not in resources[-1].facts


def test_scripts_that_are_none_are_read_up_to_a_bound() -> None:
    text = "FROM x\n" + ("RUN a && && " + "b" * 9_000 + "\n") * 4
    found = [r.facts["commands"] for r in of_kind("instruction", text)[1:]]
    assert [len(one) for one in found if isinstance(one, OpenList)] == [2, 0, 0, 0]


def test_commands_are_read_up_to_a_bound() -> None:
    text = "FROM x\n" + ("RUN " + "a;" * 2_600 + "\n") * 5
    found = [r.facts["commands"] for r in of_kind("instruction", text)[1:]]
    assert [(len(one), isinstance(one, OpenList)) for one in found if isinstance(one, list)] == [
        *[(2_600, False)] * 4,
        (0, True),
    ]


IGNORED = [
    ({}, None),
    ({"app/.dockerignore": "# a\n\n  b \n#c\n!d/../e\n/f/\n!\n"}, ["b", "!e", "f", "!"]),
    ({"app/.dockerignore": "a", "app/Dockerfile.dockerignore": "b"}, ["b"]),
    ({"app/.dockerignore": ""}, []),
    ({"app/.containerignore": "a"}, None),
    ({".dockerignore": "a"}, Unknown("build context", "a directory above has a .dockerignore, and may be the context")),
    ({".dockerignore": "a", "app/.dockerignore": "b"}, ["b"]),
]


@pytest.mark.parametrize(("files", "expected"), IGNORED)
def test_ignore(files: dict[str, str], expected: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert read("FROM a", "app/Dockerfile")[0].facts.get("ignore") == expected


def test_podman_reads_containerignore_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".containerignore").write_text("a")
    (tmp_path / ".dockerignore").write_text("b")
    assert read("FROM a", "Containerfile")[0].facts["ignore"] == ["a"]
    assert read("FROM a", "Dockerfile")[0].facts["ignore"] == ["b"]


def test_an_ignore_file_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dockerignore").mkdir()
    context = Context()
    file = next(dockerfile.read(DockerfileDocument("Dockerfile", "FROM a"), context))
    assert file.facts["ignore"] == Unknown("build context", ".dockerignore cannot be read")
    assert [problem.message for problem in context.problems] == ["not a regular file"]


def test_standard_input_has_no_known_ignore_file() -> None:
    assert isinstance(read("FROM a", "-")[0].facts["ignore"], Unknown)


@settings(max_examples=300, deadline=None)
@given(st.text("$AB{}:-+#%/*?'\"\\ x", max_size=30))
def test_any_word_expands_to_text_or_is_unknown(word: str) -> None:
    value = Expander("\\").expand(word, {"A": "a", "B": None}.get)
    assert isinstance(value, str | Unknown)
    if not set("$'\"\\") & set(word):
        assert value == word


def test_the_scripts_of_real_files_are_understood() -> None:
    if not REAL.is_dir():
        pytest.skip("no collection of real Dockerfiles beside the repository")
    files = [path for path in REAL.rglob("*") if path.is_file()]
    found = [
        (str(path), r.facts["line"])
        for path in files
        for r in read(path.read_text(), str(path))
        if isinstance(r.facts.get("commands"), OpenList)
    ]
    assert files
    assert found == []


def test_real_files_are_read() -> None:
    if not REAL.is_dir():
        pytest.skip("no collection of real Dockerfiles beside the repository")
    for path in sorted(path for path in REAL.rglob("*") if path.is_file()):
        for resource in read(path.read_text(), str(path)):
            for field, _ in leaves(resource.facts, ()):
                assert resource.where(field).line is not None
                resource.provenance(field)
