"""Markdown by control, whole."""

from __future__ import annotations

from textwrap import dedent

from policyengine.outputs.markdown_controls import markdown
from policyengine.outputs.options import DEFAULT

from .reports import CONTROLLED


def test_a_section_a_benchmark() -> None:
    assert "\n".join(markdown(CONTROLLED, DEFAULT)) == dedent("""\
        ### CIS Docker `1.7.0`: 1 of 10 controls fail, 1 error, 1 unknown, 1 waived, 1 pass, 5 not checked

        | Control | Status | What it asks | Violations | Unknown | Passes | Policies |
        | --- | --- | --- | --- | --- | --- | --- |
        | `4.1` | unknown |  |  | 1 |  | `run-as-uid-0`, `user-missing` |
        | `5.4` | pass | Containers add no capabilities |  |  | 4 | `caps-added` |
        | `5.5` | fail | Containers do not run privileged | 1 |  | 3 | `privileged` |
        | `5.11` | error | Containers have a memory limit |  |  |  | `memory-limit` |
        | `5.14` | waived | Ports are bound to one address |  |  |  | `bind-all-interfaces` |

        - Not checked, no policy speaks for it: `1.1.1`, `1.1.2`
        - Not checked, not all that speaks for it was in this run: `5.28`
        - Not checked, there was nothing to judge for it: `6.1`
        - Not checked, the settings leave violations untold: `5.12`

        ### CIS Kubernetes 1.12: 0 of 1 known controls fail, 1 pass

        | Control | Status | What it asks | Violations | Unknown | Passes | Policies |
        | --- | --- | --- | --- | --- | --- | --- |
        | `5.2.2` | pass | Containers do not run privileged |  |  | 9 | `privileged` |
        """)
