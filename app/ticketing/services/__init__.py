"""What the commands do, without their command lines."""
