"""The official framework: units, sets of criteria, rules. It changes by decree, so it is data plus the code on it."""
