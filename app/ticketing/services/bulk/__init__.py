"""The parts of a load: departments, tickets, and what it takes to have a million of them."""
