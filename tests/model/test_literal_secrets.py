"""Which variables hold a secret written out: pairs of a name and a value, of the kinds that projects write."""

from __future__ import annotations

import pytest

from policyengine.model.literal_secrets import is_secret
from policyengine.model.masking import MASK, concealed
from policyengine.model.secret_tokens import MARKS, TOKEN, may_hold_token
from policyengine.policy.predicates import no_secret_in_base64, no_secret_in_data, no_secret_in_words
from policyengine.policy.secrets_in_text import holds_secret

HEX = "0123456789abcdef"
LETTERS = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
ARMOUR = "-" * 5


def token(*parts: str) -> str:
    """A token put together only now, so that none stands in the repository."""
    return "".join(parts)


def pem(kind: str) -> str:
    return f"{ARMOUR}BEGIN {kind}{ARMOUR}\nMIIEpAIBAAKCAQEA\n{ARMOUR}END {kind}{ARMOUR}"


SECRETS = {
    "a password, however plain": [
        ("POSTGRES_PASSWORD", "postgres"),
        ("MYSQL_ROOT_PASSWORD", "root"),
        ("MYSQL_PASSWORD", "my-secret-pw"),
        ("KC_BOOTSTRAP_ADMIN_PASSWORD", "admin"),
        ("GF_SECURITY_ADMIN_PASSWORD", "foobar"),
        ("ELASTIC_PASSWORD", "123456"),
        ("RABBITMQ_DEFAULT_PASS", "guest"),
        ("DATABASE_PASS", "P@ssw0rd!"),
        ("DB_PASS_2", "P@ssw0rd!"),
        ("smtpPass1", "P@ssw0rd!"),
        ("MYSQL_PWD", "hunter2"),
        ("LDAP_BINDPW", "hunter2"),
        ("rootpw", "1234"),
        ("SSH_PASSPHRASE", "correct horse battery staple"),
        ("password", "vulnerable"),
        ("spring.datasource.password", "s3cr3t"),
        ("ConnectionStrings__Password", "Str0ng!"),
        ("PASSWORD", "$2b$12$abcdefghijklmnopqrstuv"),
        ("SMTP_PASSWORD", "test"),
        ("PGADMIN_DEFAULT_PASSWORD", "5432"),
        ("ADMIN_PASSWORD", "changed-it"),
        ("REDIS_PASSWORD", "redis_password"),
        ("LDAP_BIND_PW", "x-y-z"),
    ],
    "a key or a token by its name": [
        ("JWT_SECRET", "mysecret"),
        ("JWT_SECRET", "long-long-secret-key-is-here-1"),
        ("SECRET_KEY_BASE", HEX * 4),
        ("DJANGO_SECRET_KEY", "django-insecure-#a$b%c^d&e*f"),
        ("APP_KEY", "base64:2fl+Ktvkfl+Fuz4Qp/A75G2RTiWVA/ZoKZvp6fiiM10="),
        ("API_ENCRYPTION_KEY", "budget_api_encryption_key_1"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"),
        ("MINIO_SECRET_KEY", "minio123"),
        ("GATEWAY_TOKEN", HEX * 4),
        ("GITHUB_TOKEN", "0123456789012345678901234567890123456789"),
        ("CLIENT_SECRET", "8f3a-41bc"),
        ("AZURE_BATCH_KEY", "abc123=="),
        ("AZURE_STORAGE_KEY", "abc123=="),
        ("OCI_CLI_KEY_CONTENT", "MIIEpAIBAAKCAQEA"),
        ("SSH_PRIVATE_KEY", "MIIEpAIBAAKCAQEA"),
        ("apiKey", "a1b2c3"),
        ("WEBHOOK_SECRET", "9d8f"),
        ("DOCKERHUB_PAT", "a1b2c3d4"),
    ],
    "a token of a well-known form, under any name": [
        ("A", token("gh", "p_", LETTERS)),
        ("A", token("github", "_pat_", "11ABCDEFG0", LETTERS)),
        ("A", token("glp", "at-", "abcdefghijklmnopqrst")),
        ("A", token("gld", "t-", "abcdefghijklmnopqrst")),
        ("A", token("xo", "xb-", "123456789012-abcdefabcdef")),
        ("A", token("xa", "pp-1-", "A0123456789-abc")),
        ("A", token("sk_", "live_", LETTERS[:24])),
        ("A", token("rk_", "live_", LETTERS[:24])),
        ("A", token("AK", "IA", "IOSFODNN7ABCDEFG")),
        ("A", token("AS", "IA", "IOSFODNN7ABCDEFG")),
        ("A", token("AI", "za", LETTERS[:35])),
        ("A", token("GOC", "SPX-", LETTERS[:28])),
        ("A", token("ya", "29.", LETTERS)),
        ("A", token("ey", "JhbGciOiJIUzI1NiJ9", ".ey", "JzdWIiOiIxMjM0NTY3ODkwIn0", ".", LETTERS)),
        ("A", token("np", "m_", LETTERS)),
        ("A", token("py", "pi-AgEIcHlwaS5vcmcC", LETTERS)),
        ("A", token("dck", "r_pat_", LETTERS[:27])),
        ("A", token("h", "f_", "abcdefghijklmnopqrstuvwxyzABCDEFGH")),
        ("A", token("sk-", "proj-", LETTERS)),
        ("A", token("sk-", "ant-", "api03-", LETTERS)),
        ("A", token("S", "G.", LETTERS[:22], ".", LETTERS)),
        ("A", token(HEX, HEX, "-us", "12")),
        ("A", token("hv", "s.", LETTERS)),
        ("A", token("do", "p_v1_", HEX * 4)),
        ("A", token("shp", "at_", HEX * 2)),
        ("A", token("sq0", "atp-", LETTERS[:22])),
        ("A", token("sq0", "csp-", LETTERS, "abcdefg")),
        ("A", token("dap", "i", HEX * 2)),
        ("A", token("gl", "sa_", LETTERS[:32], "_", HEX[:8])),
        ("A", token("NR", "AK-", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0")),
        ("A", token("lin", "_api_", LETTERS, "abcd")),
        ("A", token("ts", "key-auth-", LETTERS)),
        ("A", token("AGE-SECRET", "-KEY-1", LETTERS.upper(), LETTERS.upper())),
        ("A", token("123456789", ":A", "A", LETTERS[:33])),
        ("A", token("amzn", ".mws.", "643a5678-8f9f-1a2b-5c3b-e3ea43f3f4b4")),
        ("A", token("https://hooks.slack.com/", "services/", "T01234567/B01234567/", LETTERS[:24])),
        ("A", token("https://discord.com/api/", "webhooks/", "123456789012345678/", LETTERS)),
        ("A", token("https://acme.blob.core.windows.net/a?sv=1&", "sig=", "abcdefghijklmnopqrstuvwx%3D")),
        ("OPTS", token("--header=", "gh", "p_", LETTERS)),
        ("TLS_CERT", pem("RSA PRIVATE KEY")),
        ("the_good_stuff", pem("OPENSSH PRIVATE KEY")),
        ("A", pem("PRIVATE KEY")),
        ("A", pem("PGP PRIVATE KEY BLOCK")),
        ("A", '{"type": "service_account", "private_key": "' + pem("PRIVATE KEY").replace("\n", "\\n") + '"}'),
    ],
    "a URL or a connection string with a password": [
        ("DATABASE_URL", "postgres://app:hunter2@db/app"),
        ("REDIS_URL", "redis://:hunter2@cache:6379/0"),
        ("CELERY_BROKER_URL", "amqp://guest:guest@mq//"),
        ("A", "https://ci:hunter2@git.example.com/a.git"),
        ("MONGO_URI", "mongodb+srv://u:p%40ss@cluster.example.com/?w=majority"),
        ("A", "Server=db;Database=app;User Id=sa;Password=Str0ng!;"),
        ("A", "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=abcdefghijkl=="),
        ("A", "Endpoint=sb://a.example.com/;SharedAccessKeyName=Root;SharedAccessKey=abcdefg="),
        ("NEO4J_AUTH", "neo4j/hunter2"),
    ],
}

NO_SECRETS = {
    "nothing, or a blank to fill in": [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "  "),
        ("DB_PASSWORD", '""'),
        ("DB_PASSWORD", "changeme"),
        ("DB_PASSWORD", "CHANGE_ME_PLEASE"),
        ("DB_PASSWORD", "<password>"),
        ("client-secret", "<insert-secret-here>"),
        ("authtoken", "YOUR_AUTHTOKEN"),
        ("API_KEY", "your-api-key"),
        ("API_KEY", "xxxxxxxx"),
        ("AWS_SECRET_ACCESS_KEY", "xxx"),
        ("SHARED_SECRET", "0" * 40),
        ("TOKEN", "..."),
        ("TOKEN", "***"),
        ("TOKEN", "TODO: set it"),
        ("SECRET", "placeholder-value"),
        ("SECRET", "example"),
        ("SECRET", "replace-with-your-own"),
        ("SECRET", "@@SECRET@@"),
        ("SECRET", "#{SECRET}#"),
        ("SECRET", "((secret))"),
        ("SECRET", "{secret}"),
        ("SECRET", "n/a"),
        ("API_KEY", "API_KEY"),
        ("TOKEN", "MY_GITHUB_TOKEN"),
        ("A", token("gh", "p_", "x" * 36)),
        ("A", token("https://hooks.slack.com/", "services/", "T00000000/B00000000/", "X" * 24)),
        ("DATABASE_URL", "postgres://user:password@host/db"),
        ("DATABASE_URL", "postgres://user:<password>@host/db"),
    ],
    "a switch or a number": [
        ("RANDOM_PASSWORD", "false"),
        ("AUTOMOUNT_TOKEN", "True"),
        ("USE_SECRET", "correct-horse"),
        ("PASSWORD", "0"),
        ("API_TOKEN", "3600"),
        ("SESSION_SECRET", "30m"),
        ("ALLOW_EMPTY_PASSWORD", "yes-please"),
        ("SECRET", "none"),
        ("SECRET", "disabled"),
        ("NEO4J_AUTH", "none"),
    ],
    "a reference to something else": [
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "${DB_PASSWORD:?must be set}"),
        ("DB_PASSWORD", "$SERVICE_PASSWORD_64_DB"),
        ("DB_PASSWORD", "$(DB_PASSWORD)"),
        ("DB_PASSWORD", "prefix-$(DB_PASSWORD)"),
        ("DB_PASSWORD", "{{ .Values.db.password }}"),
        ("DB_PASSWORD", "${{ secrets.DB_PASSWORD }}"),
        ("DB_PASSWORD", "x-{{ db_password }}"),
        ("DB_PASSWORD", "%(db_password)s"),
        ("DB_PASSWORD", "%DB_PASSWORD%"),
        ("DB_PASSWORD", "<%= ENV['DB_PASSWORD'] %>"),
        ("DB_PASSWORD", "`cat /run/secrets/db`"),
        ("DB_PASSWORD", "$(cat /run/secrets/db)"),
        ("DB_PASSWORD", "$__file{/run/secrets/db}"),
        ("DB_PASSWORD", "${env:DB_PASSWORD}"),
        ("DB_PASSWORD", "/run/secrets/db"),
        ("DB_PASSWORD", "file:///run/secrets/db"),
        ("DB_PASSWORD", "vault:secret/data/db#password"),
        ("DB_PASSWORD", "op://vault/db/password"),
        ("DB_PASSWORD", "ref+awssecrets://db/password"),
        ("DB_PASSWORD", "awssm://db"),
        ("DB_PASSWORD", "ssm:/prod/db/password"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"),
        ("DB_PASSWORD", "projects/1/secrets/db/versions/latest"),
        ("DB_PASSWORD", "@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/db)"),
        ("DB_PASSWORD", "ENC[AES256_GCM,data:abc]"),
        ("DB_PASSWORD", "ENC(abc)"),
        ("DB_PASSWORD", "{cipher}0a1b2c"),
        ("DATABASE_URL", "postgres://app:${DB_PASSWORD}@db/app"),
        ("DATABASE_URL", "postgres://app:$(DB_PASSWORD)@db/app"),
        ("DATABASE_URL", "postgres://app:{{ password }}@db/app"),
        ("A", "Server=db;User Id=sa;Password=${DB_PASSWORD};"),
    ],
    "a file or an address": [
        ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/gcp/key.json"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "service-account.json"),
        ("PRIVATE_KEY", "./certs/server.key"),
        ("PRIVATE_KEY", "~/.ssh/id_rsa"),
        ("PRIVATE_KEY", r"C:\certs\server.pfx"),
        ("AUTH_TOKEN", "https://login.example.com/oauth2/token"),
        ("DATABASE_URL", "postgres://app@db/app"),
        ("REDIS_URL", "redis://cache:6379"),
        ("HTTP_PROXY", "http://proxy.example.com:3128"),
    ],
    "about a secret, by its name": [
        ("POSTGRES_PASSWORD_FILE", "correct-horse"),
        ("TLS_SECRET_NAME", "web-tls"),
        ("secretName", "web-tls"),
        ("SECRET_NAMESPACE", "default"),
        ("TOKEN_URL", "correct-horse"),
        ("TOKEN_ISSUER", "correct-horse"),
        ("ACCESS_TOKEN_LIFETIME", "one-hour"),
        ("PASSWORD_MIN_LENGTH", "twelve"),
        ("PASSWORD_HASHER", "argon2id"),
        ("AWS_ACCESS_KEY_ID", "not-secret-by-itself"),
        ("MINIO_ACCESS_KEY", "minioadmin"),
        ("S3_ACCESS_KEY", "backup"),
        ("PUSHER_APP_KEY", "app-key"),
        ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAA"),
        ("JWT_SECRET", "ssh-rsa AAAAB3NzaC1yc2E"),
        ("JWT_SECRET", f"{ARMOUR}BEGIN PUBLIC KEY{ARMOUR}\nMIIBIj\n"),
        ("PARTITION_KEY", "correct-horse"),
        ("SORT_KEY", "correct-horse"),
        ("AUTH_TOKEN_STORAGE", "cookie"),
        ("MAX_TOKENS", "many-of-them"),
        ("TOKENIZERS_PARALLELISM", "on-and-off"),
        ("COMPASS", "north-by-west"),
        ("COMPASS_2", "north-by-west"),
        ("PASS_THROUGH_2", "north-by-west"),
    ],
    "of no form, under no telling name": [
        ("POSTGRES_USER", "postgres"),
        ("DATABASE_NAME", "correct-horse"),
        ("JAVA_OPTS", "-Xmx512m -Dfile.encoding=UTF-8"),
        ("IMAGE", "ghcr.io/acme/web@sha256:" + HEX * 4),
        ("REVISION", HEX * 2 + "01234567"),
        ("A", "sk-learn"),
        ("A", "eyJust.a.word"),
        ("A", "us-east-1;eu-west-1"),
        ("A", "a=b;c=d"),
        ("A", token("sk_", "test_", LETTERS[:24])),
        ("A", token("AK", "IA")),
        ("A", "http://host:80/a@b"),
    ],
}


def rows(table: dict[str, list[tuple[str, str]]]) -> list[object]:
    """Each pair with the reason of its verdict for a name."""
    return [
        pytest.param(name, value, id=f"{reason}-{number}")
        for reason, pairs in table.items()
        for number, (name, value) in enumerate(pairs)
    ]


@pytest.mark.parametrize(("name", "value"), rows(SECRETS))
def test_secrets(name: str, value: str) -> None:
    assert is_secret(name, value)
    assert not no_secret_in_data(name, value)


@pytest.mark.parametrize(("name", "value"), rows(NO_SECRETS))
def test_no_secrets(name: str, value: str) -> None:
    assert not is_secret(name, value)
    assert no_secret_in_data(name, value)


def test_there_are_enough_pairs_of_both_kinds() -> None:
    assert sum(map(len, SECRETS.values())) >= 75
    assert sum(map(len, NO_SECRETS.values())) >= 75


TOKENS = [value for _, value in SECRETS["a token of a well-known form, under any name"]]


@pytest.mark.parametrize("number", range(len(TOKENS)))
def test_what_is_a_secret_by_its_form_is_shown_nowhere(number: int) -> None:
    text = TOKENS[number]
    assert may_hold_token(text), "a mark is missing"
    found = TOKEN.search(text)
    assert found is not None
    shown = concealed(f"see {text} there")
    assert MASK in shown
    assert found[0] not in shown
    assert concealed(shown) == shown


def test_every_mark_is_one_of_a_token() -> None:
    known = [*TOKENS, *(token(mark, LETTERS) for mark in MARKS if mark[0] in "gs")]
    unused = [mark for mark in MARKS if not any(mark in text for text in known)]
    assert set(unused) <= {"whsec_", "rubygems_", "hvb.", "hvr.", "pscale_", "dp.", ".webhook.office.com/"}


IN_TEXT = [
    "redis-server --requirepass hunter2",
    "mysql --user=root --password=hunter2 -e 'select 1'",
    "psql postgres://app:hunter2@db/app",
    "export PGPASSWORD=hunter2 && psql",
    "env PGPASSWORD=hunter2 psql",
    "java -Djavax.net.ssl.trustStorePassword=s3cret1 -jar app.jar",
    '{"spring": {"datasource": {"password": "hunter2"}}}',
    "[database]\nuser = app\npassword = hunter2\n",
    "database:\n  user: app\n  password: hunter2  # of the test\n",
    "<!-- -->\ndb.password=hunter2",
    f"api_key: {token('a1b2c3d4', 'e5f6a7b8')}",
    "curl -H 'Authorization: token " + token("gh", "p_", LETTERS) + "'",
    "kubectl create secret generic db --from-literal=password=hunter2",
    "git clone https://oauth2:a1b2c3@git.example.com/a.git",
    '|1 NPM_PASSWORD="hunter2" /bin/sh -c npm ci',
    pem("EC PRIVATE KEY"),
]
NOT_IN_TEXT = [
    "const password = process.env.DB_PASSWORD; connect(password)",
    "options.password = Settings.PASSWORD;",
    "    Password: cfg.Password,",
    "",
    "redis-server --requirepass ${REDIS_PASSWORD}",
    "redis-server --requirepass $REDIS_PASSWORD",
    "app --password-file /run/secrets/db --token-ttl 3600 --secret-name web-tls",
    "docker login --username ci --password-stdin registry.example.com",
    "adduser --disabled-password app",
    "configure --with-password-argon2 --with-openssl",
    "kubectl create secret generic db --from-literal=password=$(PASSWORD)",
    "# password: hunter2\n; password = hunter2\n// password = hunter2\nuser = app",
    'password = os.environ["DB_PASSWORD"]',
    "password = config.db.password",
    "password = getPassword()",
    "self.password = value\nuser_password = index_info\nawait readPassword()\npassword = await ask()",
    "token: str = settings.token",
    "let password: string;",
    "passwd: files systemd\ngroup: files",
    "token: web-token\nsecret: web-tls\nsecretName: db",
    "tokenSecretRef:\n  name: web\n  key: token",
    'echo "password: must have eight letters"',
    "https://github.com/acme/web/tree/main/secrets",
    "curl https://$USER:$TOKEN@example.com/ http://${A}:${B}@example.com/",
    "https://app:{{ .Values.password }}@db.example.com/",
    '{"dependencies": {"minipass": "^7.1.2", "token-types": "^5.0.0"}}',
    "sed -i 's/password=.*/password=$PASSWORD/' app.conf",
    "apt-key adv --keyserver keys.example.com --recv-keys " + HEX,
]


@pytest.mark.parametrize("text", IN_TEXT)
def test_secrets_in_texts(text: str) -> None:
    assert holds_secret(text)
    assert holds_secret("first\n" * 100 + text)


@pytest.mark.parametrize("text", IN_TEXT)
def test_what_is_found_in_a_text_is_not_shown_with_it(text: str) -> None:
    shown = concealed(text)
    assert MASK in shown
    for secret in ("hunter2", "s3cret1", "a1b2c3", LETTERS, "MIIE"):
        assert secret not in shown


@pytest.mark.parametrize("text", NOT_IN_TEXT)
def test_no_secrets_in_texts(text: str) -> None:
    assert not holds_secret(text)


@pytest.mark.parametrize(
    ("words", "good"),
    [
        (["redis-server", "--requirepass", "hunter2"], False),
        (["redis-server", "--requirepass=hunter2"], False),
        (["sh", "-c", "redis-server --requirepass hunter2"], False),
        (["app", "--token", token("a1b2c3d4", "e5f6a7b8")], False),
        (["redis-server", "--requirepass", None], True),
        (["redis-server", "--requirepass", "$(REDIS_PASSWORD)"], True),
        (["app", "--password", "--verbose"], True),
        (["app", "--token", "web-token"], True),
        (["app", "password", "hunter2"], True),
        ([None, "a"], True),
        ([], True),
    ],
)
def test_commands(words: list[str | None], *, good: bool) -> None:
    assert no_secret_in_words(words) is good


def test_a_file_is_judged_by_what_it_says_and_not_by_its_name() -> None:
    assert no_secret_in_data("secret.yaml", "user: app\nname: web\n")
    assert not no_secret_in_data("app.yaml", "user: app\npassword: hunter2\n")
    assert not no_secret_in_data("password", "hunter2\n")


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("password", "root", False),
        ("password", "Y29ycmVjdC1ob3JzZQ==", False),
        ("password", "Y2hhbmdlbWU=", True),
        ("password", "", True),
        ("username", "YXBw", True),
        ("app.conf", "cGFzc3dvcmQgPSBodW50ZXIyCnVzZXIgPSBhCg==", False),
        ("password", "AAEC/v8=", False),
        ("tls.crt", "AAEC/v8=", True),
    ],
)
def test_values_of_secrets(name: str, value: str, *, good: bool) -> None:
    assert no_secret_in_base64(name, value) is good


def test_searching_a_long_text_takes_no_time() -> None:
    hostile = ("password=" * 20_000, "a" * 200_000 + "://", "-" * 200_000 + "BEGIN PRIVATE KEY", "password " * 20_000)
    for text in (
        *hostile,
        "eyJ" * 60_000,
        "secret: '" * 20_000,
        "https://" * 20_000,
        "- " * 100_000 + "token",
        "\\" * 200_000,
    ):
        holds_secret(text)
        is_secret("A", text)
        concealed(text[:20_000])
