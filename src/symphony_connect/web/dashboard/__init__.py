"""`/dashboard`: what a person who operates the service looks at."""
