"""The floor: what is left when there is no framework but Django's request, router and database connection."""
