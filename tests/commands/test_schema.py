"""``policyengine schema``: what editors are given accepts the files that we accept, and refuses what we refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from policyengine.commands.init import Seen, settings_text
from policyengine.commands.schema import DOCUMENTS
from policyengine.documents.shape import misfits
from policyengine.documents.yaml import YamlDocument
from policyengine.exceptions.waiver_schema import SCHEMA as WAIVER_FILE
from policyengine.exceptions.waiver_schema import SELECTORS
from policyengine.exceptions.waivers import eased as eased_waivers
from policyengine.inputs import inputs
from policyengine.model.kinds import kinds
from policyengine.outputs import formats
from policyengine.policy.check import APPLIES
from policyengine.policy.library import built_in, policy_files
from policyengine.policy.load import TAGS
from policyengine.policy.packs import SCHEMA as PACK
from policyengine.policy.schema import shape_issues
from policyengine.policy.semantics import semantic_issues
from policyengine.settings.file import eased
from policyengine.settings.schema import SCHEMA as SETTINGS
from tests.commands.test_init import uncommented
from tests.mutating import mutated
from tests.once import ONCE
from tests.schemas import DIRECTORY, as_editors_see, validator, written
from tests.test_settings_file import EVERYTHING

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = ONCE

POLICIES = policy_files(built_in())
PACKS = sorted(built_in().glob("packs/*/pack.yaml"))
VALIDATORS = {document: validator(document) for document in DOCUMENTS}


def read(text: str) -> Any:
    return YamlDocument("a.yaml", text, tags=TAGS).values[0]


def errors(document: str, data: object) -> list[str]:
    return [error.message for error in VALIDATORS[document].iter_errors(as_editors_see(data))]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_copies_are_current(document: str) -> None:
    """``python -m tests.schemas --write`` makes them so."""
    assert (DIRECTORY / f"{document}.json").read_text(encoding="utf-8") == written(document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_they_are_json_schema(document: str) -> None:
    schema = json.loads(written(document))
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema)
    assert all(pointer[len("#/definitions/") :] in schema["definitions"] for pointer in set(_pointers(schema)))


def _pointers(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [one for item in schema for one in _pointers(item)]
    if not isinstance(schema, dict):
        return []
    own = (
        [schema["$ref"]] if isinstance(schema.get("$ref"), str) and "definitions/example" not in schema["$ref"] else []
    )
    return own + [one for value in schema.values() for one in _pointers(value)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_key_is_explained(document: str) -> None:
    properties = json.loads(written(document))["properties"]
    assert [name for name, told in properties.items() if not told.get("description")] == []


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_built_in_policy_is_right(path: Path) -> None:
    assert errors("policy", read(path.read_text())) == []


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.parent.name)
def test_every_built_in_pack_is_right(path: Path) -> None:
    assert errors("pack", read(path.read_text())) == []


FOUND = Seen(charts=["charts/web"], not_ours={"vendor"}, for_tests={"tests"})


@pytest.mark.parametrize("text", [EVERYTHING, settings_text(Seen()), uncommented(settings_text(FOUND))])
def test_settings_are_right(text: str) -> None:
    assert errors("settings", read(text)) == []


def fits(schema: dict[str, Any], data: Any) -> bool:
    ready = EASED.get(id(schema), dict)(data)
    return not any(misfits(ready, schema))


EASED = {id(SETTINGS): eased, id(WAIVER_FILE): eased_waivers}
"""What one text that stands for a list is made of before."""


SETTINGS_VERDICTS = {
    "env: {1A: b}": False,
    "env: {A: b}": True,
    "env: {A: 1}": False,
    'parameters: {"": {}}': False,
    "parameters: {caps-added: [CHOWN]}": False,
    "parameters: {acme/own: {any: [1, {a: b}]}}": True,
    "select: privileged": True,
    "select: [no]": True,
    'select: ""': False,
    "select: [null]": False,
    "built_in: yes": True,
    "built_in: perhaps": False,
    "cache: [a]": False,
    "cache: off": True,
    "jobs: 0": False,
    "jobs: auto": True,
    "jobs: true": False,
    "fail_on: hihg": False,
    "fial_on: high": False,
    "enforcement: [{severity: [low, lwo], enforce: warn}]": False,
    "enforcement: [{severity: low}]": False,
    "enforcement: [{severity: low, enforce: off}]": True,
    "version: 2": False,
    "color: null": False,
}


@pytest.mark.parametrize("text", SETTINGS_VERDICTS)
def test_settings_that_are_right_and_wrong(text: str) -> None:
    data = {"version": 1, **read(text)}
    assert (errors("settings", data) == []) is SETTINGS_VERDICTS[text] is fits(SETTINGS, data)


@given(st.sampled_from([read(EVERYTHING), read(uncommented(settings_text(FOUND)))]).flatmap(mutated))
@settings(max_examples=250, deadline=None)
def test_settings_have_the_verdict_of_cerberus(data: Any) -> None:
    assert (errors("settings", data) == []) is fits(SETTINGS, data)


@given(st.sampled_from([read(path.read_text()) for path in PACKS]).flatmap(mutated))
@settings(max_examples=250, deadline=None)
def test_packs_have_the_verdict_of_cerberus(data: Any) -> None:
    assert (errors("pack", data) == []) is fits(PACK, data)


WAIVERS = """\
version: 1
waivers:
  - {policy: privileged, resource: web, reason: It must., expires: 2027-01-31}
  - policy: [caps-added, runtime]
    path: deploy/
    scope: ["compose:*"]
    value: null
    owner: platform
    reason: Until it is rebuilt.
    expires: 2027-02-28
