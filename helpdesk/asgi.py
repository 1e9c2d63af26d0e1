"""HTTP through Django's WSGI handler in threads, websockets beside it, in one process.

Django's own ASGI handler starts an executor for every request and keeps no database connection: a quarter of the speed.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

_http: Any = get_wsgi_application()  # settles the apps, before anything below touches a model

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from helpdesk.body import BufferedBody, Receive, Scope, Send
from realtime.routing import websocket_urlpatterns

THREADS = 8
_in_threads: Any = WSGIMiddleware(_http, workers=THREADS)  # its types and ours name the same messages differently


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


application = ProtocolTypeRouter(
    {
        "http": BufferedBody(_in_threads),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": lifespan,
    }
)
