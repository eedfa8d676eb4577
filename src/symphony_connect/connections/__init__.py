"""A brand connected to one platform: how it begins, is read, is kept alive, and ends."""
