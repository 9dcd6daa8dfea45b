"""What the lab shows in the terminal: the panel after `up`, and the table of `status`."""

from __future__ import annotations

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lab.health import HostState
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology


def welcome(settings: Settings, plan: Topology, tickets: int, *, show_passwords: bool) -> Panel:
    """Addresses, users and what to try next; passwords only if nobody has seen them yet."""
    edge = plan.address("edge")
    return Panel(
        Group(_places(settings, edge), Text(), _users(settings, show_passwords), Text(), _next_steps(edge)),
        title=f"ticketlab is up: {tickets:,} tickets behind Nginx at {edge}",
        title_align="left",
        border_style="green",
        padding=(1, 2),
        expand=False,
    )


def _places(settings: Settings, edge: str) -> Table:
    table = _grid()
    table.add_row("service", f"http://{edge}/api/docs/", "on this VM and in the lab")
    table.add_row("", f"http://localhost:{settings['EDGE_PORT']}/api/docs/", "the same, on the VM's loopback")
    table.add_row("docs", f"http://{edge}/docs/", "the guide, concepts, exercises")
    table.add_row("Locust", f"http://localhost:{settings['LOCUST_PORT']}/", "make load, watch charts")
    table.add_row("Discord", f"http://localhost:{settings['DISCORD_PORT']}/", "the stand-in and what it got")
    return table


def _users(settings: Settings, show_passwords: bool) -> Table:
    table = _grid()
    for user in settings.users:
        table.add_row(user["username"], user["role"], user["password"] if show_passwords else "")
    note = "passwords shown this once; .env keeps them" if show_passwords else "passwords are in .env"
    table.add_row("", "", f"[dim]{note}")
    return table


def _next_steps(edge: str) -> Table:
    table = _grid()
    table.add_row("make shell HOST=client", f"then: traceroute {edge}")
    table.add_row("make notify", "post the tickets to Discord, within its limits")
    table.add_row("make loadtest", "30 s of load through the router, with a verdict")
    table.add_row("make help", "every verb")
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    return table


def status(plan: Topology, states: dict[str, HostState]) -> Table:
    """One line a host: where it is and how it is."""
    table = Table(title="The lab's hosts", title_justify="left", title_style="bold")
    for heading in ("host", "zone", "address", "state", "health"):
        table.add_column(heading)
    for name, host in plan.hosts.items():
        state = states.get(name)
        if state is None and host.profile:
            continue
        zones = list(host.addresses)
        addresses = state.addresses if state else {}
        table.add_row(
            name,
            "\n".join(zones),
            "\n".join(_shown_address(plan, name, zone, addresses.get(zone, "")) for zone in zones),
            _shown_state(name, state),
            state.health if state and state.status == "running" else "",
        )
    return table


def _shown_address(plan: Topology, host: str, zone: str, address: str) -> str:
    """The router is known by .253, which it adds by itself; the engine knows only its .252."""
    return str(plan.zones[zone].router) if host == "router" else address


def _shown_state(name: str, state: HostState | None) -> str:
    if state is None:
        return "[red]missing"
    if name == ONE_SHOT and state.status == "exited" and state.exit_code == 0:
        return "[green]done"
    return (
        f"[green]{state.status}" if state.status == "running" else f"[red]{state.status} ({state.exit_code})"
    )