"""


@given(mutated(read(WAIVERS)))
@settings(max_examples=250, deadline=None)
def test_waivers_have_the_verdict_of_cerberus(data: Any) -> None:
    listed = data.get("waivers") if isinstance(data.get("waivers"), list) else []
    of_something = all(not isinstance(item, dict) or set(SELECTORS) & item.keys() for item in listed)
    assert (errors("waivers", data) == []) is (fits(WAIVER_FILE, data) and of_something)


def loads(data: Any, stem: str) -> bool:
    """Whether loading takes a policy's data."""
    return not list(shape_issues(data)) and not list(semantic_issues(data, stem, list(inputs())))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_policies_that_load_are_right_and_those_of_another_shape_are_not(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(POLICIES))
    policy = data.draw(mutated(read(path.read_text())))
    told = errors("policy", policy)
    if list(shape_issues(policy)):
        assert told
    elif loads(policy, path.stem):
        assert told == []


POLICY = """\
version: 1
id: named
title: Containers have a name that we know
category: runtime
severity: low
why: Ours begin with acme.
target: container
parameters:
  known: {type: list, items: string, default: [acme], help: names}
require:
  name: {regex: "acme-.*"}
examples:
  pass: [{compose: "services: {acme-web: {image: nginx}}"}]
  fail: [{compose: "services: {web: {image: nginx}}"}]
"""
REFUSED = {
    "a misspelt key": ("why:", "wyh:"),
    "a kind that there is not": ("target: container", "target: contaner"),
    "one of several kinds": ("target: container", "target: [pod, contaner]"),
    "no severity": ("severity: low", "severity: lwo"),
    "a misspelt field": ("  name: {regex", "  nmae: {regex"),
    "a malformed path": ("  name: {regex", "  name..x: {regex"),
    "a misspelt constraint": ('{regex: "acme-.*"}', '{regexp: "acme-.*"}'),
    "a constraint that does not apply": ('{regex: "acme-.*"}', "{min: 1}"),
    "no constraint": ('{regex: "acme-.*"}', "{}"),
    "a value of another type": ("name: {regex", "privileged: {allowed: [0]}\n  name: {regex"),
    "no value of the field": ("name: {regex", "ports[].protocol: {allowed: [TCP]}\n  name: {regex"),
    "a constraint in another": ('{regex: "acme-.*"}', '{anyof: [{regexp: "acme-.*"}]}'),
    "nothing is demanded": ('require:\n  name: {regex: "acme-.*"}\n', ""),
    "flows that are no mapping": ("require:", "flows: []\nrequire:"),
    "an unknown intent": ("require:", "flows: {accept_only: []}\nrequire:"),
    "an unknown way to tell places": ("require:", "flows: {accepts_only: [{from: {servce: db}}]}\nrequire:"),
    "a default of another type": ("default: [acme]", "default: [1]"),
    "no passing example": ('pass: [{compose: "services: {acme-web: {image: nginx}}"}]', "pass: []"),
    "an example without an input": ('fail: [{compose: "services: {web: {image: nginx}}"}]', "fail: [{line: 1}]"),
    "an unknown input": ("fail: [{compose:", "fail: [{compos:"),
    "a control of nothing": ("target:", 'controls: [{id: "1"}]\ntarget:'),
    "a control on no input": ("target:", "controls: [{tool: trivy, id: A, inputs: [kubernets]}]\ntarget:"),
    "a remedy for no input": ("target:", "remedy: {kubernets: mend it}\ntarget:"),
}
LEFT_TO_LOADING = {
    "an undeclared parameter": ('"acme-.*"', "!param other"),
    "a text where a parameter may stand": ("name: {regex", "privileged: {allowed: nothing}\n  name: {regex"),
    "a regular expression": ('"acme-.*"', '"acme-("'),
    "the further steps of a path": ("  name: {regex", "  ports[].nmae: {regex"),
    "required on items": ("name: {regex", "cap_add[]: {required: true}\n  name: {regex"),
    "a misspelt field of several kinds": (
        "target: container\n",
        "target: [container, pod]\nwhere: {nmae: {regex: a}}\n",
    ),
    "the file's name": ("id: named", "id: other"),
}


@pytest.mark.parametrize(("old", "new"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_in_policies(old: str, new: str) -> None:
    assert errors("policy", read(POLICY)) == []
    data = read(changed(old, new))
    assert errors("policy", data) != []
    assert not loads(data, "named")


@pytest.mark.parametrize(("old", "new"), LEFT_TO_LOADING.values(), ids=LEFT_TO_LOADING)
def test_what_cannot_be_told_is_left_to_loading(old: str, new: str) -> None:
    data = read(changed(old, new))
    assert errors("policy", data) == []
    assert not loads(data, "named")


def changed(old: str, new: str) -> str:
    assert old in POLICY
    return POLICY.replace(old, new, 1)


def test_what_an_editor_offers_below_require() -> None:
    schema = json.loads(written("policy"))
    fields = schema["definitions"]["fields.container"]["properties"]
    assert fields["privileged"]["description"] == kinds()["container"].fields["privileged"].meaning
    assert {"ports[].published", "ports[]?.published", "cap_add[]", "labels{}"} <= set(fields)
    assert set(APPLIES) == set(schema["definitions"]["constraints"]["properties"])


def test_what_an_editor_offers_in_settings() -> None:
    offered = json.loads(written("settings"))["definitions"]
    assert {"runtime", "privileged"} <= set(offered["policies"]["enum"])
    assert offered["parameters"]["properties"]["caps-added"]["properties"]["allowed"]["default"][0] == "AUDIT_WRITE"
    assert "strict" in offered["packs"]["enum"]
    assert offered["formats"]["enum"] == list(formats())
    assert offered["enrichments"]["enum"] == ["engine", "registry"]
