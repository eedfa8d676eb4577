"""What an operator does to a whole installation: check it, export it, restore it, revoke everything."""
