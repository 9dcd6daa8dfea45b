"""What every scenario shares: who is signed in, how requests reach the wire, and when a run counts."""
