"""Use of a platform's API without holding its token."""
