from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.model.kinds import kind
from policyengine.model.masking import MASK, concealed, masked
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Type, list_of, map_of, object_of
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.model.paths import FieldPath

UNKNOWN = Unknown("image.user", "a secret reason")
CONTAINER = kind("container").type
LOGIN = object_of(
    user=Field(STRING, "user"),
    password=Field(STRING, "password", sensitive=True),
    old=Field(list_of(object_of(at=Field(INTEGER, "when"), text=Field(STRING, "what"))), "old ones", sensitive=True),
    note=Field(map_of(STRINGS), "notes"),
)


@pytest.mark.parametrize(
    ("value", "path", "shown"),
    [
        (True, ("privileged",), True),
        (None, ("privileged",), None),
        (UNKNOWN, ("user",), None),
        (["a", UNKNOWN], ("command",), ["a", None]),
        ({"A": "hunter2", "B": None, "C": ""}, ("environment",), {"A": MASK, "B": None, "C": MASK}),
        ({"A": UNKNOWN}, ("environment",), {"A": None}),
        ("hunter2", ("environment", "A"), MASK),
        (None, ("environment", "A"), None),
        (UNKNOWN, ("environment", "A"), None),
        ({"A": "b"}, ("labels",), {"A": "b"}),
        (
            {"name": "web", "environment": {"A": "hunter2"}, "ports": [{"target": 80}]},
            (),
            {"name": "web", "environment": {"A": MASK}, "ports": [{"target": 80}]},
        ),
        (80, ("ports", 0, "target"), 80),
        ("x", ("nowhere", "below"), "x"),
    ],
)
def test_a_container(value: object, path: FieldPath, shown: object) -> None:
    assert masked(value, path, CONTAINER) == shown


@pytest.mark.parametrize(
    ("value", "path", "shown"),
    [
        ({"user": "a", "password": "hunter2"}, (7,), {"user": "a", "password": MASK}),
        ([{"user": "a", "password": 5}], (), [{"user": "a", "password": MASK}]),
        ({"old": [{"at": 5, "text": "hunter2"}]}, (0,), {"old": [{"at": MASK, "text": MASK}]}),
        ([{"at": 5}], (0, "old"), [{"at": MASK}]),
        ("hunter2", (0, "old", 3, "text"), MASK),
        ("hunter2", (0, "old", 3, "nowhere", 1), MASK),
        (False, (0, "password"), MASK),
        ({"a": ["b"]}, (0, "note"), {"a": ["b"]}),
        (("a", "b"), (0, "note", "a"), ["a", "b"]),
    ],
)
def test_sensitive_values_below_objects_and_lists(value: object, path: FieldPath, shown: object) -> None:
    assert masked(value, path, list_of(LOGIN)) == shown


def test_containers_are_copied() -> None:
    value = {"environment": {"A": "hunter2"}}
    masked(value, (), CONTAINER)
    assert value == {"environment": {"A": "hunter2"}}


def _values(type_: Type, sensitive: bool) -> st.SearchStrategy[object]:
    """Values of a type; every text that is or is below a sensitive field says so."""
    if type_.name == "object":
        fields = {name: _values(field.type, sensitive or field.sensitive) for name, field in type_.fields.items()}
        return st.fixed_dictionaries({}, optional=fields).map(dict)
    if type_.items and type_.name == "list":
        return st.lists(_values(type_.items, sensitive), max_size=2).map(list)
    if type_.items:
        return st.dictionaries(st.sampled_from("ab"), _values(type_.items, sensitive), max_size=2).map(dict)
    secret: st.SearchStrategy[object] = st.sampled_from(["hunter2", "hunter2" * 2])
    return secret if sensitive else st.one_of(st.just("shown"), st.just(UNKNOWN))


_DEEP = list_of(
    object_of(
        a=Field(map_of(LOGIN), "a"), b=Field(list_of(LOGIN), "b", sensitive=True), c=Field(BOOLEAN, "c", sensitive=True)
    )
)


@settings(deadline=None)
@given(_values(_DEEP, sensitive=False))
def test_no_sensitive_value_survives_and_nothing_else_is_lost(value: object) -> None:
    shown = str(masked(value, (), _DEEP))
    assert "hunter2" not in shown
    assert "secret reason" not in shown
    assert shown.count("'shown'") == str(value).count("'shown'")


