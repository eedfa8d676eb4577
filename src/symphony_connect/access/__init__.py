"""API keys: what they look like, who holds one, what each may do, and how often it is used."""
