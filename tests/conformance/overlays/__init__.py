"""How our policies compare with ComplianceAsCode's rules on overlays: files put over those of a base system."""