CONCEALED = [
    # URLs
    ("https://oauth2:hunter2@github.com/a/b.git", "https://oauth2:****@github.com/a/b.git"),
    ("cannot clone https://u:hunter2@x, nor http://:hunter2@y", "cannot clone https://u:****@x, nor http://:****@y"),
    ("tcp://u:hunter2@127.0.0.1:1", "tcp://u:****@127.0.0.1:1"),
    ("https://ghp_abcdef123456@github.com", "https://****@github.com"),
    ("https://glpat-abcdef@x", "https://****@x"),
    ("https://0123456789abcdef@x", "https://****@x"),
    ("https://ghp_abcdef123456:x-oauth-basic@x", "https://****:****@x"),
    ("postgres://u:hun/ter2@db/x", "postgres://u:****@db/x"),
    ("postgres://u:hun@ter2@db/x", "postgres://u:****@db/x"),
    ("http://a:hunter2@x,http://b:hunter3@y", "http://a:****@x,http://b:****@y"),
    # pairs
    ("DB_PASSWORD=hunter2 A=b", "DB_PASSWORD=**** A=b"),
    ("--password=hunter2", "--password=****"),
    ("{DB_PASSWORD: hunter2, A: b}", "{DB_PASSWORD: ****, A: b}"),
    ("{DB_PASSWORD: correct horse, A: b}", "{DB_PASSWORD: ****, A: b}"),
    ('{"DB_PASSWORD":"hun\\"ter2","A":"b"}', '{"DB_PASSWORD":"****","A":"b"}'),
    ('{"DB_PASSWORD" : 12345,"A":1}', '{"DB_PASSWORD" : ****,"A":1}'),
    ("{password: 'it''s', a: b}", "{password: '****', a: b}"),
    ('a: "{\\"password\\": \\"hunter2\\", \\"a\\": 1}"', 'a: "{\\"password\\": \\"****\\", \\"a\\": 1}"'),
    ("PASSWORD: &a hunter2", "PASSWORD: &a ****"),
    ("PASSWORD: !vault 'hunter2'", "PASSWORD: !vault '****'"),
    ("PASSWORD: ${X:-hunter2}", "PASSWORD: ****"),
    ("PASSWORD: hun,ter2, A: b", "PASSWORD: ****, A: b"),
    ("PASSWORD=$hunter2", "PASSWORD=****"),
    ("acme.io/db-password: hunter2", "acme.io/db-password: ****"),
    ('PASSWORD="hunter2', 'PASSWORD="****'),
    # options
    ("redis-server --requirepass hunter2 --port 1", "redis-server --requirepass **** --port 1"),
    ('["--password", "hunter2", "-p"]', '["--password", "****", "-p"]'),
    ("['--password','hunter2']", "['--password','****']"),
    ("[--password, hunter2]", "[--password, ****]"),
    # arguments of commands
    ("curl -u admin:hunter2 https://x", "curl -u admin:**** https://x"),
    ("curl -sSLu 'admin:hun ter2' https://x", "curl -sSLu 'admin:****' https://x"),
    ('/usr/bin/curl -fu "$U:hunter2" x', '/usr/bin/curl -fu "$U:****" x'),
    ("curl -uadmin:hunter2 --proxy-user=p:hunter2 x", "curl -uadmin:**** --proxy-user=p:**** x"),
    ("curl --user admin:hunter2 -U p:hunter2 x", "curl --user admin:**** -U p:**** x"),
    ('["curl","-u","admin:hunter2","x"]', '["curl","-u","admin:****","x"]'),
    ("[curl, -u, admin:hunter2, x]", "[curl, -u, admin:****, x]"),
    ('["sh", "-c", "curl -u admin:hunter2 x"]', '["sh", "-c", "curl -u admin:**** x"]'),
    ('sh -c "curl -u \\"admin:hunter2\\" x"', 'sh -c "curl -u \\"admin:****\\" x"'),
    ("curl \\\n  -u \\\n  admin:hunter2", "curl \\\n  -u \\\n  admin:****"),
    ("command:\n  - curl\n  - -u\n  - admin:hunter2", "command:\n  - curl\n  - -u\n  - admin:****"),
    ("command: [mysql]\nargs: [-phunter2]", "command: [mysql]\nargs: [-p****]"),
    ("- x\n- --password\n- hunter2", "- x\n- --password\n- ****"),
    ('curl -H "Authorization: Bearer hunter2" x', 'curl -H "Authorization: Bearer ****" x'),
    ("curl -H 'authorization: hunter2' x", "curl -H 'authorization: ****' x"),
    ("wget --header='Authorization: Basic aHVudGVyMg==' x", "wget --header='Authorization: Basic ****' x"),
    ('["-H", "Authorization: token hunter2"]', '["-H", "Authorization: token ****"]'),
    ('curl -H "X-Auth-Token: hunter2" x', 'curl -H "X-Auth-Token: ****" x'),
    ("docker login -u bob -p hunter2 reg.io", "docker login -u bob -p **** reg.io"),
    ("docker login --password hunter2 reg.io", "docker login --password **** reg.io"),
    ("helm registry login reg.io -u bob -phunter2", "helm registry login reg.io -u bob -p****"),
    ("mysql -uroot -phunter2 db", "mysql -uroot -p**** db"),
    ("mysql -p'hun ter2' db", "mysql -p'****' db"),
    ("[mysql, -phunter2]", "[mysql, -p****]"),
    ("docker exec db mysqldump -phunter2 x", "docker exec db mysqldump -p**** x"),
    ("sshpass -p hunter2 ssh x", "sshpass -p **** ssh x"),
    ("sshpass -phunter2 ssh x", "sshpass -p**** ssh x"),
    ("sudo useradd -m -p hunter2 bob", "sudo useradd -m -p **** bob"),
    ("usermod -p '$6$salt$hash' bob", "usermod -p '****' bob"),
    ("redis-cli -a hunter2 ping", "redis-cli -a **** ping"),
    ("npm config set //r.io/:_authToken hunter2", "npm config set //r.io/:_authToken ****"),
    ("npm config -g set _authToken hunter2", "npm config -g set _authToken ****"),
    ("echo //r.io/:_authToken=hunter2", "echo //r.io/:_authToken=****"),
    ("aws configure set aws_secret_access_key hunter2", "aws configure set aws_secret_access_key ****"),
    (
        '["aws","configure","set","aws_secret_access_key","hunter2"]',
        '["aws","configure","set","aws_secret_access_key","****"]',
    ),
    ("npm config set //r.io/:_auth=hunter2", "npm config set //r.io/:_auth=****"),
    ("npm config set _auth hunter2", "npm config set _auth ****"),
    ('echo "//r.io/:_auth=hunter2" > .npmrc', 'echo "//r.io/:_auth=****" > .npmrc'),
    ("//r.io/:_password=hunter2", "//r.io/:_password=****"),
    ("yarn config set npmAuthIdent hunter2", "yarn config set npmAuthIdent ****"),
    ("pulumi config set --secret dbPassword hunter2", "pulumi config set --secret **** ****"),
    ("tailscale up --authkey=hunter2", "tailscale up --authkey=****"),
    ("htpasswd -b /x admin hunter2", "htpasswd -b /x admin ****"),
    ("htpasswd -nb admin hunter2", "htpasswd -nb admin ****"),
    ("htpasswd -Bbn admin hunter2 > /x", "htpasswd -Bbn admin **** > /x"),
    ("htpasswd -c -b -B -C 10 /x 'a b' 'hun ter2'", "htpasswd -c -b -B -C 10 /x 'a b' '****'"),
    ("docker run --entrypoint htpasswd httpd:2 -Bbn a hunter2", "docker run --entrypoint htpasswd httpd:2 -Bbn a ****"),
    ('["htpasswd", "-b", "/x", "admin", "hunter2"]', '["htpasswd", "-b", "/x", "admin", "****"]'),
    ("openssl passwd -6 -salt xyz hunter2", "openssl passwd -6 -salt xyz ****"),
    ('printf "a:$(openssl passwd -apr1 hunter2)\\n"', 'printf "a:$(openssl passwd -apr1 ****)\\n"'),
    ("useradd -p $(openssl passwd -1 hunter2) bob", "useradd -p $(openssl passwd -1 ****) bob"),
    ("printf 'root:%s' hunter2 | chpasswd", "printf 'root:%s' **** | chpasswd"),
    ("vault kv put -mount=secret x a=hunter2 b=@c", "vault kv put -mount=secret x a=**** b=****"),
    ('["vault", "kv", "patch", "x", "a=hunter2"]', '["vault", "kv", "patch", "x", "a=****"]'),
    ("mvn sonar:sonar -Dsonar.login=hunter2", "mvn sonar:sonar -Dsonar.login=****"),
    ("sonar.login=hunter2", "sonar.login=****"),
    ("mount -o username=a,password=pw //h/s /m", "mount -o username=a,password=**** //h/s /m"),
    ("openssl enc -aes-256-cbc -k hunter2 -in x", "openssl enc -aes-256-cbc -k **** -in x"),
    ("openssl req -passin pass:hunter2 -x509", "openssl req -passin pass:**** -x509"),
    ('useradd -p "$(perl -e \'print crypt("hunter2", "s")\')" bob', 'useradd -p "****" bob'),
    ("curl -b 'session=hunter2; b=hunter2' x", "curl -b 'session=****' x"),
    ("curl -sb session=hunter2 x", "curl -sb session=**** x"),
    ("curl --cookie=session=hunter2 x", "curl --cookie=session=**** x"),
    ("curl -E c.pem:hunter2 --cert c.pem:hunter2 x", "curl -E c.pem:**** --cert c.pem:**** x"),
    ("curl -H 'Cookie: session=hunter2; b=hunter2' x", "curl -H 'Cookie: session=****' x"),
    ("curl -H Cookie:session=hunter2 https://x", "curl -H Cookie:session=**** https://x"),
    ('wget --header "Set-Cookie: a=hunter2" x', 'wget --header "Set-Cookie: a=****" x'),
    ('curl -H "Authorization: SSWS hunter2" x', 'curl -H "Authorization: SSWS ****" x'),
    ("curl -H Authorization:hunter2 https://x", "curl -H Authorization:**** https://x"),
    (
        "curl -H 'X-Api-Key: hunter2' -H 'PRIVATE-TOKEN: hunter2' x",
        "curl -H 'X-Api-Key: ****' -H 'PRIVATE-TOKEN: ****' x",
    ),
    ("http -a admin:hunter2 https://x", "http -a admin:**** https://x"),
    (
        "skopeo copy --src-creds a:hunter2 --dest-creds=a:hunter2 x y",
        "skopeo copy --src-creds **** --dest-creds=**** x y",
    ),
    (
        "kubectl create secret generic x --from-literal=a=hunter2",
        "kubectl create secret generic x --from-literal=a=****",
    ),
    ("mc alias set m http://x ak hunter2 --api S3v4", "mc alias set m http://x ak **** --api S3v4"),
    ("vault login -method token hunter2", "vault login -method token ****"),
    ("poetry config http-basic.foo user hunter2", "poetry config http-basic.foo user ****"),
    ("bundle config set --global gems.x.com u:hunter2", "bundle config set --global gems.x.com u:****"),
    ("rabbitmqctl add_user bob hunter2", "rabbitmqctl add_user bob ****"),
    ("sqlcmd -S x -U sa -P 'hunter2' -Q x", "sqlcmd -S x -U sa -P '****' -Q x"),
    ("sqlplus system/hunter2@XE", "sqlplus system/****"),
    ("smbclient //s/x -U bob%hunter2", "smbclient //s/x -U bob%****"),
    ("7z x -phunter2 a.7z", "7z x -p**** a.7z"),
    ("net user bob hunter2 /add", "net user bob **** /add"),
    # what commands read
    ("echo 'root:hunter2' | chpasswd", "echo 'root:****' | chpasswd"),
    ('sh -c "echo root:hunter2 | sudo chpasswd -e"', 'sh -c "echo root:**** | sudo chpasswd -e"'),
    ('echo -e "root:hunter2\\nbob:hunter2"|chpasswd', 'echo -e "root:****"|chpasswd'),
    ("printf '%s:%s' root hunter2 | chpasswd", "printf '%s:%s' root **** | chpasswd"),
    ("chpasswd <<< root:hunter2", "chpasswd <<< root:****"),
    ('chpasswd <<<"root:hunter2"', 'chpasswd <<<"root:****"'),
    ("chpasswd <<EOF\nroot:hunter2\nEOF\na:b", "chpasswd <<EOF\nroot:****\nEOF\na:b"),
    ("cat <<'EOF' | chpasswd\nroot:hunter2\nEOF\na:b", "cat <<'EOF' | chpasswd\nroot:****\nEOF\na:b"),
    ("echo hunter2 | passwd --stdin root", "echo **** | passwd --stdin root"),
    ('(echo hunter2; echo "hunter2") | smbpasswd -s -a bob', '(echo ****; echo "****") | smbpasswd -s -a bob'),
    ("echo hunter2 | docker login -u bob --password-stdin", "echo **** | docker login -u bob --password-stdin"),
    ("printf %s hunter2 2>&1 | sudo -S ls", "printf %s **** 2>&1 | sudo -S ls"),
    ('gh auth login --with-token <<< "hunter2"', 'gh auth login --with-token <<< "****"'),
    ("users=admin:$$apr1$$H6uskkkW$$IgXLP6ewTrSuBkTrqE8wj/", "users=admin:****"),
    ("a:$2y$05$kvQ0L5i1Q2nP9bGqvYbqkOeGhV7rEhsoYJg0eJmZ2rZ8yCw1uH9aS", "a:****"),
    ("a:$6$rounds=5000$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS1:1", "a:****:1"),
    ("a:$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7:1", "a:****:1"),
    # statements
    ("ALTER USER 'a'@'b' IDENTIFIED BY 'hunter2';", "ALTER USER 'a'@'b' IDENTIFIED BY '****';"),
    ("CREATE USER a IDENTIFIED BY hunter2;", "CREATE USER a IDENTIFIED BY ****"),
    ("psql -c \"ALTER USER a PASSWORD 'hunter2'\"", "psql -c \"ALTER USER a PASSWORD '****'\""),
    ("SET PASSWORD = PASSWORD('hunter2')", "SET PASSWORD = ****'****')"),
    ("db.createUser({user:'a',pwd:'hunter2'})", "db.createUser({user:'a',pwd:'****'})"),
    ("echo 'a a/root_password password hunter2'", "echo 'a a/root_password password ****'"),
    ("setx DB_PASSWORD hunter2", "setx DB_PASSWORD ****"),
    ("requirepass hunter2", "requirepass ****"),
    ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD ****"),
    ("echo 'machine x login bob password hunter2' > ~/.netrc", "echo 'machine x login bob password ****' > ~/.netrc"),
    ("machine x\nlogin bob\npassword hunter2\n", "machine x\nlogin bob\npassword ****\n"),
    ("printf 'machine x\\nlogin bob\\npassword hunter2\\n'", "printf 'machine x\\nlogin bob\\npassword ****\\n'"),
    ("default login bob password hunter2", "default login bob password ****"),
    # tokens
    ("echo AKIAIOSFODNN7ABCDEFG | x", "echo **** | x"),
]
NOT_CONCEALED = [
    *("", "postgres://shop@db/x", "https://reg:5000/a@sha256:1", "http://x/a@b", "http://u:${PASSWORD}@x", "a:b@c"),
    *("automountServiceAccountToken: false", "secrets: [db]", "secretName: db", "PASSWORD: *a", "PASSWORD: ${X}"),
    *(
        "TOKEN: |",
        "TOKEN: >-",
        "secret: {secretName: a}",
        "--password --x",
        "PASSWORD=",
        'PASSWORD: ""',
        "x: --password",
    ),
    *(
        "vault-token://x",
        "PASSWORD_FILE=/run/secrets/x",
        "{name: DB_PASSWORD, valueFrom: {}}",
        "-----",
        'a["PASSWORD"]',
    ),
    *("docker run -p 8080:80 -u node:node nginx", "mkdir -p /x", "curl -u bob x", "curl; chown -u a:b x"),
    *("docker run --name mysql -p3306:3306 mysql", "mysql -p db", "mysql -u root -p", '["mysql","-p","-h","x"]'),
    *("mkdir -p /var/lib/mysql && cp -p /a /b", "docker login -u bob --password-stdin reg.io", "ssh -p 22 x"),
    *(
        "authorization: {mode: RBAC}",
        "--authorization-mode=Node,RBAC",
        "authorization: Webhook",
        "curl -s x | id -u a:b",
    ),
    *("password required pam_unix.so", "the login password is kept", "npm config set registry https://r.io"),
    *("curl -U", "curl --user-agent a:b x", "npm run set a", "- curl -s x\n- id -u a:b", "login -p", "docker login -p"),
    *("- curl\n- -u", "mysql -p\nmysql", 'x "mysql -p" "a"', "curl -u ; id a:b"),
    *("PASSWORD=$DB_PASSWORD", "docker login -p $TOKEN", 'echo "$USER:$PASSWORD" | chpasswd', "curl -b cookies.txt x"),
    *("echo $TOKEN | docker login --password-stdin", "echo ${pw} | passwd --stdin", "gh auth login --with-token < x"),
    *(
        "htpasswd -c /x admin",
        "htpasswd -n admin",
        "htpasswd -b /x $USER $PASSWORD",
        "htpasswd -b",
        "openssl passwd -6",
    ),
    *("echo a:b; chpasswd < x", "echo a:b && cat x | chpasswd", "echo a:b | tee -a /etc/passwd", "echo a || chpasswd"),
    *(
        "echo a | grep passwd",
        "mc alias set m http://x",
        "vault login -method=userpass",
        "net user bob /add",
        "net use x",
    ),
    *("bundle config path vendor/bundle", "bundle config set without test", "sqlplus / as sysdba", "sqlplus /nolog"),
    *("is identified by name", "the password is", "ENV A b", "set -e password b", "apt-get install zip unzip -y"),
    'wget --header "Cookie: oraclelicense=accept-securebackup-cookie" x',
    "docker run --entrypoint htpasswd httpd:2 -n admin",
    *("$1$2 $6/$DIRECTORY", "echo $1$HOME/x$PATH", "awk '{print $1$2$3$4$5$6$7$8$9}'", "a:$1:$2"),
    *("finds a default password or none", "default login anonymous password a@b", "vault kv get -field=a x"),
    *("KEY=value", "a=b", "MAX_TOKENS: 100", "PASSWORD: $(X)", "passwd", "kind: Secret"),
]


