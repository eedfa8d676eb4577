"""Sign-in at a platform, from the first click to a connection, and the links that lead to it."""
