"""YAML and JSON: values, what is refused, where values stand, and what excerpts hide."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.document import MAX_EXCERPT
from policyengine.documents.yaml import YamlDocument
from policyengine.documents.yaml_building import MAX_DEPTH, MAX_REFUSED
from policyengine.errors import DocumentError

VALUES = [
    ("", []),
    ("# nothing\n", []),
    ("---\n---\n", [None, None]),
    ("a", ["a"]),
    ("a: 1\n---\n- b\n...\n", [{"a": 1}, ["b"]]),
    ("%YAML 1.2\n---\na: no\n", [{"a": "no"}]),
    ("1: a\nnull: b\ntrue: c\n?\n: d\n", [{"1": "a", "null": "b", "true": "c", "": "d"}]),
    (
        "a: '1'\nb: \"1\"\nc: |\n  1\nd: !!str 1\ne: !!int '1'\n",
        [{"a": "1", "b": "1", "c": "1\n", "d": "1", "e": 1}],
    ),
    ("a: !Ref 1\nb: !x [1]\nc: !y {d: 1}\n", [{"a": "1", "b": [1], "c": {"d": 1}}]),
    ("a: !!python/object/apply:os.system [x]\n", [{"a": ["x"]}]),
    ("a: &x {b: 1}\nc: *x\nd: [*x, &y 2, *y]\n", [{"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, 2, 2]}]),
    ("&k a: *k\n", [{"a": "a"}]),
    ("a: &x 1\nb: &x 2\nc: *x\n", [{"a": 1, "b": 2, "c": 2}]),
    ("b: 2\n<<: {a: 1, b: 1}\n", [{"b": 2, "a": 1}]),
    ("<<: [{a: 1}, {a: 2, b: 2}]\nc: 3\n", [{"c": 3, "a": 1, "b": 2}]),
    ("x: &x {<<: {a: 1}}\ny: {<<: *x, b: 2}\nz: {<<: }\n", [{"x": {"a": 1}, "y": {"b": 2, "a": 1}, "z": {}}]),
    ("{a: [1, {b: c}], 'd': , e}", [{"a": [1, {"b": "c"}], "d": None, "e": None}]),
    ("a: >-\n  one\n  two\n", [{"a": "one two"}]),
    ("a: 1\r\nb: 2\r\n", [{"a": 1, "b": 2}]),
    (
        '{\n\t"a":\t"\\ud83d\\ude00 \\\\ud83d\\\\ude00 \\u00e9 \\/",\n\t"b":[1E2,-0]}',
        [{"a": "😀 \\ud83d\\ude00 é /", "b": [100.0, 0]}],
    ),
    ("a: '\\ud83d\\ude00'\n", [{"a": "\\ud83d\\ude00"}]),
]


@pytest.mark.parametrize(("text", "values"), VALUES)
def test_values(text: str, values: list[object]) -> None:
    assert YamlDocument("a.yaml", text).values == values


REFUSED = [
    ("a: 1\nb: 2\na: 3\n", 'a.yaml:3:1: duplicate key "a"'),
    ("- {a: 1, 'a': 2}\n", 'a.yaml:1:10: duplicate key "a"'),
    ("é: ü\nb: \x01", "a.yaml:2:4: malformed YAML: control characters are not allowed"),
    ("a: é\ud800", "a.yaml:1:5: half of a surrogate pair"),
    ('{"a": "\\ud83d"}', "a.yaml:1:10: malformed YAML: found invalid Unicode character escape code"),
    ('{"a": "\\\\ud83d\\ude00"}', "a.yaml:1:17: malformed YAML: found invalid Unicode character escape code"),
    ("a: [b\n", "a.yaml:2:1: malformed YAML: did not find expected ',' or ']'"),
    ("a: b: c\n", "a.yaml:1:5: malformed YAML: mapping values are not allowed in this context"),
    ("a: 'x\u2028y': z\n", "a.yaml:1:9: malformed YAML: mapping values are not allowed in this context"),
    ("x: 'x\u2028y'\na: 1\na: 2", 'a.yaml:3:1: duplicate key "a"'),
    ("? [a]\n: b\n", "a.yaml:1:3: a mapping or a sequence cannot be a key"),
    ("a: {{ .Values.b }}\n", "a.yaml:1:5: a mapping or a sequence cannot be a key"),
    ("a: &x [b]\n*x : c\n", "a.yaml:2:1: an alias cannot be a key"),
    ("a: *b\n", "a.yaml:1:4: there is no anchor of this name before this alias"),
    ("a: &x 1\n---\nb: *x\n", "a.yaml:3:4: there is no anchor of this name before this alias"),
    ("a: &x [*x]\n", "a.yaml:1:8: the anchor that this alias names contains it"),
    ("<<: 1\n", "a merge key (<<) takes a mapping or a list of mappings"),
    ("[" * (MAX_DEPTH + 1), f"a.yaml:1:{MAX_DEPTH + 1}: nested more than {MAX_DEPTH} deep"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        YamlDocument("a.yaml", text)
    assert str(error.value).endswith(message)


MANY = "".join(f"---\na: {number}\na: {number}\n" for number in range(1000))
PARTLY = [
    ("a: 1\n---\nb: 1\nb: 2\n---\nc: 3\n", [{"a": 1}, None, {"c": 3}], [("2-5", 'a.yaml:4:1: duplicate key "b"')]),
    ("# c\n---\na: 1\na: 2\n---\nc: 3\n", [None, {"c": 3}], [("2-5", 'a.yaml:4:1: duplicate key "a"')]),
    ("a: 1\na: 2\n---\n", [None, None], [("1-3", 'a.yaml:2:1: duplicate key "a"')]),
    (
        "a: &x 1\n---\nb: *x\n---\nc: *x\n---\nd: &x [2]\ne: *x\n",
        [{"a": 1}, None, None, {"d": [2], "e": [2]}],
        [
            ("2-4", "a.yaml:3:4: there is no anchor of this name before this alias"),
            ("4-6", "a.yaml:5:4: there is no anchor of this name before this alias"),
        ],
    ),
    (
        f"a: 1\n---\nb: {'[' * 201}{']' * 201}\n---\nc: 3\n",
        [{"a": 1}, None, {"c": 3}],
        [("2-4", "a.yaml:3:203: nested more than 200 deep")],
    ),
    # Where a document ends that is no YAML is not known: it may have one whose key is there twice before the error.
    (
        "a: 1\n---\nb: [\n---\nc: 3\n",
        [{"a": 1}, None],
        [("2-6", "a.yaml:4:1: malformed YAML: did not find expected node content")],
    ),
    (
        "a: 1\n---\nb: '\n---\nc: 3\n",
        [{"a": 1}, None],
        [("2-6", "a.yaml:4:1: malformed YAML: found unexpected end of stream")],
    ),
    ("a: 1\n---\nb: 1\nb: [\n---\nc: 3\n", [{"a": 1}, None], [("2-7", 'a.yaml:4:1: duplicate key "b"')]),
    ("a: 1\n---\nb: \x01\n---\nc: 3\n", [{"a": 1}, None], [("2-6", "a.yaml:3:4: malformed YAML: control characters")]),
    ("a: 1\n---\nb: \ud800\n---\nc: 3\n", [{"a": 1}, None], [("2-6", "a.yaml:3:4: half of a surrogate pair")]),
    (
        f"a: 1\n---\nb: {'[' * 2000}\n---\nc: 3\n",
        [{"a": 1}, None],
        [("2-6", "a.yaml:3:203: nested more than 200 deep")],
    ),
    (
        f"a: 1\n---\nb: 1\nb: 2\n---\nb: {'[' * 2000}\n",
        [{"a": 1}, None, None],
        [("2-5", 'a.yaml:4:1: duplicate key "b"'), ("5-7", "a.yaml:6:203: nested more than 200 deep")],
    ),
    # So many are told one by one.
    (f"a: 1\n{MANY}", [{"a": 1}, *[None] * MAX_REFUSED], [*[("", "duplicate key")] * MAX_REFUSED]),
]
"""A text; the values that are left of it; the lines of what is refused, with the reason."""


@pytest.mark.parametrize(("text", "values", "refused"), PARTLY)
def test_the_documents_beside_one_that_is_refused_are_read(
    text: str, values: list[object], refused: list[tuple[str, str]]
) -> None:
    document = YamlDocument("a.yaml", text, partly=True)
    assert document.values == values
    assert [text.count(part.text) for part in document.refused] == [1] * len(refused)
    for part, (lines, message) in zip(document.refused, refused, strict=True):
        begin = text.index(part.text)
        first, last = text[:begin].count("\n") + 1, text[: begin + len(part.text)].count("\n") + 1
        assert not lines or f"{first}-{last}" == lines
        assert message in str(part.error)
    with pytest.raises(DocumentError) as error:
        YamlDocument("a.yaml", text)
    assert (error.value.line, error.value.column) == (document.refused[0].error.line, document.refused[0].error.column)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: 1\na: 2\n---\nb: 1\nb: 2\n",
        "a: [\n---\nb: 1\n",
        # A directive, or what looks like one: where documents end is not told by --- alone.
        "%YAML 1.2\n---\nb: 2\n---\na: 1\na: 2\n",
        "b: 2\n...\na: 1\na: 2\n---\nb: 2\n",
    ],
)
def test_a_text_of_which_nothing_is_left_is_refused(text: str) -> None:
    with pytest.raises(DocumentError) as partly:
        YamlDocument("a.yaml", text, partly=True)
    with pytest.raises(DocumentError) as error:
        YamlDocument("a.yaml", text)
    assert str(partly.value) == str(error.value)


def test_places_in_what_is_left_are_those_of_the_file_and_nothing_in_the_rest_is_a_comment() -> None:
    text = "a: &x 1  # one\n---\nb: |\n  # two\n# three\nb: 1\n---\nc: [2, &x 3, *x]  # four\n"
    document = YamlDocument("a.yaml", text, partly=True)
    assert document.values == [{"a": 1}, None, {"c": [2, 3, 3]}]
    assert document.span((2, "c", 1)) == (8, 8, 8, 12)
    assert document.span((1, "b")) == (2, 1, 7, 1)
    assert [comment.text for comment in document.comments()] == [" one", " four"]
    assert [entry.path for entry in document.entries()][:4] == [(0,), (0, "a"), (1,), (2,)]


def test_what_aliases_of_refused_documents_stand_for_is_not_counted_and_that_of_the_others_is_together() -> None:
    aliases = "a: &a [" + "x, " * 999 + "x]\nb: [" + "*a, " * 119 + "*a]\n"
    twice = YamlDocument("a.yaml", f"{aliases}a: 1\n---\n{aliases}---\nc: 1\n", partly=True)
    assert [value and list(value) for value in twice.values] == [None, ["a", "b"], ["c"]]  # type: ignore[call-overload]
    thrice = YamlDocument("a.yaml", f"{aliases}---\n{aliases}---\nc: 1\n", partly=True)
    assert [value and list(value) for value in thrice.values] == [["a", "b"], None, ["c"]]  # type: ignore[call-overload]
    assert [part.error.message for part in thrice.refused] == ["aliases stand for more than 200,000 values"]


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)
MERGE_BOMB = "a0: &a0 {k0: [x, x, x, x, x]}\n" + "".join(
    f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: *a{n - 1}}}\n" for n in range(1, 60)
)
REUSED_ANCHORS = "".join(f"---\na: {{<<: &x {{k: [{'x, ' * 50}]}}}}\nb: &x [y]\nc: [*x, *x]\n" for _ in range(200))


@pytest.mark.parametrize("text", [BOMB, MERGE_BOMB, "a: " + "[" * 10_000, "a:\n" + "- " * 10_000, "{a: " * 10_000])
def test_hostile_texts_end_at_once(text: str) -> None:
    start = time.thread_time()
    with pytest.raises(DocumentError):
        YamlDocument("a.yaml", text)
    assert time.thread_time() - start < 1


def test_aliases_within_bounds_are_read() -> None:
    assert len(YamlDocument("a.yaml", REUSED_ANCHORS).values) == 200


def test_errors_do_not_show_the_text() -> None:
    for text in ("password: hunter2\n  x: y\n", "a: 'hunter2\n", "a: hunter2\nhunter2\n", "%hunter2\n"):
        with pytest.raises(DocumentError) as error:
            YamlDocument("a.yaml", text)
        assert "hunter2" not in str(error.value)
        assert error.value.__cause__ is None


def test_tags_make_values() -> None:
    def refuse(value: object) -> object:
        raise ValueError("not like this")

    tags = {"!upper": lambda value: str(value).upper(), "!len": lambda value: [value], "!no": refuse}
    document = YamlDocument("a.yaml", "a: !upper b\nc: [!len [1, 2], 3]\n", tags)
    assert document.values == [{"a": "B", "c": [[[1, 2]], 3]}]
    with pytest.raises(DocumentError, match=r"a\.yaml:1:4: not like this"):
        YamlDocument("a.yaml", "a: !no b\n", tags)


TEXT = """\
# a comment
apiVersion: v1
spec:
  containers:
    - name: web
      ports: [80, 443]
    -
      image: nginx
  empty: {}
  text: |
    one
    two
