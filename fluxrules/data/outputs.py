"""What fluxrules writes: which outputs may carry the numéro unique, and what each column of a run says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fluxrules.data.tables import KEY

PSEUDONYM = "pseudonyme"


@dataclass(frozen=True)
class Output:
    """An output that may carry the numéro unique, and the reason why it must. Anything else carries a keyed pseudonym, or nothing."""

    name: str
    reason: str


NUMBERED: tuple[Output, ...] = (
    Output("resultats", "la note se rattache à la demande"),
    Output("positions", "la position se rattache à la demande"),
    Output("lignes", "le détail de la note s'explique au demandeur"),
    Output("rejets", "une demande laissée de côté se retrouve"),
    Output("export_sne", "le SNE range la note d'après le numéro"),
    Output("rapprochement", "une note refusée par le SNE se retrouve"),
    Output("demandes", "tables d'entrée, écrites par « population »"),
    Output("membres", "tables d'entrée, écrites par « population »"),
    Output("choix", "tables d'entrée, écrites par « population »"),
    Output("evenements", "tables d'entrée, écrites par « population »"),
)
"""The one list of outputs allowed to carry the numéro unique; ``write_table`` holds to it, docs/sorties.md repeats it."""

_NAMES = frozenset(o.name for o in NUMBERED)

COLUMNS: dict[str, dict[str, str]] = {
    "resultats": {
        KEY: "numéro unique de la demande",
        "territoire": "SIREN du territoire dont la grille s'applique",
        "grille": "nom de la grille",
        "note": "points acquis",
        "note_min": "note la plus basse possible, selon ce qui manque",
        "note_max": "note la plus haute possible, selon ce qui manque",
        "note_verifiee": "points acquis sur les seules pièces vérifiées",
        "note_verifiee_min": "note vérifiée la plus basse possible",
        "note_verifiee_max": "note vérifiée la plus haute possible",
        "manque": "champs à connaître pour préciser la note, séparés par « | »",
    },
    "positions": {
        KEY: "numéro unique de la demande",
        "territoire": "SIREN du territoire",
        "grille": "nom de la grille",
        "classe": "classe de demandes analogues : le type de logement recherché, ou ce que dit la grille",
        "position": "rang parmi les demandes analogues ; 1 est le premier, les ex æquo le partagent",
        "effectif": "nombre de demandes analogues",
    },
    "lignes": {
        KEY: "numéro unique de la demande",
        "territoire": "SIREN du territoire",
        "autres colonnes": "une par ligne de la grille : ses points",
    },
    "repartition": {
        "territoire": "SIREN du territoire",
        "grille": "nom de la grille",
        "classe": "classe de demandes analogues ; « toutes » réunit celles du territoire",
        "de": "note la plus basse de la tranche",
        "a": "note la plus haute de la tranche",
        "effectif": "nombre de demandes ; vide sous 10, et pour la tranche suivante quand une seule est sous 10",
    },
    "quantiles": {
        "territoire": "SIREN du territoire",
        "grille": "nom de la grille",
        "classe": "classe de demandes analogues ; « toutes » réunit celles du territoire",
        "effectif": "nombre de demandes ; vide sous 10, comme les notes qui suivent",
        "d1": "note que 10 % des demandes ne dépassent pas",
        "q1": "note que 25 % des demandes ne dépassent pas",
        "mediane": "note que la moitié des demandes ne dépasse pas",
        "q3": "note que 75 % des demandes ne dépassent pas",
        "d9": "note que 90 % des demandes ne dépassent pas",
    },
    "rejets": {
        KEY: "numéro unique de la demande, quand il a pu être lu",
        "fichier": "fichier lu",
        "ligne": "ligne du fichier, à partir de 1, sans l'en-tête",
        "champ": "colonne en cause",
        "code": "code de diagnostic, voir « fluxrules explain-code »",
        "motif": "raison du rejet",
    },
}
"""The columns of the tables of a run, in French, for the « Lisez-moi » sheet and docs/sorties.md."""

IDENTIFIERS = (KEY, PSEUDONYM)


def may_carry_number(name: str) -> bool:
    """Whether the output of that name (a table, or the folder of its parts) may carry the numéro unique."""
    return name in _NAMES


def summed(rows: Mapping[str, int]) -> dict[str, int]:
    """Rows by table, the ``lignes`` of all grids together: what a person reads."""
    found: dict[str, int] = {}
    for name, count in rows.items():
        table = name.partition("/")[0]
        found[table] = found.get(table, 0) + count
    return found
