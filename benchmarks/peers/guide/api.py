"""The API as a tutorial writes it: a model serializer, a model view set, a router."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import BaseSerializer, ModelSerializer
from rest_framework.viewsets import ModelViewSet
from rest_framework_simplejwt.views import TokenObtainPairView

from ticketing.api.rows import COLUMNS
from ticketing.models import Ticket


class TicketSerializer(ModelSerializer[Ticket]):
    """A ticket, with the fields that the service shows."""

    class Meta:
        model = Ticket
        fields = tuple(COLUMNS)
        read_only_fields = ("image", "created_at", "updated_at", "user", "status", "assignee")


class TicketViewSet(ModelViewSet[Ticket]):
    """Everything that can be done to tickets."""

    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer

    def perform_create(self, serializer: BaseSerializer[Ticket]) -> None:
        """The ticket belongs to whoever files it."""
        serializer.save(user=self.request.user)


router = DefaultRouter()
router.register("tickets", TicketViewSet)
urlpatterns = [path("api/token/", TokenObtainPairView.as_view()), path("api/", include(router.urls))]