base: &base
  env: {A: x}
  list: [p, q]
merged:
  <<: *base
  own: 1
several:
  <<: [*base, {other: 2}]
alias: *base
"""

PLACES = [
    (("apiVersion",), "v1"),
    (("spec",), "spec"),
    (("spec", "containers"), "containers"),
    (("spec", "containers", 0), "name: web"),
    (("spec", "containers", 0, "name"), "web"),
    (("spec", "containers", 0, "ports"), "ports"),
    (("spec", "containers", 0, "ports", 1), "443"),
    (("spec", "containers", 0, "ports", 7), "ports"),
    (("spec", "containers", 0, "missing", "below"), "name: web"),
    (("spec", "containers", 1), "image: nginx"),
    (("spec", "containers", 1, "missing"), "image: nginx"),
    (("spec", "containers", 2), "containers"),
    (("spec", "empty"), "{}"),
    (("spec", "empty", "missing"), "empty"),
    (("spec", "missing"), "spec"),
    (("missing",), "apiVersion: v1"),
    ((), "apiVersion: v1"),
    (("merged", "env", "A"), "x"),
    (("merged", "own"), "1"),
    (("several", "env", "A"), "x"),
    (("several", "other"), "2"),
    (("alias",), "alias"),
    (("alias", "list", 1), "q"),
]


def underlined(document: YamlDocument, path: tuple[str | int, ...]) -> str:
    place = document.locate(path)
    assert place.line is not None
    assert place.line == place.end_line
    assert place.column is not None
    assert place.end_column is not None
    return document.lines[place.line - 1][place.column - 1 : place.end_column - 1]


@pytest.mark.parametrize(("path", "text"), PLACES)
def test_places(path: tuple[str | int, ...], text: str) -> None:
    assert underlined(YamlDocument("a.yaml", TEXT), (0, *path)) == text


def test_places_beyond_the_stream() -> None:
    for text in ("", "a"):
        place = YamlDocument("a.yaml", text).locate((3, "a"))
        assert (place.line, place.column) == (1, 1)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("odd", ["", "\x85", "\u2028", "\u2029"])
def test_places_count_lines_and_characters_as_editors_do(line_break: str, odd: str) -> None:
    text = line_break.join([f"a: '😀{odd}x'  # {odd}", "b: '日本'", "c: {d: 1, e: secret}", f"f: '{odd}'", "g: h", ""])
    document = YamlDocument("a.yaml", text)
    assert [underlined(document, (0, *path)) for path in (("a",), ("b",), ("c", "e"), ("f",), ("g",))] == [
        f"'😀{odd}x'",
        "'日本'",
        "secret",
        f"'{odd}'",
        "h",
    ]
    document.hide((0, "c", "e"))
    assert [document.excerpt(line) for line in (2, 3, 5)] == ["b: '日本'", "c: {d: 1, e: ****}", "g: h"]


HIDDEN = [
    ("a: S\nb: c\n", ("a",), ["a: ****", "b: c", ""]),
    ("a: {b: S, c: [S, {d: S}]}\n", ("a",), ["a: {b: ****, c: [****, {d: ****}]}", ""]),
    (
        "a:\n  - X=S\n  - 'Y=S'\n  - S\n  - Z=\n",
        ("a",),
        ["a:", "  - X=****", "  - 'Y=****", "  - ****", "  - Z=", ""],
    ),
    ("a: |\n  S\n\n    S S\nb: c\n", ("a",), ["a: ****", "  ****", "", "    ****", "b: c", ""]),
    ("a: 'S\n  S' # c\n", ("a",), ["a: ****", "  **** # c", ""]),
    ("x: &x S\na: *x\n", ("a",), ["x: ****", "a: ****", ""]),
    ("x: &x {k: S}\na: *x\n", ("a",), ["x: &x {k: ****}", "a: *x", ""]),
    ("x: &x {k: S}\na: {<<: *x}\n", ("a",), ["x: &x {k: ****}", "a: {<<: *x}", ""]),
    ("a: {<<: [{k: S}, {l: S}]}\n", ("a",), ["a: {<<: [{k: ****}, {l: ****}]}", ""]),
    ("a: {<<: {k: S}}\n", ("a", "k"), ["a: {<<: {k: ****}}", ""]),
    ("a: b\n", ("missing",), ["a: b", ""]),
    ("a: b\n", ("a", "missing"), ["a: b", ""]),
]


@pytest.mark.parametrize(("text", "path", "lines"), HIDDEN)
def test_excerpts_hide(text: str, path: tuple[str | int, ...], lines: list[str]) -> None:
    document = YamlDocument("a.yaml", text)
    document.hide((0, *path))
    assert [document.excerpt(number) for number in range(1, len(lines) + 1)] == lines


def test_excerpts_hide_what_is_marked_later_and_overlaps() -> None:
    document = YamlDocument("a.yaml", "a: [X=S, b]\n")
    assert document.excerpt(1) == "a: [X=S, b]"
    document.hide((0, "a"))
    assert document.excerpt(1) == "a: [X=****, ****]"
    document.hide((0, "a", 0))
    shown = document.excerpt(1)
    assert shown is not None
    assert "S" not in shown
    assert (document.excerpt(0), document.excerpt(3)) == (None, None)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(
    tree=st.dictionaries(st.text(max_size=8), TREES, max_size=4),
    ascii_only=st.booleans(),
    indent=st.none() | st.just("\t"),
)
def test_json_is_read_as_json_reads_it(tree: object, ascii_only: bool, indent: str | None) -> None:
    text = json.dumps(tree, ensure_ascii=ascii_only, indent=indent)
    if all(character.isprintable() or character in "\n\t" for character in text):
        assert YamlDocument("a.json", text).values == [tree]


@settings(max_examples=300, deadline=None)
@given(tree=TREES, flow=st.booleans())
def test_every_value_is_found_where_it_stands(tree: object, flow: bool) -> None:
    """A second reader, PyYAML's own, agrees about the text at each scalar's place."""
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    document = YamlDocument("a.yaml", text)
    for path, scalar in scalars(document.values[0], (0,)):
        place = document.locate(path)
        if place.line == place.end_line is not None and isinstance(scalar, str) and scalar.isidentifier():
            assert underlined(document, path).strip("'\"") == scalar


def scalars(value: object, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], object]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in scalars(item, (*path, key))]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in scalars(item, (*path, index))]
    return [(path, value)]


def test_excerpts_of_lines_that_nobody_reads() -> None:
    found = YamlDocument("a.yaml", f"a: {'b' * (MAX_EXCERPT - 3)}\nb: {'c' * MAX_EXCERPT}\n")
    assert [(found.excerpt(line) or "")[:5] for line in (1, 2)] == ["a: bb", ""]
