"""What only web pages need: sessions, forms, messages. API requests that bring a token pass it by.

Such a request carries its authority itself, no cookie counts, and so there is nothing here to protect.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

if TYPE_CHECKING:
    _Base = MiddlewareMixin
else:
    _Base = object

# The log-in page is a page, whatever header comes with it.
_PAGES = "/api/auth/"


def brings_a_token(request: HttpRequest) -> bool:
    """Whether it is an API request with a token, good or bad: without a good one the API refuses it."""
    path = request.path_info
    return (
        request.META.get("HTTP_AUTHORIZATION", "").startswith("Bearer ")
        and path.startswith("/api/")
        and not path.startswith(_PAGES)
    )


class _ForPages(_Base):
    """Goes straight on to the next middleware with a request that brings a token."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer the request."""
        if brings_a_token(request):
            return self.get_response(request)
        return super().__call__(request)


class Sessions(_ForPages, SessionMiddleware):
    """Sessions, for pages."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Keep the session; by HTTPS its cookie, and that of the forms, is Secure.

        Not by setting: the same service is there by HTTP, too, where a browser would not send such cookies.
        """
        answer = super().process_response(request, response)
        if request.is_secure():
            for cookie in answer.cookies.values():
                cookie["secure"] = True
        return answer


class Forms(_ForPages, CsrfViewMiddleware):
    """Protection against cross-site request forgery, for pages; API views are exempt from its other half."""


class Users(_ForPages, AuthenticationMiddleware):
    """The user of the session, for pages."""


class Messages(_ForPages, MessageMiddleware):
    """Messages to the user, for pages."""
