"""The service's statements as text, for Django's cursor (%s stands for a value)."""

from __future__ import annotations

from ticketing.api.rows import COLUMNS

_COLUMNS = ", ".join(COLUMNS.values())

CALLER = """
    SELECT id, is_superuser, (
        SELECT name FROM auth_group JOIN auth_user_groups ON auth_group.id = group_id
        WHERE user_id = auth_user.id AND name IN ('instructors', 'agents', 'students')
        ORDER BY CASE name WHEN 'instructors' THEN 0 WHEN 'agents' THEN 1 ELSE 2 END LIMIT 1
    ) FROM auth_user WHERE id = %s AND is_active
"""
# Role -> the condition on the tickets that it sees, and how often the caller's id stands in it.
SCOPES = {
    "instructors": ("1", 0),
    "agents": (
        "(department_id IN (SELECT department_id FROM ticketing_department_agents WHERE user_id = %s)"
        " OR user_id = %s OR assignee_id = %s)",
        3,
    ),
    "students": ("user_id = %s", 1),
    None: ("0", 0),
}
COUNT = "SELECT count(*) FROM ticketing_ticket WHERE {scope}"
PAGE = (
    f"SELECT {_COLUMNS} FROM ticketing_ticket WHERE {{scope}} "  # noqa: S608 - names of our own columns
    "ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s"
)
TICKET = f"SELECT {_COLUMNS} FROM ticketing_ticket WHERE {{scope}} AND id = %s"  # noqa: S608
DEPARTMENT = "SELECT 1 FROM ticketing_department WHERE id = %s"
FILE = f"""
    INSERT INTO ticketing_ticket
        (name, email, phone, issue, priority, status, image, created_at, updated_at, user_id, department_id,
         device, interface, source, external_id)
    VALUES (%s, %s, %s, %s, %s, 'open', '', %s, %s, %s, %s, %s, %s, '', '') RETURNING {_COLUMNS}
"""  # noqa: S608
NOTE = """
    INSERT INTO ticketing_ticketevent
        (action, at, ticket_id, department_id, owner_id, actor_id, changes, internal, request_id)
    VALUES ('created', %s, %s, %s, %s, %s, '{}', 0, '-')
"""