@pytest.mark.parametrize(("text", "wanted"), CONCEALED)
def test_secrets_in_a_text(text: str, wanted: str) -> None:
    assert concealed(text) == wanted
    assert concealed(wanted) == wanted


@pytest.mark.parametrize("text", NOT_CONCEALED)
def test_texts_that_show_no_secret(text: str) -> None:
    assert concealed(text) == text


@given(
    st.lists(
        st.sampled_from(
            [
                *"PASSWORD=hunter2",
                *" ,:\"'\\{}[]@/?#&*!$~-|\n",
                "://",
                "TOKEN",
                "${",
                "--pass",
                "curl",
                " -u ",
                "mysql",
                "-p",
                "\n- ",
                *("htpasswd", " -b ", "echo ", "chpasswd", "passwd ", " | ", "<<", "EOF", "\nEOF\n", "password '"),
                *("Cookie: ", "-H ", "Authorization: ", "mc alias set ", "(", ")", "IDENTIFIED BY ", "ENV "),
            ]
        )
    )
)
@settings(max_examples=500, deadline=None)
def test_what_is_concealed_stays_as_it_is(pieces: list[str]) -> None:
    once = concealed("".join(pieces))
    assert concealed(once) == once


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 400_000, "://" * 100_000, "://a:" * 80_000, "a " * 200_000, "-" * 400_000, "--a " * 100_000),
        *('password="' * 40_000, "password:" * 40_000, "password=${" * 40_000, "password: " + "&a " * 100_000),
        *("://a:b/" + "@/" * 100_000, "password='\\\"" * 30_000, "xoxb-" * 80_000, "password: a " * 40_000),
        "password: " + "a " * 200_000,
        *("curl -u " * 50_000, "curl -u a:'" * 40_000, "mysql -p" * 50_000, "mysql " + '-p"' * 100_000),
        *("machine " * 50_000, "machine a login b " * 20_000, "config set " * 40_000, "npm set " + "a/" * 200_000),
        *("npm config " + "-a " * 100_000, "npm set " + ":" * 400_000, "authorization:" * 30_000, "\n- --a" * 80_000),
        *('"authorization: ' * 30_000, "curl " + '"' * 400_000, "curl " + "\\" * 400_000, "curl -u a:" + "," * 400_000),
        *("htpasswd -b " * 30_000, "htpasswd " + "-b a " * 80_000, "mc alias set " * 30_000, "chpasswd <<E\n" * 30_000),
        *("echo a;(" * 40_000 + "|chpasswd", "echo echo " * 40_000 + "| passwd", "echo '" * 50_000 + "| chpasswd"),
        *(
            "cookie: a=" * 40_000,
            "'cookie: " * 40_000,
            "password '" * 40_000,
            "identified by " * 30_000,
            "a a/b " * 60_000,
        ),
        *('curl -u "' + "$(" * 200_000, "curl -u " + '"$((' * 80_000, "echo|" * 80_000, "setx " * 80_000),
        *("$6$" * 130_000, "$1$" + "a$1$" * 100_000, "$6$a" * 100_000, "$$apr1$$" * 50_000, "$2y$05$" + "a" * 400_000),
        *("curl -u " + "{" * 400_000, "curl -u ${" * 40_000, "curl\n- -u" * 40_000, "login" + " \\\n" * 100_000),
    ],
    ids=lambda text: text[:12],
)
def test_concealing_takes_linear_time(text: str) -> None:
    began = thread_time()
    concealed(text)
    assert thread_time() - began < 2


