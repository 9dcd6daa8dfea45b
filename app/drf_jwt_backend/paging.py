"""Lists come in numbered pages."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """Fifty rows a page; `page_size` asks for another number, up to 200."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
