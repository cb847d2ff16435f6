"""The reconciliation room: what agencies declared, side by side, and the way from one number to the other."""
