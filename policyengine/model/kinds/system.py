"""What else of a system decides on who gets in: its services, boot, sessions, banners and cards."""

from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    STRING,
    STRINGS,
    Field,
    Kind,
    list_of,
    object_of,
    one_of,
)

_BANNER = object_of(
    exists=Field(BOOLEAN, "whether its own file is there"),
    text=Field(STRING, "what it says, with what lies in its directory: issue.d, motd.d; absent: there is no file"),
    discloses=Field(
        STRINGS, r"what tells of the system: the escapes \m, \r, \s, \S and \v, and its name in os-release"
    ),
)
_SINGLE_USER = object_of(
    commands=Field(STRINGS, "what it runs, as its unit and what is put over it say"),
    asks_password=Field(BOOLEAN, "whether all of it asks for root's password first: sulogin"),
)
_WHO = object_of(
    allow=Field(BOOLEAN, "whether there is a list of those who may: cron.allow, at.allow"),
    deny=Field(BOOLEAN, "whether there is a list of those who may not: cron.deny, at.deny"),
)

KIND = Kind(
    "system",
    "What files of a system say of its services, its boot, its sessions, its banners and its smart cards",
    {
        "name": Field(STRING, "the name of the system"),
        "systemd": Field(
            BOOLEAN, "whether there is a systemd to start anything: images often have its directories only"
        ),
        "units": Field(
            list_of(
                object_of(
                    name=Field(STRING, "its name: nftables.service"),
                    enabled=Field(BOOLEAN, "whether another unit starts it, and it is not masked"),
                    masked=Field(BOOLEAN, "whether nobody can start it: a link to /dev/null"),
                    wanted_by=Field(STRINGS, "the units that start it"),
                )
            ),
            "units of systemd that others start or that are masked; those that are only offered are none of them",
        ),
        "logind": Field(
            object_of(
                stop_idle_session=Field(INTEGER, "after how many seconds idle sessions end; 0: never"),
                kill_user_processes=Field(BOOLEAN, "whether processes end with the session of their user"),
            ),
            "sessions, as logind.conf and what is put over it say",
        ),
        "ctrl_alt_del_burst": Field(
            STRING, "what pressing Ctrl-Alt-Del seven times in two seconds does: reboot-force, none"
        ),
        "rescue": Field(_SINGLE_USER, "the single-user mode of systemd: rescue.service; absent: there is none"),
        "emergency": Field(_SINGLE_USER, "the emergency mode of systemd: emergency.service; absent: there is none"),
        "kernel_parameters": Field(STRINGS, "what the kernel is booted with, as /etc/default/grub says"),
        "recovery_entries": Field(BOOLEAN, "whether the menu of GRUB offers systems for recovery"),
        "boot_password": Field(BOOLEAN, "whether GRUB asks for a password before anything else is booted"),
        "issue": Field(_BANNER, "what is shown before somebody logs in at a console: /etc/issue"),
        "issue_net": Field(_BANNER, "what is shown before somebody logs in by the network: /etc/issue.net"),
        "motd": Field(_BANNER, "what is shown after somebody has logged in: /etc/motd"),
        "smart_cards": Field(
            object_of(
                path=Field(STRING, "the file that says so: /etc/opensc.conf"),
                drivers=Field(STRINGS, "the drivers that are tried: card_drivers; absent: all"),
                forced_driver=Field(STRING, "the one that is taken for every card: force_card_driver"),
            ),
            "smart cards, as opensc.conf has them",
        ),
        "firewalld": Field(
            object_of(
                backend=Field(one_of("nftables", "iptables"), "what makes its rules; nftables unless it is set right"),
                default_zone=Field(STRING, "the zone of what is in no other one; public where it is not set"),
                settings=Field(LABELS, "what firewalld.conf sets, as it is written"),
            ),
            "firewalld, where it has a configuration",
        ),
        "authselect": Field(
            object_of(
                profile=Field(STRING, "the profile that is selected"),
                features=Field(STRINGS, "its features that are"),
                changed=Field(STRINGS, "files of /etc/pam.d that are none of authselect's, though it keeps them"),
            ),
            "authselect; absent: it keeps nothing",
        ),
        "tmux": Field(
            object_of(
                lock_after_time=Field(INTEGER, "after how many seconds a terminal is locked; 0: never"),
                lock_command=Field(STRING, "what locks it"),
                lock_keys=Field(STRINGS, "the keys that lock it"),
                readable=Field(BOOLEAN, "whether everybody can read the file, as tmux has to"),
            ),
            "tmux, as /etc/tmux.conf has it",
        ),
        "cron": Field(_WHO, "who may have commands run by cron; absent: there is no cron"),
        "at": Field(_WHO, "who may have commands run by at; absent: there is no at"),
        "sssd": Field(
            list_of(
                object_of(
                    section=Field(STRING, "the section that it stands in: pam, domain/example"),
                    key=Field(STRING, "what it sets"),
                    value=Field(STRING, "to what", sensitive=True),
                )
            ),
            "what sssd.conf sets, and what is put over it; absent: there is no sssd",
        ),
    },
)
