"""What is passed over unread is a CustomResourceDefinition and nothing else, and still has to be well-formed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.errors import DocumentError
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.inputs.kubernetes.skimming import skimmed

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
    assert container.origins.excerpt(where) == POD.splitlines()[3]


def test_it_has_to_be_well_formed() -> None:
    broken = CRD.replace("name: apps", "name: [apps")
    with pytest.raises(DocumentError) as caught:
        found(f"{POD}---\n{broken}")
    assert (caught.value.line, caught.value.message[:14]) == (11, "malformed YAML")


def test_all_is_read_where_a_policy_asks_for_every_object() -> None:
    assert kubernetes.skim(CRD, Context(wanted=frozenset({("api_object", "api_version")}))) is None
    assert kubernetes.skim(CRD, Context()) is None
    assert kubernetes.skim(POD, Context(wanted=frozenset())) is None
