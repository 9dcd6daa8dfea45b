"""The project: settings, addresses, and what every request shares."""
