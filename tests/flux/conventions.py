"""Conventions and fluxes for tests of the law: a dossier that nothing is said against, and variations of it."""

from __future__ import annotations

from datetime import date

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.law.flux import FluxVerdict, judge_dossier
from fluxrules.law.rules import Code
from fluxrules.model.flux.folder import Dossier, read_document
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.year import FluxYear
from fluxrules.text.source import Source

DAY = date(2026, 9, 1)
BAILLEUR = 'bailleur: {siren: "900000001", nom: Habitat Exemple}'
SIGNED = "signée le: {bailleur: 10/11/2023, réservataire: 15/11/2023}\ntransmise au préfet le: 16/11/2023"


def state(
    share: str = "30 % du flux", *, agents: str = "", outside: str = "", clauses: str = "", more: str = "", nature: str = "en vigueur"
) -> str:  # fmt: skip
    """The State's convention."""
    return f"""langage: 1
convention: habitat/état
nature: {nature}
{BAILLEUR}
réservataire: {{type: état, code: etat-51, nom: Préfet}}
échelle: {{département: "51"}}
{SIGNED}
en vigueur: {{du: 01/01/2024, au: 31/12/2026}}
renouvellement: exprès
réservations:
  - part: {share}
{f"    dont agents civils et militaires de l'État: {agents}" if agents else ""}
{f"hors QPV: {outside}" if outside else ""}
{f"stipulations contraires: [{clauses}]" if clauses else ""}
signalement: {{mode: portail}}
délai de désignation: 1 mois
silence: renonciation
à défaut de candidat: [bailleur pour un tour]
nouveaux candidats: 15 jours
reprise par le bailleur: pour une location
programmes neufs: {{répartition: au programme}}
objectifs: [{{public: DALO et prioritaires, taux: 100 %, de: attributions}}]
gouvernance: {{mise en demeure: 2 mois, échanges d'information: tableau mensuel}}
{more}
"""


def other(
    name: str, kind: str, scale: str, rights: str, *, nature: str = "en vigueur", dates: str = "du: 01/01/2024, au: 31/12/2026", more: str = ""
) -> str:  # fmt: skip
    """That of another réservataire. ``rights``: « garantie d'emprunt 12 % du flux ; apport de terrain 5 % du flux »."""
    lines = ""
    for right in rights.split(" ; "):
        why = next(w for w in ("garantie d'emprunt", "apport de terrain", "financement") if right.startswith(w))
        lines += f"\n  - au titre de: {why}\n    part: {right.removeprefix(why).strip()}"
    return f"""langage: 1
convention: habitat/{name}
nature: {nature}
{BAILLEUR}
réservataire: {{type: {kind}, code: {name}, nom: {name}}}
échelle: {{{scale}}}
{SIGNED if nature == "en vigueur" else ""}
en vigueur: {{{dates}}}
réservations:{lines}
délai de désignation: 1 mois
silence: renonciation
{more}
"""


COMMUNE, EPCI, DEPARTEMENT = 'commune: "51454"', 'epci: "200067213"', 'département: "51"'


def flux(outside: int, inside: int, *, communes: tuple[str, str] = ("51108", "51454"), year: int = 2026) -> str:
    """So many dwellings a year of net assiette outside QPV, and in QPV, in two communes (or one)."""
    return f"""langage: 1
flux: habitat/{year}
nature: prévisionnel
{BAILLEUR}
année: {year}
échelle: {{département: "51"}}
périmètre: {{QPV: 2024}}
rotation: {{définition: écrite, taux: 10 %}}
segments:
  hors: {{communes: ["{communes[0]}"], en QPV: non, parc: {outside * 10}}}
  dans: {{communes: ["{communes[1]}"], en QPV: oui, parc: {inside * 10}}}
soustractions:
  réparties: au prorata des libérations
  mutations internes: {{prévu: 0}}
  renouvellement urbain: {{prévu: 0}}
  ORCOD: {{prévu: 0}}
  habitat indigne: {{prévu: 0}}
  ventes: {{prévu: 0}}
livraisons: {{mode: à part}}
mise à jour annuelle: 15/01/{year}
"""


def dossier(*texts: str) -> Dossier:
    """The documents of texts that have no error of their own."""
    bag = Bag()
    found = [read_document(Source(f"{n}.yaml", text), bag)[0] for n, text in enumerate(texts)]
    assert [f"{d.place} {d.message}" for d in bag.items] == []
    return Dossier(
        tuple(d for d in found if isinstance(d, Convention)),
        tuple(d for d in found if isinstance(d, FluxYear)),
        tuple(d for d in found if isinstance(d, Orientations)),
    )


def verdict(*texts: str, day: date = DAY, code: Code | None = None) -> FluxVerdict:
    return judge_dossier(dossier(*texts), day, code=code)


def levels(found: FluxVerdict, code: str) -> list[str]:
    """The severities at which a code was found."""
    return [d.severity.label for d in found.diagnostics if d.code == code]


def messages(found: FluxVerdict, code: str) -> list[str]:
    return [d.message for d in found.diagnostics if d.code == code]
