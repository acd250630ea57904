"""The official framework: units, sets of criteria and rules. It changes by decree, so it is data plus the code that reads it."""