def test_lists_and_maps_of_strings() -> None:
    command = ["redis-server", "--requirepass", "hunter2", "--port", "1", "--password=hunter2", "--token"]
    shown = ["redis-server", "--requirepass", MASK, "--port", "1", f"--password={MASK}", "--token"]
    assert masked(command, ("command",), CONTAINER) == shown
    labels = {"db.password": "hunter2", "url": "http://u:hunter2@x", "token": "true"}
    assert masked(labels, ("labels",), CONTAINER) == {"db.password": MASK, "url": "http://u:****@x", "token": "true"}
    assert masked("hunter2", ("labels", "db.password"), CONTAINER) == MASK


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["curl", "-u", "admin:hunter2", "x"], ["curl", "-u", "admin:****", "x"]),
        (["/usr/bin/mysql", "-phunter2"], ["/usr/bin/mysql", "-p****"]),
        (["docker", "login", "-u", "bob", "-p", "hunter2"], ["docker", "login", "-u", "bob", "-p", "****"]),
        (["sh", "-c", "sshpass -p hunter2 ssh x"], ["sh", "-c", "sshpass -p **** ssh x"]),
        (["curl", "-H", "Authorization: Bearer hunter2"], ["curl", "-H", "Authorization: Bearer ****"]),
        (["docker", "run", "-p", "8080:80"], ["docker", "run", "-p", "8080:80"]),
        (["curl", "-u", None, "a:b"], ["curl", "-u", None, "a:b"]),
        (["curl", "-u"], ["curl", "-u"]),
    ],
)
def test_arguments_of_commands(command: list[object], shown: list[object]) -> None:
    assert masked(command, ("command",), CONTAINER) == shown
    assert masked({"command": command}, (), CONTAINER) == {"command": shown}
    facts = {"command": command}
    assert [masked(one, ("command", at), CONTAINER, facts) for at, one in enumerate(command)] == shown


