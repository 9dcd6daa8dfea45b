"""The API's addresses."""

from __future__ import annotations

from django.urls import path, re_path
from rest_framework.routers import DefaultRouter

from ticketing import views
from ticketing.api.comments import Comments
from ticketing.api.events import Events
from ticketing.api.pictures import PictureView
from ticketing.api.stats import StatisticsView
from ticketing.live.views import LiveTicketView

router = DefaultRouter()
router.register("tickets", views.TicketViewSet)
router.register("departments", views.DepartmentViewSet)

urlpatterns = [
    re_path(rf"^tickets/(?P<ticket_id>{views.KEY})/comments/$", Comments.as_view(), name="ticket-comments"),
    re_path(rf"^tickets/(?P<ticket_id>{views.KEY})/events/$", Events.as_view(), name="ticket-events"),
    path("stats/", StatisticsView.as_view(), name="stats"),
    path("live/ticket/", LiveTicketView.as_view(), name="live-ticket"),
    re_path(rf"^tickets/(?P<pk>{views.KEY})/image/$", PictureView.as_view(), name="ticket-image"),
    *router.urls,
]
