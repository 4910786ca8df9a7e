"""What shells do when somebody logs in, as their start-up files have it."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

KIND = Kind(
    "login_environment",
    "What the start-up files of shells set and run for somebody who logs in: in whatever branch of them it stands",
    {
        "name": Field(STRING, "for whom, and for which shells: everybody (sh), root (csh)"),
        "audience": Field(
            one_of("everybody", "root", "user"),
            "whose files they are: those of the system, or those in the home of root, or of another user",
        ),
        "user": Field(STRING, "the user in whose home they are; absent: they are everybody's"),
        "shells": Field(one_of("sh", "csh"), "which shells read them; sh: also bash, dash, ksh and zsh"),
        "umasks": Field(
            list_of(object_of(mask=Field(STRING, "octal digits, at least three: 027"))),
            "every umask that is set, in the order of the files",
        ),
        "timeouts": Field(
            list_of(
                object_of(
                    seconds=Field(INTEGER, "0: never"),
                    exported=Field(BOOLEAN, "whether other shells are told of it, anywhere in its file"),
                    readonly=Field(BOOLEAN, "whether it cannot be changed, as is said anywhere in its file"),
                )
            ),
            "after which time without input a shell ends: TMOUT, and autologout of csh; every one that is set",
        ),
        "ssh_random": Field(
            list_of(
                object_of(
                    bytes=Field(INTEGER, "0: what is no number"),
                    exported=Field(BOOLEAN, "whether commands see it, anywhere in its file"),
                )
            ),
            "how many bytes ssh takes of the kernel's random numbers: SSH_USE_STRONG_RNG of patched builds of OpenSSH; "
            "every one that is set",
        ),
        "variables": Field(
            list_of(
                object_of(
                    name=Field(STRING, "its name"),
                    value=Field(STRING, "what it is set to; absent: it depends on what else is set", sensitive=True),
                    exported=Field(BOOLEAN, "whether commands see it, anywhere in its file"),
                    readonly=Field(BOOLEAN, "whether it cannot be changed, as is said anywhere in its file"),
                )
            ),
            "every variable that is given a value, in the order of the files",
        ),
        "commands": Field(
            list_of(
                object_of(
                    name=Field(STRING, "its name, without the directory"),
                    arguments=Field(STRINGS, "its arguments", sensitive=True),
                    replaces_shell=Field(BOOLEAN, "whether the shell ends with it: exec"),
                )
            ),
            "every command that may be run, in the order of the files",
        ),
    },
)
