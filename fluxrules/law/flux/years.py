"""The yearly flux of a bailleur: updated, its deductions expected then realised, one base for all, new programmes counted."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.diagnostics.diagnostic import Label, Severity
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case
from fluxrules.law.flux.context import Context
from fluxrules.law.rules import Law
from fluxrules.model.flux.year import SUBTRACTIONS, FluxYear

OUT, IN = "exclues", "incluses"


def check_year(year: FluxYear, law: Law, context: Context) -> Iterator[Found]:
    """One flux."""
    if law.get("FLUX-UPDATE-YEAR") is not None and year.updated is None and year.year <= context.day.year:
        yield Found("FLUX-UPDATE-YEAR", "FX8126", f"Le flux {year.year} ne dit pas quand il a été mis à jour.", year.place,
                    "Ajoutez « mise à jour annuelle: … », après avoir compté les programmes neufs et les droits éteints.")  # fmt: skip
    if law.get("FLUX-EXC-EST") is not None:
        yield from _estimates(year, context)
    if year.deliveries_mode == OUT and law.get("FLUX-FIRST-LET") is not None:
        yield Found("FLUX-FIRST-LET", "FX8129", "Les livraisons sont exclues du flux : les réservations valent aussi à la première location.", year.place,
                    "Écrivez « livraisons: {mode: à part} », et partagez les programmes neufs à la livraison.", most=Severity.AVERTISSEMENT)  # fmt: skip
    elif year.deliveries_mode == IN and law.get("FLUX-NEW-PROG") is not None:
        yield Found("FLUX-NEW-PROG", "FX8129", "Les livraisons sont comptées dans l'assiette : l'usage est de les partager à part, entre ceux qui ont financé ou garanti.",
                    year.place, "Vérifiez que c'est voulu, ou écrivez « livraisons: {mode: à part} ».")  # fmt: skip


def _estimates(year: FluxYear, context: Context) -> Iterator[Found]:
    """Expected for each of the five; realised once the year is over. One finding a flux."""
    expected = [k for k in SUBTRACTIONS if year.subtractions[k].value is None]
    over = year.year < context.day.year
    # The bilan is due before the end of February: until then the year that has just ended may still be counted.
    late = year.year < context.day.year - 1 or (over and context.day.month > 2)
    came = [k for k in SUBTRACTIONS if year.subtractions[k].realised is None and not year.subtractions[k].counted]
    for missing, word in ((expected, "prévu"), (came if late else [], "réalisé")):
        if missing:
            yield Found("FLUX-EXC-EST", "FX8127", f"Des déductions de {year.year} n'ont pas de « {word} » : {', '.join(missing)}.", year.place,
                        f"Écrivez « {word}: … » pour chacune ; 0 quand il n'y en a pas.")  # fmt: skip


def check_one_base(context: Context) -> Iterator[tuple[FluxYear, Found]]:
    """Two fluxes of one bailleur, scale and year would be two bases."""
    seen: dict[tuple[str, object, int, str], FluxYear] = {}
    for year in context.dossier.years:
        first = seen.setdefault((year.bailleur.code, year.scale, year.year, year.nature), year)
        if first is not year:
            yield year, Found("FLUX-RATE-BASE", "FX8128", f"« {year.name} » et « {first.name} » sont deux flux du même bailleur, de la même échelle et de la même année.",
                              year.place, "Gardez-en un : la base est la même pour tous les réservataires.", (Label(first.place, "l'autre flux"),))  # fmt: skip


def check_deliveries(case: Case) -> Iterator[Found]:
    """A convention that counts deliveries otherwise than the flux has another base than the rest."""
    mode = case.terms.deliveries
    if case.law.get("FLUX-RATE-BASE") is None or mode is None or case.convention.regime == "stock":
        return
    year = case.context.year_of(case.convention.bailleur.code, case.convention.scale, case.day.year)
    if year is not None and year.deliveries_mode != mode:
        yield Found("FLUX-RATE-BASE", "FX8128", f"La convention dit les livraisons « {mode} », et le flux {year.year} les dit « {year.deliveries_mode} ».",
                    case.at("livraisons"), "Écrivez la même chose dans les deux : c'est le flux qui compte.",
                    (Label(year.place, f"« {year.name} »"),), most=Severity.AVERTISSEMENT)  # fmt: skip


def check_yearly(case: Case) -> Iterator[Found]:
    """A convention in force asks for a flux of the year: said once it is known that its bailleur writes them."""
    convention = case.convention
    if (
        case.law.get("FLUX-UPDATE-YEAR") is None
        or not case.in_force
        or convention.regime == "stock"
        or case.day.year != case.context.day.year
    ):
        return
    mine = case.context.years_by_bailleur.get(convention.bailleur.code, ())
    if mine and not any(y.year == case.day.year for y in mine):
        yield Found("FLUX-UPDATE-YEAR", "FX8126", f"Aucun flux {case.day.year} n'est écrit pour ce bailleur.", convention.place,
                    f"Ajoutez un document « flux: … » pour {case.day.year}.", (Label(mine[-1].place, "le dernier flux écrit"),), most=Severity.AVERTISSEMENT)  # fmt: skip
