"""The demo: the service, the sandbox and a customer page, started together on one machine."""
