"""What PAM's configuration comes to on a host. The words are those of pam.conf(5) and of the modules' man pages."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

TASK = one_of("auth", "account", "password", "session")

LINE = {
    "file": Field(STRING, "the file that it stands in: /etc/pam.d/common-auth"),
    "task": Field(TASK, "what it is for"),
    "control": Field(STRING, "what becomes of its result: required, [success=1 default=ignore]"),
    "module": Field(STRING, "the module without directory and suffix: pam_unix"),
    "arguments": Field(STRINGS, "its arguments as they are written"),
}
"""What every line of a stack has."""

DECLARED = Field(STRINGS, "the options that its arguments or its file set; all others are at their defaults")

FAILLOCK = {
    "deny": Field(INTEGER, "after how many wrong passwords an account is locked; 0: never"),
    "fail_interval": Field(INTEGER, "within how many seconds these have to be"),
    "unlock_time": Field(INTEGER, "after how many seconds it is unlocked; 0: only by an administrator"),
    "even_deny_root": Field(BOOLEAN, "whether root is locked out as well"),
    "root_unlock_time": Field(INTEGER, "after how many seconds root is; absent: as all others"),
    "admin_group": Field(STRING, "the group whose members are treated as root"),
    "audit": Field(BOOLEAN, "whether names of users that there are not are logged"),
    "silent": Field(BOOLEAN, "whether nothing is told that says whether there is such a user"),
    "no_log_info": Field(BOOLEAN, "whether failures are not logged"),
    "local_users_only": Field(BOOLEAN, "whether only users of /etc/passwd are locked"),
    "nodelay": Field(BOOLEAN, "whether an answer is not delayed after a wrong password"),
    "dir": Field(STRING, "the directory of the counts"),
}
"""Options of pam_faillock."""

QUALITY = {
    "minlen": Field(INTEGER, "the least length, of which credits are taken off"),
    "difok": Field(INTEGER, "how many characters must be others than in the old password"),
    "dcredit": Field(INTEGER, "less than 0: so many digits at least; else how many count for more length"),
    "ucredit": Field(INTEGER, "the same of capital letters"),
    "lcredit": Field(INTEGER, "the same of small letters"),
    "ocredit": Field(INTEGER, "the same of other characters"),
    "minclass": Field(INTEGER, "how many of these four classes there must be"),
    "maxrepeat": Field(INTEGER, "how often a character may follow itself; 0: any number of times"),
    "maxsequence": Field(INTEGER, "how long sequences like 12345 may be; 0: any length"),
    "maxclassrepeat": Field(INTEGER, "how many characters of a class may follow each other; 0: any number"),
    "gecoscheck": Field(INTEGER, "whether words of the user's full name are refused, not 0: they are"),
    "dictcheck": Field(INTEGER, "whether words of a dictionary are refused, not 0: they are"),
    "usercheck": Field(INTEGER, "whether the user's name is refused, not 0: it is"),
    "usersubstr": Field(INTEGER, "from which length on parts of the user's name are refused; 0: none are"),
    "enforcing": Field(INTEGER, "0: a bad password is warned of only"),
    "retry": Field(INTEGER, "how often a user may try"),
    "enforce_for_root": Field(BOOLEAN, "whether root cannot set a bad password either"),
    "local_users_only": Field(BOOLEAN, "whether only passwords of users of /etc/passwd are judged"),
    "dictpath": Field(STRING, "the dictionary"),
    "badwords": Field(STRING, "words that are refused as well"),
}
"""Options of pam_pwquality."""

HISTORY = {
    "remember": Field(INTEGER, "how many old passwords are refused; 0: none are"),
    "retry": Field(INTEGER, "how often a user may try"),
    "enforce_for_root": Field(BOOLEAN, "whether root cannot set an old password either"),
}
"""Options of pam_pwhistory."""

UNIX = {
    "nullok": Field(BOOLEAN, "whether an empty password will do where the account has none"),
    "nodelay": Field(BOOLEAN, "whether an answer is not delayed after a wrong password"),
    "use_first_pass": Field(BOOLEAN, "whether it never asks for a password of its own"),
    "try_first_pass": Field(BOOLEAN, "whether it tries the password that was asked for before"),
}
"""Options of pam_unix where it checks a password."""

UNIX_PASSWORD = {
    "nullok": Field(BOOLEAN, "whether a user without a password may set one"),
    "hash": Field(
        one_of("des", "md5", "bigcrypt", "sha256", "sha512", "blowfish", "yescrypt", "gost_yescrypt"),
        "how new passwords are stored",
    ),
    "rounds": Field(INTEGER, "how much work that takes, in the unit of the hash; absent: it cannot be set"),
    "remember": Field(INTEGER, "how many old passwords are refused, which are kept as they are hashed"),
    "minlen": Field(INTEGER, "the least length of a password; absent: its default"),
    "shadow": Field(BOOLEAN, "whether it is told to use /etc/shadow"),
    "obscure": Field(BOOLEAN, "whether simple passwords are refused, of Debian"),
    "use_first_pass": Field(BOOLEAN, "whether it never asks for a password of its own"),
    "try_first_pass": Field(BOOLEAN, "whether it tries the password that was asked for before"),
}
"""Options of pam_unix where it stores one."""

TALLY = {
    "deny": Field(INTEGER, "after how many attempts an account is locked; 0: never"),
    "unlock_time": Field(INTEGER, "after how many seconds it is unlocked; 0: only by an administrator"),
    "lock_time": Field(INTEGER, "how many seconds there must be between attempts"),
    "root_unlock_time": Field(INTEGER, "after how many seconds root is unlocked"),
    "even_deny_root": Field(BOOLEAN, "whether root is locked out as well"),
    "magic_root": Field(BOOLEAN, "whether attempts by root's own programs are not counted"),
    "audit": Field(BOOLEAN, "whether names of users that there are not are logged"),
    "silent": Field(BOOLEAN, "whether nothing is told that says whether there is such a user"),
    "no_log_info": Field(BOOLEAN, "whether failures are not logged"),
}
"""Options of pam_tally2."""

WHEEL = {
    "group": Field(STRING, "the group whose members may; absent: wheel, or that of number 0"),
    "use_uid": Field(BOOLEAN, "whether the user who calls counts, and not who has logged in at the terminal"),
    "trust": Field(BOOLEAN, "whether members need no password"),
    "deny": Field(BOOLEAN, "whether members are those who may not"),
    "root_only": Field(BOOLEAN, "whether it is about becoming root only"),
}
"""Options of pam_wheel."""

LASTLOG = {
    "showfailed": Field(BOOLEAN, "whether users are told of failed attempts"),
    "silent": Field(BOOLEAN, "whether users are told nothing"),
    "never": Field(BOOLEAN, "whether users are greeted when they log in for the first time"),
    "noupdate": Field(BOOLEAN, "whether this login is not recorded"),
    "nowtmp": Field(BOOLEAN, "whether it is not recorded in wtmp"),
    "unlimited": Field(BOOLEAN, "whether the file may grow beyond the limit of a user's files"),
    "nodate": Field(BOOLEAN, "whether the date is left out"),
    "noterm": Field(BOOLEAN, "whether the terminal is left out"),
    "nohost": Field(BOOLEAN, "whether the host is left out"),
}
"""Options of pam_lastlog."""

SERVICE = {
    "name": Field(STRING, "the service: sshd; or a file that services include: common-auth"),
    "takes_passwords": Field(BOOLEAN, "whether it asks for a password of this host"),
    "accepts": Field(BOOLEAN, "whether a user of this host is let in who knows all that is asked; absent: nothing is"),
    "accepts_anybody": Field(BOOLEAN, "whether somebody can be let in who knows nothing, and is not root"),
    "counts_wrong_passwords": Field(
        BOOLEAN,
        "whether each wrong password is counted and a locked account is refused; absent: it takes no passwords",
    ),
    "forgets_failures": Field(
        BOOLEAN, "whether the count starts anew when somebody gets in; absent: it takes no passwords, or has no account"
    ),
    "fail_delay": Field(
        INTEGER,
        "for how many microseconds a wrong password is answered at least: the longest delay that a module asks for; "
        "absent: it takes no passwords",
    ),
    "needs_wheel": Field(
        BOOLEAN,
        "whether one is refused who is not in the group that pam_wheel asks for; absent: it takes no passwords",
    ),
    "inactive_days": Field(
        INTEGER,
        "after how many days without a login pam_lastlog refuses somebody; absent: never, or it takes no passwords",
    ),
    "changes_passwords": Field(BOOLEAN, "whether a user of this host can set a new password; absent: it stores none"),
    "refuses_bad_passwords": Field(
        BOOLEAN, "whether a new password that is bad is never stored; absent: it stores none"
    ),
    "refuses_old_passwords": Field(BOOLEAN, "whether an old password is never stored anew; absent: it stores none"),
}
"""What the stacks of a service come to, whatever modules that depend on the user return."""

ASKS_AGAIN = Field(BOOLEAN, "whether it asks for another password though one was asked for: it has no use_authtok")
USE_AUTHTOK = Field(BOOLEAN, "whether it takes the new password that was asked for before")

KIND = Kind(
    "pam",
    "How a host authenticates by PAM: what its stacks and its modules' settings come to",
    {
        "name": Field(STRING, "the host, or the file"),
        "services": Field(list_of(object_of(**SERVICE)), "every service, and what its stacks come to"),
        "lines": Field(list_of(object_of(**LINE)), "every line of the stacks that has a module, once"),
        "faillock": Field(
            list_of(
                object_of(
                    **LINE,
                    action=Field(
                        one_of("preauth", "authfail", "authsucc", "none"),
                        "what it does: refuse who is locked, count a failure, forget failures",
                    ),
                    **FAILLOCK,
                    declared=DECLARED,
                )
            ),
            "lines of pam_faillock for auth, with what their options come to",
        ),
        "faillock_conf": Field(
            object_of(**FAILLOCK, declared=DECLARED),
            "what /etc/security/faillock.conf comes to, whether or not anything reads it",
        ),
        "quality": Field(
            list_of(object_of(**LINE, asks_again=ASKS_AGAIN, **QUALITY, declared=DECLARED)),
            "lines of pam_pwquality or pam_cracklib, with what their options come to",
        ),
        "pwquality_conf": Field(
            object_of(**QUALITY, declared=DECLARED),
            "what /etc/security/pwquality.conf and pwquality.conf.d come to, whether or not anything reads them",
        ),
        "history": Field(
            list_of(
                object_of(
                    **LINE,
                    use_authtok=USE_AUTHTOK,
                    asks_again=ASKS_AGAIN,
                    **HISTORY,
                    declared=DECLARED,
                )
            ),
            "lines of pam_pwhistory, with what their options come to",
        ),
        "pwhistory_conf": Field(
            object_of(**HISTORY, declared=DECLARED),
            "what /etc/security/pwhistory.conf comes to, whether or not anything reads it",
        ),
        "unix": Field(
            list_of(object_of(**LINE, **UNIX, declared=DECLARED)),
            "lines of pam_unix that check passwords, with what their options come to",
        ),
        "unix_password": Field(
            list_of(
                object_of(
                    **LINE,
                    use_authtok=USE_AUTHTOK,
                    asks_again=ASKS_AGAIN,
                    **UNIX_PASSWORD,
                    declared=DECLARED,
                )
            ),
            "lines of pam_unix that store passwords, with what their options come to",
        ),
        "tally": Field(
            list_of(object_of(**LINE, **TALLY, declared=DECLARED)),
            "lines of pam_tally2 for auth, with what their options come to",
        ),
        "wheel": Field(
            list_of(object_of(**LINE, **WHEEL, declared=DECLARED)),
            "lines of pam_wheel, with what their options come to",
        ),
        "lastlog": Field(
            list_of(object_of(**LINE, **LASTLOG, declared=DECLARED)),
            "lines of pam_lastlog, with what their options come to",
        ),
        "faildelay": Field(
            list_of(
                object_of(
                    **LINE,
                    delay=Field(INTEGER, "for how many microseconds an answer is delayed after a failure"),
                    declared=DECLARED,
                )
            ),
            "lines of pam_faildelay, with what their options come to",
        ),
        "settings": Field(
            list_of(
                object_of(
                    module=Field(STRING, "whose option it is: pam_faillock"),
                    option=Field(STRING, "what it sets: deny"),
                    value=Field(STRING, "the value as it is written; empty where there is none"),
                    number=Field(INTEGER, "the number that it starts with; absent: with none"),
                )
            ),
            "everything that sets an option, in files and in arguments, also where it has no effect",
        ),
        "libuser": Field(
            object_of(
                crypt_style=Field(STRING, "how its tools store passwords; absent: it is not set"),
                declared=DECLARED,
            ),
            "what /etc/libuser.conf says; absent: there is no such file",
        ),
    },
)
