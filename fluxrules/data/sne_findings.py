"""What was odd in the demandes, counted by kind and field: one diagnostic each, however many demandes there are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fluxrules.diagnostics.diagnostic import Bag, Cell

MAX_SHOWN = 5
# The form of a code in the interface. Anything else may be text about a person, and is not shown.
_CODE = re.compile(r"[A-Za-z0-9]{1,6}")


@dataclass
class _Finding:
    where: Cell
    count: int = 0
    values: list[str] = field(default_factory=list)
    more: bool = False


# kind: (one, several, what to do); {n} is the count, {champ} the column.
_TEXTS = {
    "FX5004": (
        "1 demande a plus de lignes que le vocabulaire n'en admet dans « {champ} » : elle est rejetée",
        "{n} demandes ont plus de lignes que le vocabulaire n'en admet dans « {champ} » : elles sont rejetées",
        "Vérifiez ces demandes dans le SNE ; les lignes sont dans la liste des rejets.",
    ),
    "FX5010": (
        "1 valeur hors nomenclature dans « {champ} »{valeurs} : elle est lue comme inconnue",
        "{n} valeurs hors nomenclature dans « {champ} »{valeurs} : elles sont lues comme inconnues",
        "Vérifiez l'export, ou complétez la nomenclature si le code est nouveau.",
    ),
    "FX5011": (
        "1 date impossible dans « {champ} » : elle est lue comme inconnue",
        "{n} dates impossibles dans « {champ} » : elles sont lues comme inconnues",
        "Corrigez la date dans la demande.",
    ),
    "FX5012": (
        "1 nombre illisible ou hors bornes dans « {champ} » : il est lu comme inconnu",
        "{n} nombres illisibles ou hors bornes dans « {champ} » : ils sont lus comme inconnus",
        "Corrigez le nombre dans la demande : un entier, sans centimes ni espace.",
    ),
    "FX5013": (
        "1 réponse par oui ou non illisible dans « {champ} » : elle est lue comme inconnue",
        "{n} réponses par oui ou non illisibles dans « {champ} » : elles sont lues comme inconnues",
        "Écrivez true ou false.",
    ),
    "FX5014": (
        "1 demande sans numéro unique : elle est rejetée",
        "{n} demandes sans numéro unique : elles sont rejetées",
        "Complétez le numéro, puis relancez la lecture ; les lignes sont dans la liste des rejets.",
    ),
    "FX5015": (
        "1 demande porte un numéro unique déjà lu : elle est rejetée",
        "{n} demandes partagent leur numéro unique avec une autre : aucune n'est gardée",
        "Ne donnez qu'une fois chaque demande, dans son état le plus récent.",
    ),
    "FX5016": (
        "1 demande sans date de dépôt possible : elle est rejetée",
        "{n} demandes sans date de dépôt possible : elles sont rejetées",
        "Corrigez la date de dépôt, puis relancez la lecture ; les lignes sont dans la liste des rejets.",
    ),
    "FX5017": (
        "1 ressource est cochée sans montant : « {champ} » est inconnu",
        "{n} ressources sont cochées sans montant : « {champ} » est inconnu",
        "Complétez le montant ; une ressource nulle s'écrit 0.",
    ),
    "FX5018": (
        "1 montant d'une nature hors nomenclature{valeurs} : il est compté dans « {champ} »",
        "{n} montants d'une nature hors nomenclature{valeurs} : ils sont comptés dans « {champ} »",
        "Vérifiez que ce n'est pas une aide au logement, qui ne se compte pas.",
    ),
    "FX5028": (
        "1 élément unique est répété avec un autre contenu (« {champ} ») : ce qu'il dit est lu comme inconnu",
        "{n} éléments uniques sont répétés avec un autre contenu (« {champ} ») : ce qu'ils disent est lu comme inconnu",
        "Corrigez l'export : rien ne dit laquelle des deux valeurs est la bonne.",
    ),
    "FX5029": (
        "1 demande annonce une naissance sans en dire le nombre : une seule est comptée",
        "{n} demandes annoncent une naissance sans en dire le nombre : une seule est comptée",
        "Complétez le nombre d'enfants à naître.",
    ),
}


class Findings:
    """Counts what is noted; keeps the first place of each kind and a few odd codes, nothing else of a demande."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Finding] = {}
        self._file = ""
        self._line: int | None = None

    def at(self, file: str, line: int | None) -> None:
        """Where the next ones are noted."""
        self._file, self._line = file, line

    def note(self, code: str, column: str, value: str | None = None, count: int = 1) -> None:
        """Count one more; ``value`` is an odd code, shown when it has the form of a code."""
        found = self._found.get((code, column))
        if found is None:
            found = self._found[code, column] = _Finding(Cell(self._file, self._line, column))
        found.count += count
        if value is not None and value not in found.values:
            if len(found.values) < MAX_SHOWN and _CODE.fullmatch(value):
                found.values.append(value)
            else:
                found.more = True

    def into(self, bag: Bag) -> None:
        """One diagnostic by kind and column, at the first place."""
        for (code, column), found in sorted(self._found.items()):
            one, several, todo = _TEXTS[code]
            shown = [f"« {value} »" for value in found.values] + (["…"] if found.more else [])
            message = (one if found.count == 1 else several).format(
                n=found.count, champ=column, valeurs=f" ({', '.join(shown)})" if shown else ""
            )
            bag.add(code, f"{message}.", found.where, todo)
