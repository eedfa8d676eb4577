"""Time, settings, errors, ids, logs and the shared types. Imports nothing else of ours."""
