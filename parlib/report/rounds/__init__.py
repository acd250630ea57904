"""What a round adds to a report: figures and tables of returns, losses, claims and the survey."""
