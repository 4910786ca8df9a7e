"""Texts that are secrets by their form, whatever they are called: the tokens of well-known services, private keys.

The forms are those that the services document for scanners, for example
https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github and
https://docs.gitlab.com/security/tokens/.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

TOKEN = re.compile(
    r"""(?x) (?<![A-Za-z0-9_-])
    (?: gh[opsur]_[A-Za-z0-9]{6,}+ | github_pat_\w{6,}+
      | gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-[\w-]{6,}+
      | xox[abeprs]-[\w-]{6,}+ | xapp-[0-9]-[\w-]{10,}+
      | [rs]k_live_[A-Za-z0-9]{6,}+ | whsec_[A-Za-z0-9+/=]{20,}+
      | (?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16} (?![A-Za-z0-9]) | amzn\.mws\.[0-9a-f]{8}-[0-9a-f-]{27}
      | AIza[\w-]{35} (?![\w-]) | GOCSPX-[\w-]{20,}+ | ya29\.[\w-]{20,}+
      | eyJ[\w-]{10,}+ \. eyJ[\w-]{10,}+ \. [\w-]{10,}+
      | npm_[A-Za-z0-9]{36} (?![A-Za-z0-9]) | pypi-AgE[\w-]{30,}+ | rubygems_[0-9a-f]{48}
      | dckr_[po]at_[\w-]{20,}+ | hf_[A-Za-z]{34} (?![A-Za-z])
      | sk-(?:proj|svcacct|admin|ant)-[\w-]{20,}+ | sk-or-v1-[0-9a-f]{32,}+ | sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}
      | SG\.[\w-]{16,}+ \. [\w-]{16,}+ | [0-9a-f]{32}-us[0-9]{1,2} (?![\w-])
      | hv[bsr]\.[\w-]{24,}+ | do[oprt]_v1_[0-9a-f]{64} | shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}
      | sq0atp-[\w-]{22} | sq0csp-[\w-]{43} | dapi[0-9a-f]{32} (?![0-9a-f])
      | glsa_[A-Za-z0-9]{32}_[0-9a-f]{8} | NRAK-[A-Z0-9]{27} | lin_api_[A-Za-z0-9]{40} | pscale_(?:tkn|pw)_[\w.-]{32,}+
      | dp\.[cps][ta]\.[\w.-]{40,}+ | tskey-[a-z]{3,8}-[\w-]{10,}+ | AGE-SECRET-KEY-1[A-Z0-9]{50,}+
      | [0-9]{8,10}:AA[\w-]{33} (?![\w-])
      | (?<=hooks\.slack\.com/) services/[\w/-]{20,}+ | (?<=/api/webhooks/) [0-9]{15,}+/[\w-]{30,}+
      | (?<=\.webhook\.office\.com/) webhook[\w/@-]{30,}+
      | (?<=[?&]sig=) [A-Za-z0-9%+/=]{20,}+
    )
    | -{3,5} BEGIN\ (?:(?!PRIVATE)[A-Z0-9]+\ )*+ PRIVATE\ KEY (?:\ BLOCK)? -{3,5}
      (?:[^-]++ (?: -{3,5}END\ [A-Z0-9 ]++ -{3,5})?)?
    """
)
"""GitHub, GitLab, Slack, Stripe, AWS, Google, JSON Web Tokens, npm, PyPI, RubyGems, Docker, Hugging Face, OpenAI,

Anthropic, SendGrid, Mailchimp, Vault, DigitalOcean, Shopify, Square, Databricks, Grafana, New Relic, Linear,
PlanetScale, Doppler, Tailscale, age, Telegram; webhooks of Slack, Discord and Teams; signatures in URLs of Azure;
private keys in PEM.
"""

MARKS = (
    *("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-"),
    *("glimt-", "glagent-", "glsoat-", "gloas-", "xox", "xapp-", "k_live_", "whsec_", "AKIA", "ASIA", "amzn.mws."),
    *("AIza", "GOCSPX-", "ya29.", "eyJ", "npm_", "pypi-AgE", "rubygems_", "dckr_", "hf_", "sk-", "SG.", "-us", "hvb."),
    *("hvs.", "hvr.", "_v1_", "shpat_", "shpca_", "shppa_", "shpss_", "sq0", "dapi", "glsa_", "NRAK-", "lin_api_"),
    *("pscale_", "dp.", "tskey-", "AGE-SECRET-KEY-1", ":AA", "hooks.slack.com/", "/api/webhooks/"),
    *(".webhook.office.com/", "sig=", "--BEGIN "),
)
"""What a text holds, at least one of, that holds a token."""

SHORTEST = 10
"""How many characters a token has at least."""


def may_hold_token(text: str) -> bool:
    """Whether a text is worth being searched for tokens, told in less time than a search takes."""
    return len(text) >= SHORTEST and _marks().search(text.encode(errors="replace")) is not None


@cache
def _marks() -> Any:
    """All marks in one expression, which RE2 looks for at once."""
    import re2

    options = re2.Options()
    options.never_capture = True
    return re2.compile("|".join(map(re.escape, MARKS)).encode(), options)
