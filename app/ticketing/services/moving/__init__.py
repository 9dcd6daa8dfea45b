"""Moving all that a database has into another, of the same or another kind."""