def test_arguments_after_an_entry_point() -> None:
    facts = {"entrypoint": ["curl", "-u"], "command": ["admin:hunter2", "x"]}
    assert masked(facts, (), CONTAINER) == {"entrypoint": ["curl", "-u"], "command": ["admin:****", "x"]}
    assert masked("admin:hunter2", ("command", 0), CONTAINER, facts) == "admin:****"


def test_arguments_of_a_call() -> None:
    call = {"name": "mysql", "args": ["-phunter2", "x"], "operands": ["x"], "text": "mysql -phunter2 x"}
    shown = {"name": "mysql", "args": ["-p****", "x"], "operands": ["x"], "text": "mysql -p**** x"}
    type_ = kind("dockerfile").type
    assert masked([call], ("commands",), type_) == [shown]
    facts = {"calls": {"mysql": [call]}}
    assert masked(call["args"], ("calls", "mysql", 0, "args"), type_, facts) == ["-p****", "x"]
    assert masked("-phunter2", ("commands", 0, "args", 0), type_, {"commands": [call]}) == "-p****"
    curl = {"name": "curl", "args": ["-u", "admin:hunter2"], "operands": ["admin:hunter2"]}
    assert masked(curl, ("calls", "curl", 0), type_)["operands"] == ["admin:****"]  # type: ignore[index]
