"""Who is in a demande: one row of ``membres`` each, born or not, without a name."""

from __future__ import annotations

from datetime import date
from typing import Any

from fluxrules.data.sne_events import Record
from fluxrules.data.sne_findings import Findings
from fluxrules.data.sne_values import Values, entity, whole

Row = tuple[Any, ...]
Member = dict[str, Any]

MOST_UNBORN = 9


class Household:
    """Reads the persons of a demande in the order applicant, co-holders, dependants, children in custody, unborn."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._values = Values("membre", findings)
        self._columns = tuple(entity("membre").schema)[1:]

    def rows(self, number: str, logement: Record, file_date: date | None) -> list[Row]:
        """No row means that the household is unknown: an association, or a person of whom nothing is said."""
        personne: Record = logement.get("personnePhysique") or {}
        if not personne:
            return []
        born = self._born(personne, file_date)
        self._disabled(born, (logement.get("listeHandicap") or {}).get("handicap") or [], file_date)
        members = born + self._unborn(personne.get("personneANaitre") or {})
        return [(number, *map({**member, "rang": rank}.get, self._columns)) for rank, member in enumerate(members, 1)]

    def _born(self, personne: Record, file_date: date | None) -> list[Member]:
        values = self._values
        people: list[tuple[str, Record]] = [("demandeur", personne.get("demandeur") or {})]
        for role, block, tag in (
            ("cotitulaire", "listeCotitulaire", "cotitulaire"),
            ("a_charge", "listePersonneACharge", "personneACharge"),
            ("en_garde", "listePersonneEnGarde", "personneEnGarde"),
        ):
            people += [(role, person) for person in (personne.get(block) or {}).get(tag) or []]
        return [
            {
                "role": role,
                "date_naissance": values.date("date_naissance", person.get("dateNaissance"), latest=file_date),
                "lien_parente": values.code("lien_parente", person.get("lienParente")),
                "coparentalite": values.code("coparentalite", person.get("coParentalite")),
                "sexe": values.code("sexe", person.get("sexe")),
            }
            for role, person in people
        ]

    def _disabled(self, born: list[Member], complements: list[Record], file_date: date | None) -> None:
        """A complement names its person by birth date alone: it counts when exactly one person has that date.

        Persons without a complement stay unknown: the form does not make anyone declare that they have no disability.
        """
        said: dict[date, set[bool | None]] = {}
        for complement in complements:
            birth = self._values.date("date_naissance", complement.get("dateNaissance"), latest=file_date)
            referent: Record = complement.get("referent") or {}
            recognised = self._values.boolean("handicap_reconnu", referent.get("handicapReconnu"))
            if birth is not None:
                said.setdefault(birth, set()).add(recognised)
        for birth, answers in said.items():
            matching = [member for member in born if member["date_naissance"] == birth]
            if len(matching) == 1 and len(answers) == 1:
                matching[0]["handicap_reconnu"] = next(iter(answers))

    def _unborn(self, expected: Record) -> list[Member]:
        raw = expected.get("nombre")
        due = self._values.date("date_naissance", expected.get("dateNaissancePrevue"))
        if raw is None and expected.get("dateNaissancePrevue") is None:
            return []
        count = None if raw is None else whole(raw, 0, MOST_UNBORN)
        if count is None:
            self._findings.note("FX5029", "membres")
            count = 1
        return [{"role": "a_naitre", "date_naissance": due} for _ in range(count)]
