"""Networks are made of what a run reads."""
