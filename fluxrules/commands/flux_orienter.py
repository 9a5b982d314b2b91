"""``fluxrules flux orienter``: to whom each freed dwelling should go, and the acts that a person adds to the journal."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.flux_reading import holders_of
from fluxrules.commands.flux_shared import (
    exit_of,
    load_dossier,
    load_flux_tables,
    load_journal,
    tables_needed,
    year_options,
    years_of,
)
from fluxrules.commands.shared import FINDINGS, USAGE, Day, counted, format_option, show
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.language.numbers import show_number

if TYPE_CHECKING:
    from fluxrules.flux.ledger import Entry
    from fluxrules.flux.orientation.advise import Advice, Home
    from fluxrules.flux.orientation.values import Effect


@click.command("orienter")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option(
    "--jusqu-au",
    "--jusqu'au",
    "until",
    type=Day(),
    default=None,
    help="Dernier jour regardé (fin de l'année par défaut).",
)
@click.option(
    "--sortie",
    type=click.Path(path_type=Path),
    default=None,
    help="Journal à continuer, ou dossier de journaux pour plusieurs départements ; sans elle, rien n'est écrit.",
)
@click.option("--choisir", multiple=True, help="LIBERATION=RESERVATAIRE : un choix manuel, avec son motif.")
@click.option(
    "--retour",
    default=None,
    help="Libération que son réservataire a rendue ; « --motif » est une issue de la convention.",
)
@click.option("--credit", default=None, help="LIBERATION=RESERVATAIRE : un logement lui est dû en plus.")
@click.option("--annuler", type=int, default=None, help="Numéro de l'écriture à annuler.")
@click.option("--motif", default="", help="Pourquoi ; sans nom de personne.")
@click.option(
    "--le",
    "day",
    type=Day(),
    default=None,
    help="Jour des écritures. Par défaut : celui de la libération ou de son retour ; pour une annulation, celui de "
    "l'écriture annulée ; pour un retour ou un crédit, aujourd'hui.",
)
@format_option
def command(
    dossier: Path, annee: int, bailleur: str | None, until: date | None, sortie: Path | None, choisir: tuple[str, ...], retour: str | None,
    credit: str | None, annuler: int | None, motif: str, day: date | None, format_: str,
) -> int:  # fmt: skip
    """Conseille un réservataire pour chaque logement libéré, dit pourquoi, et tient le journal."""
    from fluxrules.commands.flux_orienter_pays import Asked, orient_all
    from fluxrules.data.flux.bailleurs import by_bailleur
    from fluxrules.data.known import holds_nir
    from fluxrules.flux.ledger import Entry, appended, check
    from fluxrules.flux.orientation.advise import advised, chosen, entry, homes_of, returned, undone, weighed
    from fluxrules.flux.orientation.quick import orient
    from fluxrules.flux.orientation.situation import situation
    from fluxrules.model.flux.folder import departements

    if len(folders := departements(dossier)) > 1:
        if choisir or retour is not None or credit is not None or annuler is not None:
            raise click.ClickException(
                "Un choix, un retour, un crédit ou une annulation s'écrit dans le journal d'un département : donnez son dossier."
            )
        return orient_all(folders, dossier, Asked(annee, bailleur, until or date(annee, 12, 31), day, sortie), format_)
    if sortie is not None and sortie.is_dir():
        raise click.ClickException(f"« {sortie} » est un dossier : donnez le fichier du journal.")
    if holds_nir(motif):
        raise click.ClickException(
            "« --motif » contient ce qui semble être un numéro de sécurité sociale : le journal ne nomme personne."
        )
    documents, tables = load_dossier(dossier, format_), tables_needed(load_flux_tables(dossier, format_, (annee,)))
    entries = load_journal(sortie, documents, tables, format_)
    holders, bag, today = holders_of(documents, tables), Bag(), day or date.today()
    choices = _choices(choisir)
    new: list[Entry] = []
    if retour is not None:
        new += returned(retour, motif, today, entries, bag)
    if credit is not None:
        ((release, holder),) = _choices((credit,)).items()
        new.append(Entry(0, today, "CREDIT", release, holder=holder, reason=motif or None))
    if annuler is not None:
        new.append(undone(annuler, motif, day, entries))
    manual, parts = bool(new or choices or bag.items), by_bailleur(tables)
    advice: list[Advice] = []
    homes: dict[str, Home] = {}
    effects: dict[str, tuple[Effect, ...]] = {}
    for year in years_of(documents, dossier, annee, bailleur, format_) if choices or not manual else ():
        own = documents.of_bailleur(year.bailleur.code), parts.of(year.bailleur.code)
        found = situation(year, *own, entries, until or date(annee, 12, 31), bag)
        told = advised(found, orient(found.world, found.queue), day, documents.orientations)
        mine = {r: h for r, h in choices.items() if r in {f.release for f in found.freed}}
        if choices:
            added = chosen(mine, motif, day, told, found, holders, bag)
            new += added
            effects |= {e.release: weighed(e.release, e.holder, found) for e in added if e.release and e.holder}
            choices = {r: h for r, h in choices.items() if r not in mine}
        else:
            advice += told
            homes |= homes_of(found)
            new += [entry(a, day) for a in told]
    for release in choices:
        bag.add(
            "FX8403",
            f"Aucune libération de cette année ne s'appelle « {release} ».",
            Cell("--choisir"),
            "Vérifiez l'identifiant.",
        )
    sealed = appended(entries, new)
    ids = set(tables.liberations["id_liberation"]) if tables.liberations is not None else set()
    sound = not bag.has_errors if manual else True
    sound = sound and check(
        (*entries, *sealed), bag, file=sortie.name if sortie else "journal", releases=ids, holders=holders
    )
    _show(advice, sealed if sound else (), homes, effects, format_)
    if advice and format_ != "json":
        for o in documents.orientations:
            for criterion, said in o.advice:
                click.echo(f"Recommandation de « {o.name} », {criterion} : {said}.")
    show(bag.sorted(), format_) if bag.items else None
    if not sound:
        click.echo("Rien n'a été écrit.", err=True)
        return FINDINGS
    return _write(sortie, entries, sealed, format_) or exit_of(bag, strict=False)


def _choices(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        release, sign, holder = text.partition("=")
        if not (release and sign and holder):
            raise click.ClickException(f"« {text} » n'est pas un choix : écrivez LIBERATION=RESERVATAIRE.")
        found[release] = holder
    return found


def _show(
    advice: list[Advice], sealed: tuple[Entry, ...], homes: dict[str, Home], effects: dict[str, tuple[Effect, ...]], format_: str
) -> None:  # fmt: skip
    if format_ == "json":
        written = [{"numéro": e.number, "date": e.day.isoformat(), "acte": e.act, "libération": e.release, "réservataire": e.holder,
                    "motif": e.reason, "annule": e.cancels, "règle": e.rule, "soldes": _balances(effects.get(e.release or "", ())), "empreinte": e.seal} for e in sealed]  # fmt: skip
        told = [_plain(a, homes.get(a.freed.dwelling)) for a in advice] if advice else written
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for a in advice:
        d = a.decision
        who = d.holder or "(hors du flux)"
        by = f" ; réponse le {a.answer_by:%d/%m/%Y} au plus tard" if a.answer_by else ""
        by = " ; gestion déléguée : le bailleur désigne" if a.by_bailleur else by
        by += f" ; contingent délégué à {a.delegate}" if a.delegate else ""
        home = f" ; {_home(a, homes.get(a.freed.dwelling))}"
        then = f" ; ensuite {d.runner_up}" if d.runner_up else ""
        click.echo(
            f"{a.freed.day:%d/%m/%Y}  {a.freed.release:<14} {who:<22} « {d.rule} »{then}{by}{home}{_spoken(d.effects)}"
        )
    for e in sealed if not advice else ():
        named = [x for x in (e.act, f"de l'écriture {e.cancels}" if e.cancels else None, e.release, e.holder) if x]
        click.echo(f"{e.day:%d/%m/%Y}  {' '.join(named)} : {e.reason or ''}{_spoken(effects.get(e.release or '', ()))}")


def _spoken(effects: tuple[Effect, ...]) -> str:
    said = " ; ".join(f"{e.key[0]} {show_number(e.before, 2)} → {show_number(e.after, 2)}" for e in effects)
    return f"  [{said}]" if said else ""


def _balances(effects: tuple[Effect, ...]) -> list[dict[str, str]]:
    return [
        {"réservataire": e.key[0], "réservation": e.key[1], "avant": str(e.before), "après": str(e.after)}
        for e in effects
    ]


def _home(a: Advice, home: Home | None) -> str:
    """« T3, PLUS, Reims, hors QPV, résidence : fragile » : what is known of it."""
    from fluxrules.flux.bilan.dimensions import commune_names

    place = {True: "QPV", False: "hors QPV"}.get(home.in_qpv) if home is not None and home.in_qpv is not None else None
    said = (home.kind, home.funding) if home is not None else ()
    return ", ".join(
        x
        for x in (
            *said,
            commune_names().get(a.freed.commune, a.freed.commune),
            place,
            f"résidence : {a.residence}" if a.residence else None,
        )
        if x
    )


def _plain(a: Advice, home: Home | None) -> dict[str, object]:
    d = a.decision
    return {
        "libération": a.freed.release, "date": a.freed.day.isoformat(), "acte": d.act, "réservataire": d.holder, "réservation": d.reservation,
        "règle": d.rule, "dauphin": d.runner_up, "réponse au plus tard": a.answer_by.isoformat() if a.answer_by else None,
        "désignation": "bailleur" if a.by_bailleur else "réservataire", "délégué à": a.delegate,
        "typologie": home.kind if home else None, "financement": home.funding if home else None, "en QPV": home.in_qpv if home else None, "commune": a.freed.commune, "programme": a.freed.programme, "résidence": a.residence,
        "soldes": _balances(d.effects),
    }  # fmt: skip


def _write(sortie: Path | None, entries: tuple[Entry, ...], sealed: tuple[Entry, ...], format_: str) -> int:
    from fluxrules.data.flux.journal import append_journal
    from fluxrules.data.write import NotWrittenError
    from fluxrules.flux.ledger import frame_of

    if sortie is None or not sealed:
        if format_ != "json":
            click.echo(
                "Rien n'est écrit : donnez « --sortie journal.csv »." if sealed else "Rien à ajouter au journal."
            )
        return 0
    try:
        append_journal(sortie, frame_of(sealed if sortie.exists() else (*entries, *sealed)))
    except NotWrittenError as error:
        click.echo(f"{error}.", err=True)
        return USAGE
    if format_ != "json":
        click.echo(
            f"{counted(len(sealed), 'écriture ajoutée', 'écritures ajoutées')} ; la dernière : n° {sealed[-1].number}, empreinte {sealed[-1].seal}."
        )
    return 0
