from django.urls import path

from ops.demo import views

urlpatterns = [
    path("", views.mailbox, name="demo-mailbox"),
    path("letters/", views.write, name="demo-write"),
    path("<int:pk>/", views.mail, name="demo-mail"),
    path("<int:pk>/html/", views.mail_html, name="demo-mail-html"),
]
