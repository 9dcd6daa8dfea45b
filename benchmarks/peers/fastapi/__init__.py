"""FastAPI and SQLAlchemy on Uvicorn, with the service's permission work."""
