"""Users of a system: what passwd(5) and shadow(5) say of one, and the home."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

METHODS = (
    *("yescrypt", "gost-yescrypt", "scrypt", "bcrypt", "sha512", "sha256", "sha1", "sunmd5", "md5", "nt"),
    *("bsdi", "des"),
)
"""What makes hashes of passwords: crypt(5)."""

PASSWORD = {
    "state": Field(
        one_of("empty", "locked", "set", "invalid", "missing"),
        "empty: nothing is asked; locked: the field begins with ! or *, no password will do; set: there is a hash; "
        "invalid: what is there is no hash; missing: passwd says that shadow has it, which has not",
    ),
    "method": Field(one_of(*METHODS), "what made the hash, also one behind a lock; absent: there is none"),
}
"""What a password's field says; never the hash."""

ACCOUNT = {
    "name": Field(STRING, "the name"),
    "uid": Field(INTEGER, "the number"),
    "gid": Field(INTEGER, "the number of the primary group"),
    "group": Field(STRING, "the name of the primary group; absent: no group has the number"),
    "groups": Field(STRINGS, "the groups that list the user as a member"),
    "home": Field(STRING, "the home directory as it is written, which may be empty"),
    "shell": Field(STRING, "the program that is run when the user logs in; /bin/sh where none is named"),
    "sort": Field(
        one_of("root", "system", "regular"),
        "root: the number 0; regular: from UID_MIN of login.defs on (1000), nobody excepted; system: all others",
    ),
    "has_shell": Field(BOOLEAN, "whether the shell is one: not nologin, false, true, sync, shutdown or halt"),
    "shell_is_listed": Field(BOOLEAN, "whether /etc/shells lists the shell; without that file: /bin/sh and /bin/csh"),
    "shadowed": Field(BOOLEAN, "whether the password is in /etc/shadow, not in /etc/passwd, which all may read"),
    "password": Field(
        object_of(
            **PASSWORD,
            changed=Field(INTEGER, "the day of the last change, counted from 1970; 0: must be changed at once"),
            min_days=Field(INTEGER, "how many days a password must be kept"),
            max_days=Field(INTEGER, "after how many days it must be changed; absent: never"),
            warn_days=Field(INTEGER, "how many days before that the user is warned"),
            inactive_days=Field(INTEGER, "how many days after that the account is closed; absent: never"),
            expires=Field(INTEGER, "the day, counted from 1970, on which the account is closed; absent: never"),
        ),
        "the password: shadow(5)",
    ),
    "same_name": Field(INTEGER, "how many other lines of passwd have the same name"),
    "same_uid": Field(STRINGS, "other users with the same number, the first 20"),
    "same_home": Field(STRINGS, "other users with the same home, the first 20"),
}
"""What files of accounts say of a user."""

_OWNER = {
    "mode": Field(STRING, "the permission bits, four octal digits: 0750"),
    "uid": Field(INTEGER, "the owner's number"),
    "gid": Field(INTEGER, "the group's number"),
    "users_own": Field(BOOLEAN, "whether the user owns it"),
    "users_group": Field(BOOLEAN, "whether its group is the user's primary one"),
    "persons_own": Field(BOOLEAN, "whether any regular user owns it"),
    "persons_group": Field(BOOLEAN, "whether its group is the primary one of any regular user"),
}

KIND = Kind(
    "user",
    "A user of a system: the account, and the home",
    {
        **ACCOUNT,
        "directory": Field(
            object_of(
                exists=Field(BOOLEAN, "whether the home is there and a directory"),
                **_OWNER,
            ),
            "the home directory of root or a regular user; modes and owners are those of what a link leads to",
        ),
        "files": Field(
            list_of(
                object_of(
                    path=Field(STRING, "its path from the home: .ssh/config"),
                    type=Field(one_of("file", "directory", "symlink", "special"), "what it is; links are not followed"),
                    start_up=Field(BOOLEAN, "whether a shell or a session runs it: .profile, .bashrc"),
                    hidden=Field(BOOLEAN, "whether it lies directly in the home and its name begins with a dot"),
                    below_hidden=Field(BOOLEAN, "whether it lies in a directory whose name begins with a dot"),
                    others_writable=Field(BOOLEAN, "whether everybody may write to it; of a link: no"),
                    **_OWNER,
                )
            ),
            "what lies in the home of root or a regular user; root's directories are not looked into",
        ),
        "umasks": Field(
            list_of(
                object_of(
                    file=Field(STRING, "the file, from the home: .bashrc"),
                    mask=Field(STRING, "the mask, three octal digits: 027"),
                )
            ),
            "every umask that a start-up file in the home of root or a regular user sets",
        ),
    },
)
