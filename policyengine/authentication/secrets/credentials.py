"""Files in which programs keep credentials, by their names; each counts only where a credential stands in it.

The names, and what stands in them, are those of the programs' own documentation: credentials of the AWS CLI,
netrc(5), pgpass of libpq, my.cnf of MySQL, npmrc(5), .pypirc of twine, git-credential-store(1), hosts.yml of gh, ...
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.secrets.secret import Secret
from policyengine.documents import go_json
from policyengine.model.literal_secrets import is_literal, is_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Found = Callable[[str], Iterator[int]]
    """The lines of a text in which a credential stands."""


def _lines(expression: str) -> Found:
    """Lines in which ``value`` is one that is written out."""
    pattern = re.compile(expression, re.MULTILINE | re.IGNORECASE)

    def found(text: str) -> Iterator[int]:
        for match in pattern.finditer(text):
            value = match["value"].strip().strip("\"'")
            if is_literal(value, password=True) and "${" not in value:
                yield text.count("\n", 0, match.start("value")) + 1

    return found


_OF_DOCKER = ("auth", "identitytoken", "registrytoken")


def _docker(text: str) -> Iterator[int]:
    """Of ``auths``, or of the file of before there was ``auths``, the entries with a credential."""
    try:
        _, pairs = go_json.decoded(text)
    except (ValueError, RecursionError):
        return
    auths = [entry for _, entry in go_json.entries(pairs, "auths").values()]
    for entry in auths if any(go_json.fields(pairs, "auths")) else dict(pairs).values():
        secrets = [go_json.string(entry.items(), name) for name in _OF_DOCKER] if isinstance(entry, dict) else ()
        for _, value in filter(None, secrets):
            if value and value in text:
                yield text.count("\n", 0, text.index(value)) + 1


def _variables(text: str) -> Iterator[int]:
    """Lines that set a variable to a secret, as ``.env`` does."""
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip().isidentifier() and is_secret(name.strip(), value.strip().strip("\"'")):
            yield number


def _anything(text: str) -> Iterator[int]:
    """A file that is nothing but a credential."""
    return iter((1,) if text.strip() else ())


class Kept(Struct, frozen=True):
    """Files of a program: what their paths end in, and where credentials stand in them."""

    program: str
    paths: re.Pattern[str]
    found: Found


def _kept(program: str, paths: str, found: Found) -> Kept:
    return Kept(program, re.compile(rf"(?:^|.*/)(?:{paths})", re.DOTALL), found)


_PASSWORD = r"^[ \t]*(?:password|passwd|pass)[ \t]*[:=][ \t]*(?P<value>[^\r\n#]+)"  # noqa: S105 - an expression
_URL = r"[a-z][a-z0-9+.-]{0,31}://[^\s:/@]*:(?P<value>[^\s/@]+)@"

KEPT = (
    _kept(
        "aws",
        r"\.aws/(?:credentials|config)",
        _lines(r"^[ \t]*aws_(?:secret_access_key|session_token)[ \t]*=(?P<value>.+)"),
    ),
    _kept(
        "azure",
        r"\.azure/(?:accessTokens|msal_token_cache|azureProfile)\.json",
        _lines(r'"(?:accessToken|refreshToken|secret)"[ \t]*:[ \t]*"(?P<value>[^"]+)"'),
    ),
    _kept(
        "boto",
        r"\.boto|boto\.cfg",
        _lines(r"^[ \t]*(?:aws_secret_access_key|gs_oauth2_refresh_token)[ \t]*=(?P<value>.+)"),
    ),
    _kept("cargo", r"\.?cargo/credentials(?:\.toml)?", _lines(r'^[ \t]*token[ \t]*=[ \t]*"(?P<value>[^"]+)"')),
    _kept(
        "composer",
        r"\.?composer/auth\.json",
        _lines(r'"(?:password|[^"]*token|[\w.-]+\.[a-z]+)"[ \t]*:[ \t]*"(?P<value>[^"]+)"'),
    ),
    _kept("docker", r"\.docker/config\.json|\.dockercfg|\.dockerconfigjson|containers/auth\.json", _docker),
    _kept("doctl", r"doctl/config\.yaml", _lines(r"^[ \t]*access-token:[ \t]*(?P<value>\S+)")),
    _kept("environment", r"\.env(?:\.(?!example|sample|template|dist|defaults?)[\w.-]+)?|[\w.-]+\.env", _variables),
    _kept(
        "gcloud",
        r"application_default_credentials\.json|gcloud/legacy_credentials/.*/adc\.json",
        _lines(r'"(?:refresh_token|client_secret)"[ \t]*:[ \t]*"(?P<value>[^"]+)"'),
    ),
    _kept("gem", r"\.gem/credentials", _lines(r"^:[ \t]*\w*(?:api_key|github)[ \t]*:[ \t]*(?P<value>\S+)")),
    _kept("gh", r"gh/hosts\.yml|\.config/hub", _lines(r"^[ \t-]*oauth_token:[ \t]*(?P<value>\S+)")),
    _kept("git", r"\.git-credentials|git/credentials|\.gitconfig|\.git/config", _lines(_URL)),
    _kept(
        "gradle", r"\.gradle/gradle\.properties", _lines(r"^[ \t]*[\w.]*(?:password|token|secret)[ \t]*=(?P<value>.+)")
    ),
    _kept(
        "kubernetes",
        r"\.kube/config|kubeconfig|etc/kubernetes/[\w.-]+\.conf|k3s\.yaml",
        _lines(r"^[ \t-]*(?:client-key-data|token|password):[ \t]*(?P<value>\S+)"),
    ),
    _kept(
        "maven", r"\.m2/settings\.xml|maven/conf/settings\.xml", _lines(r"<(?:password|passphrase)>(?P<value>[^<{]+)<")
    ),
    _kept("mysql", r"\.my\.cnf", _lines(_PASSWORD)),
    _kept("netrc", r"[._]netrc", _lines(r"(?:^|\s)password[ \t]+(?P<value>\S+)")),
    _kept("npm", r"\.npmrc", _lines(r"(?:^|:)_(?:authToken|auth|password)[ \t]*=[ \t]*(?P<value>\S+)")),
    _kept(
        "nuget", r"nuget\.config|NuGet\.Config", _lines(r'key="(?:ClearText)?Password"[ \t]+value="(?P<value>[^"]+)"')
    ),
    _kept("pip", r"pip\.conf|\.pip/pip\.conf|pip/pip\.conf|uv\.toml", _lines(_URL)),
    _kept("postgresql", r"\.pgpass", _lines(r"^(?!#)(?:(?:\\.|[^:\\\n])*:){4}(?P<value>.+)")),
    _kept("pypi", r"\.pypirc", _lines(_PASSWORD)),
    _kept(
        "rclone",
        r"\.?rclone/?rclone\.conf|\.rclone\.conf",
        _lines(r"^[ \t]*(?:pass|token|secret_access_key|client_secret)[ \t]*=(?P<value>.+)"),
    ),
    _kept("s3cmd", r"\.s3cfg", _lines(r"^[ \t]*(?:secret_key|access_token)[ \t]*=(?P<value>.+)")),
    _kept(
        "terraform",
        r"\.terraformrc|\.terraform\.d/credentials\.tfrc\.json",
        _lines(r'"?token"?[ \t]*[:=][ \t]*"(?P<value>[^"]+)"'),
    ),
    _kept("vault", r"\.vault-token", _anything),
    _kept(
        "wordpress",
        r"wp-config\.php",
        _lines(r"define\(\s*['\"](?:DB_PASSWORD)['\"]\s*,\s*['\"](?P<value>[^'\"]+)['\"]"),
    ),
    _kept("yarn", r"\.yarnrc\.yml", _lines(r"^[ \t]*npmAuth(?:Token|Ident):[ \t]*(?P<value>\S+)")),
)
"""By program."""

_LAST = re.compile(
    r"\.env|credentials|config|netrc|npmrc|pgpass|pypirc|dockercfg|dockerconfigjson|auth\.json|hosts\.yml|hub|cnf|cfg"
    r"|conf|boto|json|toml|xml|properties|rc$|rc\.yml|token|yaml|wp-config|kubeconfig|tfrc|\.cfg"
).search
"""What the last name of a path has at least: few get past it."""


def kept_by(path: str) -> Kept | None:
    """The program that keeps credentials in a file of that path."""
    if not _LAST(path[path.rfind("/") + 1 :].lower()):
        return None
    return next((one for one in KEPT if one.paths.fullmatch(path)), None)


def credentials(kept: Kept, text: str) -> Secret | None:
    """The first credential in a program's file."""
    line = next(kept.found(text), None)
    return None if line is None else Secret("credentials", kept.program, line)
