"""What it means: index tables and scorecards in, tidy frames out."""
