from __future__ import annotations

from typing import Any

from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from home.responses import CACHE_CONTROL

# Swagger UI sets styles from its own script; everything it loads is ours.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def only_public_paths(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """drf-spectacular's hook: Wagtail's admin has DRF views too, and they are nobody else's business."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


@extend_schema(exclude=True)
class SchemaView(SpectacularAPIView):
    """The API’s description in OpenAPI, as JSON: in one version and one language, whatever a query asks for."""

    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._get_schema_response(request)  # type: ignore[no-untyped-call]

    def _get_version_parameter(self, request: Request) -> None:
        """The package would put what the query says into a header."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = CACHE_CONTROL
        return response


@extend_schema(exclude=True)
class DocsView(SpectacularSwaggerSplitView):
    """The API’s description to browse, with scripts and styles from this host alone."""

    permission_classes = [AllowAny]
    renderer_classes = [TemplateHTMLRenderer]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Content-Security-Policy"], response["Cache-Control"] = POLICY, CACHE_CONTROL
        return response
