"""What goes out: reports rendered from notebooks, one or many."""
