"""Exercise 1: who is where, what a mask says, and which way a request takes; drawn as a diagram."""

from lab.exercises.ex01_addresses.exercise import EXERCISE

__all__ = ["EXERCISE"]
