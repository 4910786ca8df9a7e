"""What firewalls do to packets: sets of packets, rule sets, and who reaches whom, decided exactly."""
