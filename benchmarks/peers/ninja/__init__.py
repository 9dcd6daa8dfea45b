"""django-ninja on Gunicorn, with the service's permission work."""
