"""What is written down about use: how often each key reads each token."""
