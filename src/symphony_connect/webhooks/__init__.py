"""Delivers events to the workspaces' own servers: endpoints, what is sent to them, and the worker that sends."""
