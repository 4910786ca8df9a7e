"""Files that are Go templates, and files that only look like it."""

from __future__ import annotations

import pytest

from policyengine.documents.templates import JINJA, REASON, YTT, unrendered

ALERT = 'annotations: {summary: "{{ $labels.pod }} is down"}\n'

CASES = [
    ("chart/templates/web.yaml", "a: {{ .Values.a }}\n", False, True),
    ("chart/templates/web.yaml", "{{- if\n .Values.a }}\na: 1\n{{- end }}\n", False, True),
    ("templates/web.yaml", "a: 1\n", False, False),
    ("templates/web.yaml", "a: {{b: 1}: 2}\n", False, False),
    ("chart/templates", "a: {{ .Values.a }}\n", False, False),
    ("chart/alerts.yaml", ALERT, False, False),
    ("chart/alerts.yaml", ALERT + "b: [\n", True, False),
    ("chart/alerts.yaml", "# {{ .Values.a }}\nb: [\n", True, False),
    ("chart/web.yaml", "a: {{ .Values.a }}\n", True, True),
    ("chart/web.yaml", "b:\n  - - {{ .a }}\n", True, True),
    ("chart/web.yaml", "a: 1\n  {{- with .b }}\n", True, True),
    ("chart/web.yaml", '"a": {{ .a }}\n', True, True),
    ("chart/web.yaml", "a: {{ .a\n", True, False),
    ("chart/web.yaml", "a: {{ .Values.a }}\n", False, False),
]


@pytest.mark.parametrize(("path", "text", "malformed", "left_out"), CASES)
def test_templates(path: str, text: str, malformed: bool, left_out: bool) -> None:
    assert unrendered(path, text, malformed=malformed) == (REASON if left_out else None)


OTHERS = [
    ("web.jsonnet", "local k = import 'k.libsonnet'; {}", False, "Jsonnet, not rendered"),
    ("k.libsonnet", "{}", False, "Jsonnet, not rendered"),
    ("web.cue", "a: 1", False, "CUE, not exported"),
    ("web.yaml.j2", "a: 1", False, JINJA),
    ("web.yaml.tmpl", "a: 1", False, "Go template, not rendered"),
    ("_helpers.tpl", "", False, REASON),
    ("web.yaml", "a: 1\n{% if x %}\nb: [\n{% endif %}\n", True, JINJA),
    ("web.yaml", "a: '{% if x %}1{% endif %}'\n", False, None),
    ("web.yaml", "a: |\n  {% raw %}\nb: [\n", False, None),
    ("web.yaml", "#@ load('@ytt:data', 'data')\na: #@ data.values.a\n", False, YTT),
    ("web.yaml", "#@data/values\n---\na: 1\n", False, YTT),
    ("web.yaml", "#@ if data.values.a:\na: 1\n#@ end\n", False, YTT),
    ("web.yaml", "image: #@ data.values.image\n", False, YTT),
    ("web.yaml", "#@overlay/match by='name'\na: 1\n", False, YTT),
    ("web.yaml", "a: 1 # mail me#@ home\n", False, None),
    ("web.yaml", "# @param a the first\na: 1\n", False, None),
    ("web.yaml", "#@author me\na: '#@ b'\n", False, None),
    ("web.json", '{"a": "x: #@ data"}', False, None),
    ("Dockerfile", "#@ load(x)\nFROM a\n", False, None),
]


@pytest.mark.parametrize(("path", "text", "malformed", "reason"), OTHERS)
def test_other_templates(path: str, text: str, malformed: bool, reason: str | None) -> None:
    assert unrendered(path, text, malformed=malformed) == reason
