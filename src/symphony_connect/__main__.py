"""`python -m symphony_connect`."""

from symphony_connect.cli import main

main()
