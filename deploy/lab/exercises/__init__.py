"""The exercises: each predicts, changes the lab, measures and explains, and checks itself on the live lab."""
