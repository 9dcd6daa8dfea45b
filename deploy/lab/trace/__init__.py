"""One request, followed hop by hop by its X-Request-ID."""
