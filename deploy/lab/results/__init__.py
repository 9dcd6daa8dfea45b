"""What became of the exercises: a student's signed report, and a class of them."""
