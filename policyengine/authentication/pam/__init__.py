"""PAM's configuration: the stacks of services as libpam loads and runs them, and the modules' own settings.

It reads the files of a root that it is given. Sources: pam.conf(5), pam(3), the modules' man pages.
"""
