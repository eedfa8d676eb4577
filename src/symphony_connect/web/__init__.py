"""HTTP: the API, the sign-in routes and the pages. The only part that knows requests and answers."""
