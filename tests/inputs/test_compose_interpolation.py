from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.errors import DocumentError
from policyengine.inputs.compose import dotenv, interpolation
from policyengine.inputs.compose.interpolation import MalformedError, substitute
from policyengine.inputs.context import Context
from policyengine.model.unknown import Unknown

from .compose_reading import container, read

if TYPE_CHECKING:
    from pathlib import Path

UNCLOSED = '"${" is not closed'
NAMELESS = '"${" is not followed by the name of a variable'
LATER = Unknown("${HOST}", "HOST has no value in .env or --env", "--env HOST=VALUE")
VARIABLES: dict[str, str | Unknown] = {"SET": "value", "EMPTY": "", "_x1": "low", "DOLLAR": "a$SET", "LATER": LATER}


def missing(name: str, more: str = "") -> Unknown:
    return Unknown(f"${{{name}}}", f"{name} has no value in .env or --env{more}", f"--env {name}=VALUE")


def demanded(name: str) -> Unknown:
    return missing(name, ", and must have one")


@pytest.mark.parametrize(
    ("text", "value", "defaulted"),
    [
        ("plain", "plain", False),
        ("", "", False),
        ("$SET", "value", False),
        ("${SET}", "value", False),
        ("a-$SET-${_x1}b", "a-value-lowb", False),
        ("$SET$SET", "valuevalue", False),
        ("$EMPTY", "", False),
        ("$DOLLAR", "a$SET", False),
        ("$$SET", "$SET", False),
        ("$$$SET", "$value", False),
        ("$${SET}", "${SET}", False),
        ("$$", "$", False),
        ("$", "$", False),
        ("$1 $- $.", "$1 $- $.", False),
        ("5$", "5$", False),
        ("$UNSET", missing("UNSET"), False),
        ("a${UNSET}b$OTHER", missing("UNSET"), False),
        ("$SETx", missing("SETx"), False),
        ("${SET:-d}", "value", False),
        ("${SET-d}", "value", False),
        ("${EMPTY:-d}", "d", True),
        ("${EMPTY-d}", "", False),
        ("${UNSET:-d}", "d", True),
        ("${UNSET-d}", "d", True),
        ("${UNSET:-}", "", True),
        ("${UNSET-}", "", True),
        ("${UNSET:-a b:c-d?e}", "a b:c-d?e", True),
        ("${UNSET:-$SET}", "value", True),
        ("${UNSET:-${OTHER:-c}}", "c", True),
        ("${UNSET:-${OTHER:-${SET}}}/x", "value/x", True),
        ("${UNSET:-$OTHER}", missing("OTHER"), False),
        ("${SET:-$OTHER}", "value", False),
        ('${UNSET:-{"a": {"b": 1}}}', '{"a": {"b": 1}}', True),
        ("${UNSET:-a\nb}", "a\nb", True),
        ("${UNSET:-$$x}", "$x", True),
        ("${SET:?no}", "value", False),
        ("${SET?no}", "value", False),
        ("${EMPTY?no}", "", False),
        ("${EMPTY:?no}", demanded("EMPTY"), False),
        ("${UNSET:?no}", demanded("UNSET"), False),
        ("${UNSET?}", demanded("UNSET"), False),
        ("${SET:+r}", "r", False),
        ("${SET+r}", "r", False),
        ("${EMPTY:+r}", "", True),
        ("${EMPTY+r}", "r", False),
        ("${UNSET:+r}", "", True),
        ("${UNSET+r}", "", True),
        ("${SET:+$_x1}", "low", False),
        ("${SET:+$OTHER}", missing("OTHER"), False),
        ("$LATER", LATER, False),
        ("${LATER:-d}", LATER, False),
        ("${LATER:+d}", LATER, False),
        ("${", UNCLOSED, None),
        ("${SET", UNCLOSED, None),
        ("a${SET:-{}", UNCLOSED, None),
        ("${}", NAMELESS, None),
        ("${1x}", NAMELESS, None),
        ("${SET SET}", NAMELESS, None),
        ("${SET/a/b}", NAMELESS, None),
        ("${SET:5}", NAMELESS, None),
        ("${ÄPFEL}", NAMELESS, None),
        ("${UNSET:-${}}", NAMELESS, None),
        ("${A:-" * 30 + "}" * 30, "defaults are nested more than 20 deep", None),
        ("${A:-" * 5000, UNCLOSED, None),
    ],
)
def test_substitute(text: str, value: object, defaulted: bool | None) -> None:
    try:
        found: object = substitute(text, VARIABLES)
    except MalformedError as error:
        found = (str(error), None)
    assert found == (value, defaulted)


@settings(deadline=None)
@given(st.text(alphabet="$${}AB:-+? \n", max_size=40))
def test_any_text_is_substituted_or_malformed(text: str) -> None:
    try:
        substitute(text, {"A": "1"})
    except MalformedError:
        assert "${" in text


