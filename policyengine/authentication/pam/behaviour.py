"""What modules return, as far as it can be known from the configuration: of Linux-PAM 1.5 and of those beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.authentication.pam.entries import Entry

SECRETS = frozenset(
    {
        "pam_fprintd",
        "pam_google_authenticator",
        "pam_krb5",
        "pam_ldap",
        "pam_oath",
        "pam_pkcs11",
        "pam_pwdb",
        "pam_radius_auth",
        "pam_rsa",
        "pam_securid",
        "pam_ssh_agent_auth",
        "pam_sss",
        "pam_systemd_home",
        "pam_tacplus",
        "pam_tcb",
        "pam_u2f",
        "pam_unix",
        "pam_unix2",
        "pam_userdb",
        "pam_winbind",
        "pam_yubico",
    }
)
"""Modules that let somebody in who knows or has something."""

STORES = frozenset({"pam_unix", "pam_unix2", "pam_tcb", "pam_pwdb"})
"""Modules that check passwords of this host, and store new ones on it."""

DIRECTORIES = frozenset({"pam_krb5", "pam_ldap", "pam_sss", "pam_winbind"})
"""Modules that ask a directory, which does not know the users of this host."""

JUDGES = frozenset({"pam_pwquality", "pam_cracklib", "pam_passwdqc"})
"""Modules that judge new passwords."""

HISTORIES = frozenset({"pam_pwhistory"})
"""Modules that refuse old passwords."""

ROOT = frozenset({"pam_rootok", "pam_timestamp"})
"""Modules that let root in, and who was let in shortly before."""

COUNTERS = frozenset({"pam_faillock", "pam_tally2", "pam_tally"})
"""Modules that lock accounts out."""

CONDITIONS = frozenset(
    {
        "pam_access",
        "pam_cap",
        "pam_echo",
        "pam_gnome_keyring",
        "pam_kwallet5",
        "pam_lastlog",
        "pam_limits",
        "pam_listfile",
        "pam_localuser",
        "pam_loginuid",
        "pam_mkhomedir",
        "pam_namespace",
        "pam_nologin",
        "pam_rhosts",
        "pam_securetty",
        "pam_selinux",
        "pam_sepermit",
        "pam_shells",
        "pam_succeed_if",
        "pam_systemd",
        "pam_time",
        "pam_umask",
        "pam_usertype",
        "pam_wheel",
        "pam_xauth",
    }
)
"""Modules that ask for nothing that one has to know: whom they let in depends on who it is, where and when."""

_NOTHING = frozenset({"pam_env", "pam_faildelay", "pam_group", "pam_issue", "pam_keyinit", "pam_mail", "pam_warn"})
"""Modules that have nothing to say of who somebody is: they return ``ignore`` for auth."""

WRONG = ("auth_err", "user_unknown", "authinfo_unavail")
"""What a module returns that does not know a secret, or not who is meant, or cannot ask."""

DENIALS = {"auth": "auth_err", "account": "acct_expired", "password": "authtok_err", "session": "session_err"}
"""What pam_deny returns."""

ANYTHING = ("success", "ignore", "auth_err")
"""What a module may return of which no more is known."""


def always(entry: Entry) -> tuple[str, ...]:
    """What a module returns whoever it is; anything where that depends."""
    if entry.name == "pam_permit":
        return ("success",)
    if entry.name == "pam_deny":
        return (DENIALS[entry.task],)
    if entry.task == "auth" and entry.name in _NOTHING:
        return ("ignore",)
    return ANYTHING


def is_stranger(entry: Entry) -> bool:
    """Whether nothing is known of a module: it may ask for a secret, or let everybody in."""
    is_known = entry.name in SECRETS | COUNTERS | ROOT | CONDITIONS or always(entry) != ANYTHING
    return entry.kind == "module" and not is_known


def counting(entry: Entry) -> tuple[str, ...]:
    """What a module that counts returns in ``auth``, for an account that is not locked yet."""
    if entry.name == "pam_faillock" and "authfail" in entry.arguments:
        return ("ignore",)
    return ("success",)
