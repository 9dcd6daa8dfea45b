"""What the API's views are made of: reading, writing, and the manners of HTTP."""
