"""What Docker makes of its networks and published ports: the rules of its version, and who reaches whom by them."""
