"""labelwright serve."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.commands.invite import DEFAULT_URL
from labelwright.cli.options import HERE, JsonOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say
from labelwright.errors import NotReady
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.workspace import Workspace


def command(
    *,
    workspace: WorkspaceOption = HERE,
    host: Annotated[str, typer.Option(help="Address to listen on; the default is this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes any free one.", min=0, max=65535)] = 8000,
    host_name: Annotated[
        list[str] | None,
        typer.Option(help="A name the server is reached by, besides loopback; may be repeated.", metavar="NAME"),
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="Print a new one-time manager link per project.")] = False,
    json: JsonOption = False,
) -> None:
    """Serve the page where people label. The first run prints a one-time link for the manager of each project.

    Ctrl-C or SIGTERM ends it: answers under way are stored first. Other commands may run beside it.
    """
    from labelwright.server.run import address_of, listen, serve
    from labelwright.server.settings import ServerSettings

    with Workspace.open(workspace, via="server") as opened:
        with opened.storage.reading() as views:
            if not views.projects():
                raise NotReady(f"{workspace} has no project yet; write project.yaml and run: labelwright apply")
        names = tuple(host_name or ()) + ((host,) if host not in {"0.0.0.0", "::"} else ())  # noqa: S104 - compared
        settings = ServerSettings(hosts=names, workspace=workspace)
        with listen(host, port) as taken:
            url = address_of(taken)

            def ready() -> None:
                links = manager_links(opened.storage, opened.world, url=url, always=link)
                if json:
                    emit_json({"url": url, "links": links})
                    return
                say(f"Serving {workspace.resolve().name or workspace} at {url}")
                for project, one in links.items():
                    say(f"{project}: open {one} (works once)")
                note(f"Ctrl-C ends it. People come in by: labelwright invite NAME{_where(url)}")

            serve(opened.storage, opened.world, settings, taken=taken, on_ready=ready)


def _where(url: str) -> str:
    """Give the option `labelwright invite` needs, unless the server stands where it looks for one."""
    return "" if url == DEFAULT_URL else f" --url {url}"


def manager_links(storage: Storage, world: World, *, url: str, always: bool) -> dict[str, str]:
    """Give a one-time link per project that nobody manages yet, or for every project when asked (S6)."""
    from labelwright.services.people.manage_people import has_manager, invite, manager_name

    links: dict[str, str] = {}
    with storage.reading() as views:
        wanted = [
            (project, manager_name(views, project))
            for project in views.projects()
            if always or not has_manager(views, project)
        ]
    for project, name in wanted:
        made = storage.write(
            lambda tx, project=project, name=name: invite(tx, project, name=name, role="manager", world=world)
        )
        links[project.name] = made.url(url)
    return links
