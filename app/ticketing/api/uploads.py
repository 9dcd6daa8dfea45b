"""A picture in the body of a request: as a field of a form, or as the body itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, cast

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from ticketing.services import pictures

# What a form adds to the file that it carries: boundaries, names, a few small fields.
_FRAME = 64 * 1024


class TooLarge(APIException):
    """The request carries more than a picture may have."""

    status_code = 413
    default_code = "too_large"
    default_detail = f"A picture may have {pictures.MOST_BYTES // 1024**2} MiB; send a smaller one."


class TooBusy(APIException):
    """Other pictures are being worked on."""

    status_code = 503
    default_code = "busy"
    default_detail = "Other pictures are being worked on; try again in a few seconds."
    wait = 5  # seconds, for Retry-After


class RawPictureParser(BaseParser):
    """A body that is the picture itself."""

    media_type = "image/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> dict[str, bytes]:
        """As a form with one field; no more than Content-Length says is there to be read."""
        return {"image": stream.read()}


def picture(request: Request) -> pictures.Picture:
    """The picture in the request, as it may be kept; raises an APIException that says what is wrong."""
    return _clean(_sent(request))


def _sent(request: Request) -> bytes:
    """The bytes in the request's body; of too large a body none is read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > pictures.MOST_BYTES + _FRAME:
        raise TooLarge
    try:
        image = cast(Mapping[str, object], request.data).get("image")
    except SuspiciousOperation as error:  # thousands of fields or files
        raise ParseError("The form has too many parts; send one file in the field image.") from error
    content = image.read() if isinstance(image, UploadedFile) else image
    if not content or not isinstance(content, bytes):
        raise ValidationError({"image": ["Send a file with something in it."]})
    if len(content) > pictures.MOST_BYTES:
        raise TooLarge
    return content


def _clean(sent: bytes) -> pictures.Picture:
    try:
        return pictures.clean(sent)
    except pictures.UnknownFormat as error:
        raise UnsupportedMediaType("", "The picture is no PNG, JPEG or WebP.") from error
    except pictures.BadPicture as error:
        raise ValidationError({"image": [str(error)]}) from error
    except pictures.Busy as error:
        raise TooBusy from error
