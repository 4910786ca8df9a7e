"""Settings of hosts: patches that are proposed, and never applied from here."""
