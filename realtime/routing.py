from django.urls import path

from realtime.consumers import DeskConsumer
from realtime.panel import PanelConsumer

websocket_urlpatterns = [
    path("ws/desk/", DeskConsumer.as_asgi()),
    path("ws/panel/", PanelConsumer.as_asgi()),
]
