"""A small helpdesk: departments and the tickets filed with them."""
