"""The accounts of a system as a whole: users, groups, and what new ones are made by."""

from policyengine.model.kinds.group import GROUP
from policyengine.model.kinds.user import ACCOUNT, PASSWORD
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

LOGIN_DEFS = {
    "create_home": Field(BOOLEAN, "whether useradd makes a home directory (CREATE_HOME)"),
    "encrypt_method": Field(STRING, "what hashes of passwords are made by (ENCRYPT_METHOD)"),
    "fail_delay": Field(INTEGER, "how many seconds login waits after a failure (FAIL_DELAY)"),
    "gid_min": Field(INTEGER, "the first number of groups of persons (GID_MIN)"),
    "login_retries": Field(INTEGER, "how often login asks (LOGIN_RETRIES)"),
    "login_timeout": Field(INTEGER, "how many seconds login waits (LOGIN_TIMEOUT)"),
    "pass_max_days": Field(INTEGER, "after how many days a password must be changed (PASS_MAX_DAYS); absent: never"),
    "pass_min_days": Field(INTEGER, "how many days a password must be kept (PASS_MIN_DAYS); absent: none"),
    "pass_warn_age": Field(INTEGER, "how many days before a user is warned (PASS_WARN_AGE); absent: never"),
    "sha_crypt_max_rounds": Field(INTEGER, "the most rounds of SHA hashes (SHA_CRYPT_MAX_ROUNDS)"),
    "sha_crypt_min_rounds": Field(INTEGER, "the least rounds of SHA hashes (SHA_CRYPT_MIN_ROUNDS)"),
    "uid_min": Field(INTEGER, "the first number of persons (UID_MIN)"),
    "umask": Field(STRING, "the mask of new files, three octal digits (UMASK)"),
    "home_mode": Field(STRING, "the mode of new homes, four octal digits (HOME_MODE)"),
    "usergroups_enab": Field(BOOLEAN, "whether users have groups of their own, as which umask counts them"),
    "yescrypt_cost_factor": Field(INTEGER, "the cost of yescrypt (YESCRYPT_COST_FACTOR)"),
}
"""Items of login.defs(5)."""

USERADD = {
    "inactive": Field(INTEGER, "how many days after its password a new account is closed (INACTIVE); absent: never"),
    "expire": Field(STRING, "the date on which a new account is closed (EXPIRE); absent: never"),
    "home": Field(STRING, "the directory of new homes (HOME)"),
    "shell": Field(STRING, "the shell of new users (SHELL)"),
    "skel": Field(STRING, "the directory that new homes are copied from (SKEL)"),
}
"""Items of /etc/default/useradd, useradd(8)."""

_FILE = Field(STRING, "the file: /etc/passwd")

KIND = Kind(
    "accounts",
    "The accounts of a system: users and groups of its files, and what new ones are made by",
    {
        "name": Field(STRING, "the system"),
        "users": Field(list_of(object_of(**ACCOUNT)), "the users of /etc/passwd; the kind user tells of their homes"),
        "groups": Field(list_of(object_of(**GROUP)), "the groups of /etc/group"),
        "login_defs": Field(object_of(**LOGIN_DEFS), "/etc/login.defs; absent: neither that file nor useradd is there"),
        "useradd": Field(object_of(**USERADD), "/etc/default/useradd; absent: neither that file nor useradd is there"),
        "settings": Field(
            list_of(
                object_of(
                    file=Field(one_of("login.defs", "useradd"), "which of the two files"),
                    name=Field(STRING, "what it sets: PASS_MAX_DAYS"),
                    value=Field(STRING, "the value as it is written"),
                )
            ),
            "every line of these two files that sets something, also where it has no effect",
        ),
        "shells": Field(STRINGS, "the shells that /etc/shells lists; absent: there is no such file"),
        "securetty": Field(
            STRINGS,
            "the terminals at which root may log in where PAM asks /etc/securetty; absent: there is no such file",
        ),
        "passwords": Field(
            list_of(object_of(file=_FILE, name=Field(STRING, "whose it is"), **PASSWORD)),
            "every password of passwd and shadow, also those of users that are none any more",
        ),
        "legacy": Field(
            list_of(object_of(file=_FILE, entry=Field(STRING, "what the line begins with: +@staff"))),
            "lines that take in, or leave out, what NIS has: their names begin with + or -",
        ),
        "malformed": Field(
            list_of(object_of(file=_FILE, line=Field(INTEGER, "its number"))), "lines that programs cannot read"
        ),
        "orphans": Field(
            list_of(object_of(file=_FILE, name=Field(STRING, "the name"))),
            "entries of shadow and gshadow of which there is no user and no group",
        ),
    },
)
