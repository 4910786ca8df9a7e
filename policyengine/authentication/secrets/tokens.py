"""Tokens of well-known forms in files of any kind."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from policyengine.authentication.secrets.secret import Secret
from policyengine.model.literal_secrets import tokens as tokens_in

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORTEST = 20
_DRAWN = 3.0
"""Bits a character that a token has at least, of those that are drawn by lot: it has them by far."""

_SERVICES = (
    ("GitHub", r"gh[opsur]_[A-Za-z0-9]{24}|github_pat_\w{30}"),
    ("GitLab", r"gl[a-z]+-[\w-]{10}"),
    ("Slack", r"xox|xapp-|services/"),
    ("Stripe", r"[rs]k_live_|whsec_"),
    ("AWS", r"AKIA|ASIA|amzn"),
    ("Google", r"GOCSPX|ya29"),
    ("npm", "npm_"),
    ("PyPI", "pypi-"),
    ("RubyGems", "rubygems_"),
    ("Docker", "dckr_"),
    ("Hugging Face", "hf_"),
    ("Anthropic", "sk-ant-"),
    ("OpenAI", "sk-"),
    ("SendGrid", r"SG\."),
    ("Vault", r"hv[bsr]\."),
    ("DigitalOcean", r"do[oprt]_v1_"),
    ("Shopify", "shp"),
    ("Square", "sq0"),
    ("Databricks", "dapi"),
    ("Grafana", "glsa_"),
    ("New Relic", "NRAK"),
    ("Linear", "lin_api_"),
    ("PlanetScale", "pscale_"),
    ("Doppler", r"dp\."),
    ("Tailscale", "tskey-"),
    ("age", "AGE-SECRET-KEY"),
    ("Telegram", "[0-9]{8,10}:AA"),
    ("Discord", "[0-9]{15,}/"),
    ("Teams", "webhook"),
)
"""Whose a token is, by how it begins. Of the forms that are known in texts those are left out that may be public, or

that other things have as well: keys of Google's for browsers, JSON Web Tokens, Mailchimp's, signatures in URLs.
"""

_OWNER = re.compile("|".join(f"(?P<s{at}>{form})" for at, (_, form) in enumerate(_SERVICES))).match


def tokens(text: str) -> Iterator[Secret]:
    """The tokens in a text; private keys are told elsewhere."""
    if _gate().search(text.encode(errors="replace")) is None:
        return
    for found in tokens_in(text):
        service = _service(found[0])
        if service is not None and _is_drawn(found[0]):
            yield Secret("token", service, text.count("\n", 0, found.start()) + 1)


@cache
def _gate() -> Any:
    """What begins as a token does, and goes on for long enough, looked for by RE2 at once: few texts get past it."""
    import re2

    options = re2.Options()
    options.never_capture = True
    forms = "|".join(form for _, form in _SERVICES)
    return re2.compile(rf"(?:^|[^A-Za-z0-9_-])(?:{forms})[\w./+=%-]{{8}}".encode(), options)


def _service(token: str) -> str | None:
    owner = _OWNER(token)
    return None if owner is None or owner.lastgroup is None else _SERVICES[int(owner.lastgroup[1:])][0]


def _is_drawn(token: str) -> bool:
    """Whether a token looks drawn by lot: letters, digits, and no word of them again and again."""
    if len(token) < _SHORTEST or not any(map(str.isdigit, token)):
        return False
    counts = Counter(token)
    return -sum(one / len(token) * math.log2(one / len(token)) for one in counts.values()) >= _DRAWN
