"""Stock Django REST framework: the guide's code on Gunicorn."""
