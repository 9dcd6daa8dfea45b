"""Exercise 2: who listens where, who may reach it, and which layer refuses a name."""

from lab.exercises.ex02_ports.exercise import EXERCISE

__all__ = ["EXERCISE"]
