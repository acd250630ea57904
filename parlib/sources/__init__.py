"""What comes in: published results, assessment rounds, Excel forms, survey answers, simulated rounds."""
