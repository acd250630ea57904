"""How it looks: frames in, blocks out. Computes nothing but layout."""
