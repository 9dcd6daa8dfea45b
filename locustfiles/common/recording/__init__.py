"""What is kept of a run: each request, who made the load and how it fared, and the files that tell of it."""
