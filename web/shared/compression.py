"""Pages travel compressed; files do not, most of them are compressed already."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressPages(GZipMiddleware):
    """Django's, with its random padding against BREACH; the CSRF token is masked anew on every page anyway."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if isinstance(response, HttpResponse) else response
