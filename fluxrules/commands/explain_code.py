"""``fluxrules explain-code``: the page of a diagnostic."""

from __future__ import annotations

import click

from fluxrules.diagnostics.registry import Page, pages
from fluxrules.text.near import nearest


@click.command("explain-code")
@click.argument("code", required=False)
def command(code: str | None) -> int:
    """Explique un code de diagnostic (sans code : la liste)."""
    if code is None:
        for p in pages().values():
            click.echo(f"{p.code}  {p.severity.label:<13} {p.name}")
        return 0
    found = pages().get(code.upper())
    if found is None:
        near = nearest(code, pages())
        click.echo(f"Le code « {code} » n'existe pas." + (f" Vouliez-vous dire {near} ?" if near else ""), err=True)
        return 2
    click.echo(page_text(found))
    return 0


def page_text(p: Page) -> str:
    """A page as text."""

    def block(text: str) -> str:
        return "\n".join("    " + line for line in text.splitlines())

    return (
        f"{p.code} — {p.name} ({p.severity.label})\n\n{p.what}\n\nPourquoi : {p.why}\n\n"
        f"À éviter :\n{block(p.wrong)}\n\nÀ écrire :\n{block(p.right)}\n\nQue faire : {p.todo}"
    )
