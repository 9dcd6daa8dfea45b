"""The service's speed beside its peers', and with a million tickets: `make bench`."""
