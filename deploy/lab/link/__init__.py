"""`lab link`: asks the router's supervisor for a link, and measures whether packets see what was asked."""
