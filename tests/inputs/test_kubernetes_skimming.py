"""What is passed over unread is a CustomResourceDefinition and nothing else, and still has to be well-formed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.documents.yaml_skimming import Head
from policyengine.errors import DocumentError
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.inputs.kubernetes.skimming import headed, skimmed
from tests.judging import shown_line

if TYPE_CHECKING:
    from policyengine.model.resource import Resource

CRD = """\
apiVersion: apiextensions.k8s.io/v1
# it is long
kind: CustomResourceDefinition
metadata: # whose
  name: apps.example.com
spec:
    group: example.com
    description: "a text
      of several lines"

    more: |
      kind: Pod
status:
  conditions: []
"""
STANDS = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: nginx, securityContext: {privileged: true}}]}
"""


def test_it_is_known_by_its_top_keys() -> None:
    assert skimmed(CRD) == STANDS
    assert skimmed(CRD.replace("\n", "\r\n")) == STANDS
    assert skimmed(f"---\n{CRD}") == STANDS
    assert skimmed(CRD.replace("/v1", "/v1beta1")) == STANDS | {"apiVersion": "apiextensions.k8s.io/v1beta1"}


OTHERS = {
    "a Pod": POD,
    "another group": CRD.replace("apiextensions.k8s.io", "example.com"),
    "another kind": CRD.replace("kind: Custom", "kind: MyCustom"),
    "no version": CRD.replace("apiVersion", "version"),
    "a kind within": CRD.replace("\nkind:", "\n  kind:"),
    "a second kind": f"{CRD}kind: Pod\n",
    "a second kind in quotes": f'{CRD}"kind": Pod\n',
    "a second kind with a question mark": f"{CRD}? kind\n: Pod\n",
    "a second kind with an anchor": f"{CRD}&a kind: Pod\n",
    "merged": f"{CRD}<<: {{kind: Pod}}\n",
    "another key": f"{CRD}data: x\n",
    "a flow mapping": "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition}\n",
    "in a text that goes on at the start of a line": f'metadata: "x\n{CRD}"\nkind: Pod\n',
    "a document in a line's end that only YAML knows": CRD.replace(
        "# whose", f"# whose\r---\r{POD}".replace("\n", "\r")
    ),
    "the same with another line end": CRD.replace("# whose", "# whose\u2028kind: Pod\u2028"),
    "on the marker's line": f"--- {{kind: Pod}}\n{CRD}",
}


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_is_read(name: str) -> None:
    assert skimmed(OTHERS[name]) is None


def found(text: str) -> list[Resource]:
    context = Context(wanted=frozenset({("container", "privileged")}))
    document = YamlDocument("m.yaml", text, skim=kubernetes.skim(text, context))
    assert kubernetes.claims(document)
    return [one for one in kubernetes.read(document, context) if one.kind == "container"]


STREAMS = {
    "before": (f"{CRD}---\n{POD}", 19),
    "after": (f"{POD}---\n{CRD}", 4),
    "between": (f"# a comment\n---\n{POD}---\n{CRD}---\n---\n{CRD}", 6),
    "behind a comment": (f"# a comment\n---\n{CRD}---\n# another\n{POD}", 22),
    "with an end of a document": (f"{CRD}...\n---\n{POD}", 20),
    "with CRLF": (f"{CRD}---\n{POD}".replace("\n", "\r\n"), 19),
}


@pytest.mark.parametrize("name", STREAMS)
def test_what_stands_beside_it_keeps_its_place(name: str) -> None:
    text, line = STREAMS[name]
    (container,) = found(text)
    where = container.where(("privileged",))
    assert (where.line, where.column) == (line, POD.splitlines()[3].index("true") + 1)
    assert shown_line(container, where) == POD.splitlines()[3]


def test_it_has_to_be_well_formed() -> None:
    broken = CRD.replace("name: apps", "name: [apps")
    with pytest.raises(DocumentError) as caught:
        found(f"{POD}---\n{broken}")
    assert (caught.value.line, caught.value.message[:14]) == (11, "malformed YAML")


def objects(text: str, wanted: frozenset[tuple[str, str]] | None) -> list[object]:
    context = Context(wanted=wanted)
    document = YamlDocument("m.yaml", text, skim=kubernetes.skim(text, context))
    return [
        (one.kind, one.name, dict(one.facts), one.where(), one.where(("labels",)), one.where(("api_version",)))
        for one in kubernetes.read(document, context)
        if one.kind == "api_object"
    ]


LABELLED = CRD.replace("  name: apps", "  labels: {app: x}\n  name: apps")
HEADS = {
    "alone": LABELLED,
    "with CRLF": LABELLED.replace("\n", "\r\n"),
    "before": f"{LABELLED}---\n{POD}",
    "after": f"{POD}---\n{LABELLED}",
    "between": f"# a comment\n---\n{POD}---\n{LABELLED}---\n---\n{CRD}",
    "without a status": LABELLED[: LABELLED.index("status:")],
    "the spec first": LABELLED.replace("metadata: # whose\n  labels: {app: x}\n  name: apps.example.com\n", "")
    + "metadata: {name: apps.example.com}\n",
    "an anchor": LABELLED.replace("group: example.com", "group: &a example.com\n    other: *a"),
}


@pytest.mark.parametrize("name", HEADS)
def test_of_every_object_the_head_says_all(name: str) -> None:
    whole = YamlDocument("m.yaml", HEADS[name])
    read = [
        (one.kind, one.name, dict(one.facts), one.where(), one.where(("labels",)), one.where(("api_version",)))
        for one in kubernetes.read(whole, Context())
        if one.kind == "api_object"
    ]
    assert objects(HEADS[name], None) == read
    assert objects(HEADS[name], frozenset({("api_object", "api_version")})) == read


def test_the_head_ends_before_the_spec() -> None:
    assert headed(CRD) == Head(CRD.index("spec:"))
    assert headed(HEADS["the spec first"]) is None
    assert headed(HEADS["an anchor"]) is None
    assert headed(f"{CRD}spec: {{}}\n") is None
    assert headed(CRD.replace("group:", f"x: {'[' * 201}{']' * 201}\n    group:")) is None


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_has_no_head(name: str) -> None:
    assert headed(OTHERS[name]) is None


def test_what_follows_the_head_has_to_be_well_formed() -> None:
    text = f"{POD}---\n{CRD.replace('group: example', 'group: [example')}"
    with pytest.raises(DocumentError) as caught:
        objects(text, None)
    assert (caught.value.line, caught.value.message[:14]) == (13, "malformed YAML")


def test_which_of_both_is_asked_for() -> None:
    assert kubernetes.skim(CRD, Context(wanted=frozenset({("api_object", "api_version")}))) is headed
    assert kubernetes.skim(CRD, Context()) is headed
    assert kubernetes.skim(CRD, Context(wanted=frozenset())) is skimmed
    assert kubernetes.skim(POD, Context(wanted=frozenset())) is None
