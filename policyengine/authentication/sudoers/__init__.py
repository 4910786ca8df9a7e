"""sudoers(5): what /etc/sudoers and the files that it includes say, read as sudo reads them.

The grammar, the scanner's states and the checks are those of sudo 1.9.13, whose visudo(8) and cvtsudoers(1) the tests
compare with.
"""
