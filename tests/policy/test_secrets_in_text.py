"""Secrets that well-known commands are given: by options without telling names, as operands, on their input."""

from __future__ import annotations

import pytest

from policyengine.policy.secrets_in_text import holds_secret, words_hold_secret
from policyengine.policy.verdict import FAIL, PASS
from policyengine.policy.vocabulary import check_with

GIVEN = [
    "mysql -uroot -phunter2 -e x",
    "htpasswd -Bbn admin hunter2",
    "htpasswd -bc /etc/f admin hunter2",
    "curl -u bob:hunter2 https://x/",
    "curl -fsSLubob:hunter2 https://x/",
    "curl --user=bob:hunter2 x",
    "sshpass -p hunter2 ssh x",
    "echo hunter2 | passwd --stdin root",
    'echo "root:hunter2" | chpasswd',
    "chpasswd <<< root:hunter2",
    "npm config set //h/:_authToken=npm0123456789abc",
    'curl -H "Authorization: Bearer abc123def456" x',
    "docker login -u a -p hunter2 r",
    "redis-cli -a hunter2 ping",
    "ldapsearch -w hunter2",
    "openssl enc -k hunter2",
    "vault kv put secret/x value=hunter2",
    "printf 'root:%s' hunter2 | chpasswd",
    'echo -e "hunter2\\nhunter2" | passwd root',
    "useradd -m -p hunter2 bob",
    '["mysqladmin", "ping", "-phunter2"]',
    "mysql -ppassword",
    "zip -P hunter2 a.zip b",
    "machine h login bob password hunter2",
    'wget --header="Authorization: Basic Ym9iOmh1bnRlcjI=" x',
    "mount -t cifs -o username=a,password=hunter2,vers=3 //h/s /m",
    "mvn sonar:sonar -Dsonar.login=0123456789abcdef0123",
    "sudo -S apt <<< hunter2",
    'mysql -p"hunter2" x',
    "mysql -p'hunter2' x",
]

