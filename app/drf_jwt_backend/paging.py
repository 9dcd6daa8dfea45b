"""Lists come in numbered pages."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.views import APIView

_NUMBER = re.compile(r"0*[1-9][0-9]{0,999}")


class Pages(PageNumberPagination):
    """Fifty rows a page; `page_size` asks for another number, up to 200."""

    page_size: int = 50
    page_size_query_param: str = "page_size"
    max_page_size: int = 200

    def get_page_size(self, request: Request) -> int:
        """How many rows; of more than 200, 200. Raises ValidationError for what is no number of rows."""
        text = request.query_params.get(self.page_size_query_param)
        if not text:
            return self.page_size
        if not _NUMBER.fullmatch(text):
            raise ValidationError(
                {self.page_size_query_param: [f"Say how many rows: 1 to {self.max_page_size}."]}
            )
        return min(int(text), self.max_page_size)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """`page`, and `page_size` with its bounds."""
        parameters = super().get_schema_operation_parameters(view)
        for each in parameters:
            if each["name"] == self.page_size_query_param:
                each["schema"] |= {"minimum": 1, "default": self.page_size}
                each["description"] = f"Rows of a page; more than {self.max_page_size} are not given."
        return parameters
