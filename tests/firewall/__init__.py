"""What firewalls do to packets."""
