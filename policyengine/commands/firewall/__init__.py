"""``policyengine firewall``: who reaches whom, why, and what a change of the rules changes."""
