"""The course guide's own set-up: runserver, a plain ModelViewSet, Django's defaults."""
