"""Symphony Connect: gets each brand's ad-platform access, and keeps it."""

__version__ = "0.1.0"
