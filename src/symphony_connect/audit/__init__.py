"""What is written down about use: who did what to which connection, and how often each key reads each token."""
