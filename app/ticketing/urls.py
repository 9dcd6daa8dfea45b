"""The API's addresses."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import DefaultRouter

from ticketing import views
from ticketing.live.views import LiveTicketView

router = DefaultRouter()
router.register("tickets", views.TicketViewSet)
router.register("departments", views.DepartmentViewSet)

urlpatterns = [path("live/ticket/", LiveTicketView.as_view(), name="live-ticket"), *router.urls]
