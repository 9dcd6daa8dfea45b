"""The API's addresses."""

from __future__ import annotations

from rest_framework.routers import DefaultRouter

from ticketing import views

router = DefaultRouter()
router.register("tickets", views.TicketViewSet)
router.register("departments", views.DepartmentViewSet)

urlpatterns = router.urls
