"""The HTTP API `/api/sym/v2`."""
