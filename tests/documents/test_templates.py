"""Files that are Go templates, and files that only look like it."""

from __future__ import annotations

import pytest

from policyengine.documents.templates import REASON, unrendered

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
