"""What diagrams of rules say at their leaves."""

from __future__ import annotations

from policyengine.firewall.diagram import NOTHING

(
    ACCEPT,
    DROP,
    REJECT,
    UNDECIDED,
    ABSENT,
    UNCHOSEN,
    PASS,
    RETURN,
    NOTHING_UNTRACKED,
    PASS_UNTRACKED,
    RETURN_UNTRACKED,
    REST,
    END,
    END_UNTRACKED,
) = range(NOTHING - 1, NOTHING - 15, -1)
"""ACCEPT to UNCHOSEN are final. ABSENT: no such packet takes the path. UNCHOSEN: nor is it what translation may choose.
PASS: the packet goes on to the next stage. RETURN: back to the chain that called. Those
with UNTRACKED: and on the way a rule has said that the packet is not to be tracked. REST, END and END_UNTRACKED
stand for others while a chain is put together."""

TRANSLATED = NOTHING - 15
"""From here on: accepted after a translation, one leaf for each."""

UNTRACKING = {NOTHING: NOTHING_UNTRACKED, PASS: PASS_UNTRACKED, RETURN: RETURN_UNTRACKED}
"""What has been said after ``NOTRACK``."""

JUMPED = {RETURN: NOTHING, RETURN_UNTRACKED: NOTHING_UNTRACKED}
"""What a chain says to that which jumped to it."""