@settings(deadline=None)
@given(st.text(max_size=40))
def test_escaped_text_stays_as_it_was(text: str) -> None:
    assert substitute(text.replace("$", "$$"), {}) == (text, False)


def test_values_do_not_grow_without_bound() -> None:
    big = "x" * 1000
    with pytest.raises(MalformedError, match="128 KiB"):
        substitute("$A" * 1000, {"A": big})
    ports = ", ".join(['"$A$A$A$A$A"'] * 10_000)
    _, problems = read(f"services: {{web: {{image: x, command: [{ports}]}}}}", env={"A": big})
    assert {problem.message.partition(":")[2].partition(" (")[0] for problem in problems} == {
        " the project's values become longer than 32 MiB"
    }


def test_the_environment_of_the_process_is_never_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYENGINE_TEST", "leaked")
    assert os.environ["POLICYENGINE_TEST"] == "leaked"
    assert container("image: x, user: $POLICYENGINE_TEST")["user"] == missing("POLICYENGINE_TEST")


def test_keys_are_not_interpolated() -> None:
    facts = container("image: x, environment: {'$A': '$$A'}, labels: ['$A=b', '$B=c', 'd=$B']", env={"A": "1"})
    assert facts["environment"] == {"$A": "$A"}
    assert facts["labels"] == {"1": "b", "$B": missing("B"), "d": missing("B")}


def test_a_variable_from_outside_is_not_written_in_the_file() -> None:
    environment = "{A: '$A', B: '${A:-own}', C: '${C:-own}', D: 'x-${D}', E: '$$A', F: '${A+own}'}"
    facts = container(f"image: x, environment: {environment}", env={"A": "secret"})
    assert facts["environment"] == {"A": None, "B": None, "C": "own", "D": None, "E": "$A", "F": None}


def test_values_become_what_the_field_is() -> None:
    facts = container(
        "image: x, privileged: '${A:-yes}', pids_limit: '${A:-5}', cpus: '${A:-1.5}', ports: ['${A:-80}']"
    )
    assert (facts["privileged"], facts["pids_limit"], facts["cpus"]) == (True, 5, 1.5)
    assert facts["ports"] == [{"target": 80, "host_ip": "0.0.0.0", "protocol": "tcp"}]


