"""Accounts: passwd(5), shadow(5), group(5), gshadow(5), login.defs(5), useradd(8), shells(5) and homes, as programs
read them.
"""
