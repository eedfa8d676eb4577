"""Every platform's look-alike in one process: stateful, offline, controlled over HTTP.

The folder knows no platform by name. Each `platforms/<name>/sandbox` exposes `PLATFORM`, a class
that fulfils `sandbox.platform.SandboxPlatform`; the rest (faults, ledger, clock, people, pages) is here.
"""
