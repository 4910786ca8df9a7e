"""Files whose owners and modes count: which there are, and whose they are."""
