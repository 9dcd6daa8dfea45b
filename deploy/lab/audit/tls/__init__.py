"""HTTPS at the edge, as sslyze sees it."""
