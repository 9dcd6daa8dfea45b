"""What the service is compared with: the same data and the same JSON, by other means.

Each folder is a program of its own that answers three requests as the service does: the list of tickets,
one ticket, and a new one. All work on the service's own tables and accept the service's own tokens. The
environment gives SECRET_KEY and DATABASE_URL (sqlite:////absolute/path).

- guide: what the course guide leads to. runserver, a plain ModelViewSet, Django's defaults.
- stock: the same code on Gunicorn, without DEBUG.
- ninja: django-ninja on Gunicorn.
- fastapi: FastAPI and SQLAlchemy on Uvicorn with uvloop and httptools.
- floor: what Django itself costs: a bare view that sends the service's statements as text.

The last three look the caller and the role up with each request and show each role its own tickets, as the
service does; the first two show all tickets to everybody with a token. Each of the last three does what its
documentation says makes it fast: a benchmark against a straw man tells nothing.
"""
