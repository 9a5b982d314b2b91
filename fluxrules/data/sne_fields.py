"""One demande of the interface: its row in ``demandes``, and why it is rejected when it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from fluxrules.data.sne_events import RawDemande, Record
from fluxrules.data.sne_findings import Findings
from fluxrules.data.sne_household import Household, Row
from fluxrules.data.sne_values import Values, day, entity, whole
from fluxrules.data.tables import KEY

EARLIEST_FILING = date(1990, 1, 1)

# Kinds of monthly resources of the interface. It leaves housing aid out of them.
_RECEIVED = frozenset(
    ("SAL", "RET", "CHO", "PAR", "PINV", "AF", "AAH", "AEEH", "AJPP", "RSA", "AMV", "PAJE", "BE", "AUT")
)
_PAID = frozenset({"PAV"})
# Each way of being sheltered has a date of its own on the form.
_SHELTERED_SINCE = {
    "RS": "compResSocDepuis",
    "RHVS": "compResHotDepuis",
    "SLHT": "compSousLocDepuis",
    "SH": "compStructDepuis",
    "CDEFCM": "compCentreDepuis",
}


@dataclass(frozen=True)
class Reject:
    """A demande that is left out; ``number`` is kept to find the others that carry it."""

    code: str
    column: str
    reason: str
    number: str | None = None


@dataclass(frozen=True)
class Read:
    """A demande that is kept: its rows, in the order of the columns of the vocabulary."""

    number: str
    demande: Row
    membres: list[Row]
    choix: list[Row]


class Extractor:
    """Turns what a ``demande`` says into rows.

    What it does not say, or says badly, is unknown: never zero, false or empty.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._values = Values("demande", findings)
        self._places = Values("choix", findings)
        self._household = Household(findings)
        self._columns = tuple(entity("demande").schema)
        self._crowds = tuple((table, entity(name)) for table, name in (("membres", "membre"), ("choix", "choix")))

    def extract(self, raw: RawDemande) -> Read | Reject:
        """The rows of a demande, or its rejection: no number, no possible filing date, more rows than the vocabulary admits."""
        logement = group(raw.fields, "demandeLogement")
        number = logement.get("numUnique")
        if number is None:
            return self._reject("FX5014", KEY, "le numéro unique manque, ou deux numéros différents sont donnés")
        file_date = self._file_date(raw)
        filed = day(logement.get("dateCreationDemande") or "")
        if filed is None:
            return self._reject("FX5016", "date_depot_initial", "la date de dépôt manque ou est illisible", number)
        if filed < EARLIEST_FILING:
            return self._reject("FX5016", "date_depot_initial", "la date de dépôt est antérieure à 1990", number)
        if file_date is not None and filed > file_date:
            return self._reject("FX5016", "date_depot_initial", "la date de dépôt est postérieure au fichier", number)
        for key in raw.repeated:
            self._findings.note("FX5028", key)
        known: dict[str, Any] = {KEY: number, "date_depot_initial": filed}
        if raw.doubled:
            self._findings.note("FX5028", "demande")
            return Read(number, self._row(known), [], [])
        known |= self._demande(raw.fields, filed, file_date)
        rows = {"membres": self._household.rows(number, logement, file_date), "choix": self._choices(number, logement)}
        for table, held in self._crowds:
            if len(rows[table]) > held.most_rows:
                return self._reject("FX5004", table, f"plus de {held.most_rows} {held.plural_label}", number)
        return Read(number, self._row(known), rows["membres"], rows["choix"])

    def _reject(self, code: str, column: str, reason: str, number: str | None = None) -> Reject:
        self._findings.note(code, column)
        return Reject(code, column, reason, number)

    def _row(self, known: dict[str, Any]) -> Row:
        return tuple(map(known.get, self._columns))

    def _file_date(self, raw: RawDemande) -> date | None:
        if raw.file_date is None:
            return None
        value = day(raw.file_date)
        if value is None:
            self._findings.note("FX5011", "dateFichier")
        return value

    def _demande(self, fields: Record, filed: date, file_date: date | None) -> dict[str, Any]:
        values = self._values
        logement = group(fields, "demandeLogement")
        dalo = group(fields, "informationDalo")
        personne = group(logement, "personnePhysique")
        removed = "radiation" in logement
        since_filing = {"earliest": filed, "latest": file_date}
        return {
            "type_demandeur": _kind(logement),
            "statut_demande": "radiee" if removed else "active",
            "date_dernier_renouvellement": values.date(
                "date_dernier_renouvellement",
                group(logement, "renouvellement").get("dateRenouvellement"),
                **since_filing,
            ),
            "date_radiation": values.date(
                "date_radiation", group(logement, "radiation").get("dateRadiation"), **since_filing
            ),
            "delai_anormalement_long": values.boolean(
                "delai_anormalement_long", group(logement, "informationTraitement").get("estDelaiAnormalementLong")
            ),
            "date_jugement_expulsion": values.date(
                "date_jugement_expulsion", group(logement, "principauxMotifDemande").get("compDateJugement")
            ),
            "motifs": values.codes("motifs", group(logement, "principauxMotifDemande").get("motifDemande")),
            "statut_dalo": values.code("statut_dalo", dalo.get("statutDalo")),
            "date_decision_dalo": values.date("date_decision_dalo", dalo.get("dateDecisionDalo"), latest=file_date),
            "code_commune_residence": self._residence(logement),
            **self._people(personne),
            **self._dwelling(group(personne, "logementActuel"), file_date),
            **self._wanted(group(logement, "logementRecherche")),
        }

    def _residence(self, logement: Record) -> str | None:
        """The present dwelling's commune; the postal one only when no other address is given for the dwelling."""
        personne = group(logement, "personnePhysique")
        address = (
            group(personne, "adresseLogement")
            or group(group(personne, "demandeur"), "adressePostale")
            or group(group(logement, "association"), "adressePostale")
        )
        return self._values.commune("code_commune_residence", address.get("commune"))

    def _people(self, personne: Record) -> dict[str, Any]:
        values = self._values
        applicant = group(personne, "demandeur")
        holders = groups(group(personne, "listeCotitulaire"), "cotitulaire")
        holder = holders[0] if holders else {}
        own, other = group(applicant, "situationProfessionnelle"), group(holder, "situationProfessionnelle")
        everyone = [applicant, *holders]
        received = [group(p, "listeRessourceRecue") for p in everyone] + [
            group(applicant, "listeRessourceRecuePersACharge")
        ]
        paid = [group(p, "listeRessourceVersee") for p in everyone] + [
            group(applicant, "listeRessourceVerseePersACharge")
        ]
        return {
            "civilite_demandeur": values.code("civilite_demandeur", applicant.get("civilite")),
            "nationalite_demandeur": values.code("nationalite_demandeur", applicant.get("nationalite")),
            "situation_familiale": values.code("situation_familiale", applicant.get("situationFamiliale")),
            "lien_codemandeur": values.code("lien_codemandeur", holder.get("lienDemandeur")),
            "situation_pro_demandeur": values.code("situation_pro_demandeur", own.get("typeContratTravail")),
            "situation_pro_codemandeur": values.code("situation_pro_codemandeur", other.get("typeContratTravail")),
            "code_commune_travail_demandeur": values.commune("code_commune_travail_demandeur", own.get("commune")),
            "code_commune_travail_codemandeur": values.commune(
                "code_commune_travail_codemandeur", other.get("commune")
            ),
            "rfr_n1": self._tax("rfr_n1", "montantMoins1", everyone),
            "rfr_n2": self._tax("rfr_n2", "montantMoins2", everyone),
            "ressources_mensuelles_totales": self._received(received),
            "pension_versee_mensuelle": self._paid(paid),
        }

    def _tax(self, column: str, tag: str, people: list[Record]) -> int | None:
        """The household's taxable income. One part missing makes the sum unknown: the missing part is not zero."""
        parts = [self._values.integer(column, group(person, "revenuFiscal").get(tag)) for person in people]
        known = [part for part in parts if part is not None]
        return self._values.total(column, sum(known)) if len(known) == len(parts) else None

    def _received(self, lists: Iterable[Record]) -> int | None:
        """All that is received by all; unknown when no amount is given at all, or when one announced is not known."""
        column = "ressources_mensuelles_totales"
        amounts: list[int | None] = []
        for detail in _details(lists):
            kind = detail.get("ressource")
            amounts += self._amount(column, detail, -999_999)
            if kind is not None and kind not in _RECEIVED and detail.get("montant") is not None:
                self._findings.note("FX5018", column, kind)
        return self._sum(column, amounts)

    def _paid(self, lists: Iterable[Record]) -> int | None:
        """Maintenance paid by all."""
        column = "pension_versee_mensuelle"
        amounts: list[int | None] = []
        for detail in _details(lists):
            kind = detail.get("ressource")
            if kind in _PAID:
                amounts += self._amount(column, detail, 0)
            elif kind is not None:
                self._findings.note("FX5010", column, kind)
        return self._sum(column, amounts)

    def _amount(self, column: str, detail: Record, low: int) -> list[int | None]:
        """The amount of a line as a list: nothing for a line left blank, ``None`` for one announced but not known."""
        raw = detail.get("montant")
        if raw is None:
            if detail.get("ressource") is None:
                return []
            self._findings.note("FX5017", column)
            return [None]
        value = whole(raw, low, 999_999)
        if value is None:
            self._findings.note("FX5012", column)
        return [value]

    def _sum(self, column: str, amounts: list[int | None]) -> int | None:
        known = [amount for amount in amounts if amount is not None]
        if not known or len(known) < len(amounts):
            return None
        return self._values.total(column, sum(known))

    def _dwelling(self, actual: Record, file_date: date | None) -> dict[str, Any]:
        values = self._values
        modes = values.codes("modes_logement_actuel", group(actual, "listeModeleLogement").get("modeleLogement"))
        return {
            "modes_logement_actuel": modes,
            "mode_logement_actuel": modes[0] if modes else None,
            "date_entree_hebergement": self._sheltered(actual, modes or [], file_date),
            "loyer_mensuel": values.integer("loyer_mensuel", actual.get("montantMensuelLoyer")),
            "aide_logement_mensuelle": values.integer("aide_logement_mensuelle", actual.get("montantMensuelAPL")),
            "nb_occupants_logement_actuel": values.integer(
                "nb_occupants_logement_actuel", actual.get("nombreHabitant")
            ),
            "categorie_logement_actuel": values.code("categorie_logement_actuel", actual.get("categorieLogement")),
            "type_logement_actuel": values.code("type_logement_actuel", actual.get("typeLogementActuel")),
            "surface_logement_actuel": values.integer("surface_logement_actuel", actual.get("surface")),
            "est_proprietaire": values.boolean("est_proprietaire", actual.get("proprietaire")),
        }

    def _sheltered(self, actual: Record, modes: list[str | None], file_date: date | None) -> date | None:
        """The only date given, or that of the first mode ticked which has one; unknown when no mode settles it."""
        found = {
            tag: self._values.date("date_entree_hebergement", actual[tag], latest=file_date)
            for tag in _SHELTERED_SINCE.values()
            if actual.get(tag) is not None
        }
        if len(set(found.values())) == 1:
            return next(iter(found.values()))
        tags = (_SHELTERED_SINCE.get(mode or "") for mode in modes)
        return next((found[tag] for tag in tags if tag in found), None)

    def _wanted(self, wanted: Record) -> dict[str, Any]:
        values = self._values
        return {
            "types_logement_recherches": values.codes(
                "types_logement_recherches", group(wanted, "listeTypeLogement").get("typeLogement")
            ),
            "categorie_logement_recherche": values.code(
                "categorie_logement_recherche", wanted.get("categorieLogementRecherche")
            ),
            "accepte_rdc": values.boolean("accepte_rdc", wanted.get("rezDeChaussee")),
            "accepte_sans_ascenseur": values.boolean("accepte_sans_ascenseur", wanted.get("sansAscenseur")),
            "loyer_maximum_souhaite": values.integer("loyer_maximum_souhaite", wanted.get("montantLoyer")),
            "demande_elargie": values.boolean("demande_elargie", wanted.get("demandeElargie")),
        }

    def _choices(self, number: str, logement: Record) -> list[Row]:
        """The places wanted, in document order. One without a commune keeps its rank: it is unknown, not absent."""
        places = groups(
            group(group(logement, "logementRecherche"), "listeLocalisationSouhaite"), "localisationSouhaite"
        )
        return [
            (number, rank, self._places.commune("code_commune", place.get("commune")))
            for rank, place in enumerate(places, 1)
        ]


def _kind(logement: Record) -> str | None:
    if ("association" in logement) == ("personnePhysique" in logement):
        return None
    return "association" if "association" in logement else "personne_physique"


def _details(lists: Iterable[Record]) -> Iterable[Record]:
    return (detail for part in lists for detail in groups(part, "detailRessource"))


def group(record: Record, key: str) -> Record:
    """A block of a record, without anything in it when it is missing."""
    found: Record = record.get(key) or {}
    return found


def groups(record: Record, key: str) -> list[Record]:
    """The repeated blocks of a record."""
    found: list[Record] = record.get(key) or []
    return found