NOT_GIVEN = [
    "mysql -uroot -p$MYSQL_ROOT_PASSWORD -e x",
    "mysql -uroot -p${MYSQL_ROOT_PASSWORD} -e x",
    'mysql -uroot -p"$MYSQL_ROOT_PASSWORD" -e x',
    "mysql -u root -p db < a.sql",
    "mysql -p%PASSWORD% x",
    "mysql -p<password> x",
    'htpasswd -Bbn admin "$PW"',
    "htpasswd -Bbn admin <password>",
    "htpasswd -Bn admin",
    "htpasswd -c /etc/f admin",
    "htpasswd -bc /etc/f admin $(cat /run/secrets/pw)",
    "htpasswd -bc /etc/f admin `cat /run/secrets/pw`",
    "curl -u bob: x",
    "curl -u $U:$P x",
    "curl -u bob:<token> x",
    "curl -u user:password x",
    'curl -u "${U}:${P}" x',
    "curl -uadmin x",
    "curl -b cookies.txt x",
    'curl -b "" x',
    'curl -H "Authorization: Bearer $TOKEN" x',
    'curl -H "Authorization: Bearer <token>" x',
    'curl -H "Authorization: Bearer ${{ secrets.TOKEN }}" x',
    'curl -H "Accept: application/json" x',
    "curl -H @headers x",
    "sshpass -e ssh x",
    "sshpass -f /file ssh x",
    "sshpass -p $PW ssh x",
    'sshpass -p "{{ pw }}" ssh x',
    "echo $PW | passwd --stdin root",
    'echo "root:$PW" | chpasswd',
    'echo "root:${PW}" | chpasswd',
    "echo root:$PW | chpasswd",
    'echo "$U:$P" | chpasswd',
    "echo 'root:' | chpasswd",
    "chpasswd < input.txt",
    "cat pw | chpasswd",
    'echo "$TOKEN" | docker login --password-stdin x',
    "cat t | docker login -u x --password-stdin",
    "docker login -u a -p $PW r",
    "docker run -p 8080:80 mysql",
    "docker run -d --name mysql -p3306:3306 mysql",
    "redis-cli -a $REDIS_PASSWORD ping",
    "redis-cli -h redis -p 6379 ping",
    "mkdir -p /a/login && cp -p a b",
    'useradd -m -s /bin/bash -p "" bob',
    "useradd -m -s /bin/bash -p '*' bob",
    "useradd -p '!' bob",
    "adduser -D -H -u 1000 app",
    "usermod -p '*' root",
    "fly -t main login",
    "unzip -P $PW a",
    "tar -xpf a; cp -p x y",
    "7z x -p$PW a",
    "openssl passwd -6 $PW",
    "openssl passwd -6 -stdin",
    "openssl req -x509 -nodes -keyout key.pem",
    "openssl enc -k $PW",
    "vault kv put secret/x value=$V",
    "vault kv put secret/x @file.json",
    "vault kv put secret/x value=@file",
    "vault kv put secret/x -",
    "vault kv get -field=x secret/y",
    "vault login $T",
    "vault login -method=userpass username=bob",
    "npm config set //h/:_authToken=${NPM_TOKEN}",
    "npm config set registry https://h/",
    "mount -t cifs -o credentials=/etc/c //h/s /m",
    "mount -o username=a,password=$PW x",
    "mvn -Dsonar.login=$SONAR_TOKEN",
    "mvn -Dsonar.login=admin x",
    "poetry config pypi-token.pypi $T",
    "poetry config virtualenvs.create false",
    "composer config --global github-oauth.github.com $T",
    "bundle config set without development",
    "bundle config set --local path vendor/bundle",
    "bundle config set --global deployment true",
    "bundle config build.nokogiri --use-system-libraries",
    "nmcli c up x",
    "sudo -S apt",
    "echo y | sudo -S apt install",
    "echo hello | sudo tee /etc/x",
    "kubectl create secret generic x --from-literal=a=$A",
    "kubectl create secret generic x --from-literal=user=bob",
    "kubectl create secret generic x --from-file=a",
    'echo "a" | gpg --batch --passphrase-fd 0',
    "snmpwalk -v2c -c public h",
    "http -a $U:$P x",
    "etcdctl --user root get x",
    "mc alias set local http://h $A $B",
    "cryptsetup luksOpen /dev/x y",
    "twine upload -u __token__ -p $T dist/*",
    "mongo --port 27017",
    "mongo -u root -p",
    "mongosh --quiet -u root -p $P",
    "sed -i s/a/passwd/ /etc/passwd",
    "grep root /etc/passwd | cut -d: -f1",
    "getent passwd bob | cut -d: -f6",
    'echo "app:x:1000:1000::/:/bin/sh" >> /etc/passwd',
    'echo "app ALL=(ALL) NOPASSWD: ALL" | sudo tee /etc/sudoers.d/app',
    "RUN apt-get install -y mysql-client curl && rm -rf /var/lib",
    "ansible-vault encrypt_string $S",
    "mysql --password= -u root",
    "mysql -P 3306 -u root",
    "mysqladmin -uroot -p shutdown",
    "mysql -pMYSQL_ROOT_PASSWORD",
    "mysql -pPASSWORD",
    "docker compose -p project up; docker login",
    "docker -l debug login",
    "sqlplus / as sysdba",
    "sqlplus user/$PW",
    "lftp -u $U,$P x",
    "smbclient -U guest% //h/s",
    "smbclient -U bob%$PW //h/s",
    "codecov -t $T",
    "codecov -t ${CODECOV_TOKEN}",
    "codecov -t coverage",
    "ssh -p 22 h; scp -p a b",
]


@pytest.mark.parametrize("text", GIVEN)
def test_a_command_that_is_given_a_secret(text: str) -> None:
    assert holds_secret(text)


@pytest.mark.parametrize("text", NOT_GIVEN)
def test_a_command_that_is_given_none(text: str) -> None:
    assert not holds_secret(text)


def test_a_comment_is_no_command() -> None:
    assert not holds_secret("# mysql -phunter2\n  # sshpass -p hunter2 ssh web\n")


@pytest.mark.parametrize(
    ("before", "words", "wanted"),
    [
        ([], ["mysql", "-uroot", "-phunter2"], True),
        ([], ["sh", "-c", "mysql -phunter2"], True),
        (["mysql"], ["-phunter2"], True),
        (["sshpass", "-p"], ["hunter2", "ssh"], True),
        (["sshpass", "-p", "hunter2"], ["ssh", "web"], False),
        (["mysql"], ["-p$(PASSWORD)"], False),
        ([None], ["-phunter2"], False),
        (["mysql"], [None, "-p", None], False),
    ],
)
def test_a_command_word_by_word(before: list[str | None], words: list[str | None], wanted: bool) -> None:
    assert words_hold_secret(words, before) is wanted


def test_the_entry_point_tells_what_a_command_is_given() -> None:
    verdict = check_with("no_secret_in_words")
    facts = {"entrypoint": ["mysql"], "command": ["-phunter2"]}
    assert verdict(facts["command"], facts) == FAIL
    assert verdict(facts["entrypoint"], facts) == PASS
    assert verdict(facts["command"], {"command": facts["command"]}) == PASS