def test_a_malformed_text_is_a_problem_where_it_stands() -> None:
    resources, problems = read("services:\n  web:\n    image: x\n    labels: {a: 'secret${1'}\n")
    assert resources[0].facts["labels"] == {"a": Unknown("interpolation", "its interpolation is malformed")}
    assert [(problem.message, problem.line, problem.column) for problem in problems] == [
        (f'malformed interpolation: {UNCLOSED} (a literal dollar sign is written "$$")', 4, 17)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("A=1", {"A": "1"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("# note\n\n  A = 1  \n\t# note\nB=2", {"A": "1", "B": "2"}),
        ("A=", {"A": ""}),
        ("A=\nB=2", {"A": "", "B": "2"}),
        ("A: 1", {"A": "1"}),
        ("export A=1\nexport\tB=2\nexported=3", {"A": "1", "B": "2", "exported": "3"}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=a b # note", {"A": "a b"}),
        ("A=a#b", {"A": "a#b"}),
        ("A=# note", {"A": ""}),
        ("A='a # b' # note", {"A": "a # b"}),
        ('A="a # b"', {"A": "a # b"}),
        ("A='$B\\n\\'x'", {"A": "$B\\n'x"}),
        ('A="a\\nb\\t\\"c\\"\\\\d"', {"A": 'a\nb\t"c"\\d'}),
        ('A="\\$B"\nB=\\x', {"A": "$B", "B": "\\x"}),
        ('A="two\nlines"\nB=2', {"A": "two\nlines", "B": "2"}),
        ('A="two\r\nlines"', {"A": "two\nlines"}),
        ("A=it's", {"A": "it's"}),
        ("A=1\nB=$A-${A}\nC=\"$B\"\nD='$B'", {"A": "1", "B": "1-1", "C": "1-1", "D": "$B"}),
        ("A=${GIVEN}/${GIVEN:-x}", {"A": "from --env/from --env"}),
        ("GIVEN=here\nA=$GIVEN", {"GIVEN": "here", "A": "from --env"}),
        ("A=${NONE:-d}", {"A": "d"}),
        ("A=x$NONE\nB=$A", {"A": missing("NONE"), "B": missing("NONE")}),
        ("GIVEN\nNONE\nA=1", {"GIVEN": "from --env", "A": "1"}),
        ("NONE", {}),
        ("a.b-c[0]=1", {"a.b-c[0]": "1"}),
        ("A=1\n=2", ".env:2: expected NAME=VALUE"),
        ("A=1\n\nB C=2", ".env:3: expected NAME=VALUE"),
        ("A=1\n%secret=2", ".env:2: expected NAME=VALUE"),
        ("A=1\nB='secret\n\n", ".env:2: a quoted value is not closed"),
        ('A=1\nB="two\nlines"\nC="secret', ".env:4: a quoted value is not closed"),
        ("A=1\nB=secret${", f".env:2: malformed interpolation: {UNCLOSED}"),
    ],
)
def test_dotenv(text: str, expected: object) -> None:
    context = Context(env={"GIVEN": "from --env"})
    try:
        found: object = dotenv.parse(".env", text, context.env)
    except DocumentError as error:
        found = str(error)
    assert found == expected


def test_dotenv_does_not_grow_without_bound() -> None:
    lines = ["A=" + "x" * 1000, "B=" + "$A" * 100, *(f"C{index}=$B" for index in range(1000))]
    with pytest.raises(DocumentError, match="longer than 32 MiB"):
        dotenv.parse(".env", "\n".join(lines), {})


def project(path: Path, env: bytes) -> str:
    (path / "compose.yaml").write_text("services: {}")
    (path / ".env").write_bytes(env)
    return str(path / "compose.yaml")


def test_env_wins_over_dotenv(tmp_path: Path) -> None:
    compose = project(tmp_path, b"\xef\xbb\xbfA=file\nB=file")
    context = Context(env={"A": "flag"})
    assert dotenv.variables(compose, context) == {"A": "flag", "B": "file"}
    assert context.problems == []


@pytest.mark.parametrize(
    ("env", "message", "line"),
    [
        (b"A=1\nsecret text\n", "expected NAME=VALUE", 2),
        (b"A=\xff", "not UTF-8 text", None),
        (b"#" * (dotenv.MAX_BYTES + 1), "larger than 1 MiB", None),
    ],
)
def test_a_dotenv_that_cannot_be_read_is_a_problem(tmp_path: Path, env: bytes, message: str, line: int | None) -> None:
    context = Context(env={"B": "2"})
    assert dotenv.variables(project(tmp_path, env), context) == {"B": "2"}
    assert [(problem.message, problem.path, problem.line) for problem in context.problems] == [
        (message, str(tmp_path / ".env"), line)
    ]


def problems_of(path: Path) -> list[str]:
    context = Context()
    assert dotenv.variables(str(path), context) == {}
    return [problem.message for problem in context.problems]


def test_dotenv_is_read_only_beside_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1")
    assert problems_of(tmp_path / "compose.yaml") == []


def test_dotenv_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").touch()
    (tmp_path / ".env").mkdir()
    assert problems_of(tmp_path / "compose.yaml") == ["not a regular file"]


@pytest.mark.parametrize("target", ["/proc/self/environ", "/dev/zero", "../credentials"])
def test_dotenv_does_not_lead_out_of_the_project(tmp_path: Path, target: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "credentials").write_text("KEY=secret")
    (project / "compose.yaml").touch()
    (project / ".env").symlink_to(target)
    assert problems_of(project / "compose.yaml") == [
        "lies outside the project (run policyengine in a directory above both, if the file is yours)"
    ]


def test_dotenv_may_be_a_link_within_the_project(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").touch()
    (tmp_path / "dev.env").write_text("A=1")
    (tmp_path / ".env").symlink_to("dev.env")
    assert dotenv.variables(str(tmp_path / "compose.yaml"), Context()) == {"A": "1"}


def test_defaults_are_marked() -> None:
    resources, _ = read("services: {web: {image: 'x:${TAG:-1}', user: '${U:-5}'}}")
    found = resources[0]
    assert found.provenance(("image", "tag")) == interpolation.DEFAULTED
    assert found.provenance(("user",)) == interpolation.DEFAULTED
    assert found.provenance(("privileged",)) != interpolation.DEFAULTED


NOT_LOOKED_AT = Unknown("${DB_PASSWORD}", "DB_PASSWORD names a secret, and is not looked at")


@pytest.mark.parametrize(
    ("written", "env", "user"),
    [
        ("user: '${DB_PASSWORD}'", {"DB_PASSWORD": "x"}, NOT_LOOKED_AT),
        ("user: 'a$DB_PASSWORD'", {"DB_PASSWORD": "x"}, NOT_LOOKED_AT),
        ("user: '${DB_PASSWORD}'", {}, NOT_LOOKED_AT),
        ("user: '${DB_PASSWORD:-a}'", {"DB_PASSWORD": "x"}, NOT_LOOKED_AT),
        ("user: '${A:-$DB_PASSWORD}'", {"DB_PASSWORD": "x"}, NOT_LOOKED_AT),
        ("user: '${DB_PASSWORD:-a}'", {}, "a"),
        ("user: '${PASSWORD_FILE}'", {"PASSWORD_FILE": "x"}, "x"),
    ],
)
def test_a_variable_that_names_a_secret_is_not_looked_at(written: str, env: dict[str, str], user: object) -> None:
    assert container(f"image: nginx, {written}", env)["user"] == user


def test_a_project_is_not_named_by_a_secret() -> None:
    resources, _ = read("name: '${TOKEN}'\nservices: {web: {image: nginx}}", env={"TOKEN": "hunter2"})
    assert "hunter2" not in str(resources[0].scope)
