"""Which elements of a ``demande`` are read. The text of any other element is never handed to Python.

That is how names, addresses, phone numbers, employers and free text stay out: not filtered, but never asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

NAMESPACE = "http://nuu.application.i2/"


class Kind(Enum):
    """How an element is kept: its text, its ``code`` (one or several), its children (one or several)."""

    TEXT = auto()
    CODE = auto()
    CODES = auto()
    GROUP = auto()
    GROUPS = auto()


@dataclass(frozen=True, slots=True)
class Node:
    """An element that is read; ``children`` by their qualified name as expat gives it."""

    kind: Kind
    key: str
    children: Mapping[str, Node]


def qualified(name: str) -> str:
    """A name of the interface as expat gives it when it resolves prefixes."""
    return f"{NAMESPACE} {name}"


_LEAVES = {"text": Kind.TEXT, "code": Kind.CODE, "codes": Kind.CODES}
_WORK = {"typeContratTravail": "code", "commune": "code"}
_TAX = {"montantMoins1": "text", "montantMoins2": "text"}
_RESOURCES = {"detailRessource": [{"ressource": "code", "montant": "text"}]}

# A dict is a group, a list holds the group that may be repeated, a word is a leaf.
_DEMANDE: dict[str, Any] = {
    "informationDalo": {"statutDalo": "code", "dateDecisionDalo": "text"},
    "demandeLogement": {
        "numUnique": "text",
        "dateCreationDemande": "text",
        "informationTraitement": {"estDelaiAnormalementLong": "text"},
        "logementRecherche": {
            "categorieLogementRecherche": "code",
            "rezDeChaussee": "text",
            "sansAscenseur": "text",
            "montantLoyer": "text",
            "demandeElargie": "text",
            "listeTypeLogement": {"typeLogement": "codes"},
            "listeLocalisationSouhaite": {"localisationSouhaite": [{"commune": "code"}]},
        },
        "principauxMotifDemande": {"compDateJugement": "text", "motifDemande": "codes"},
        "association": {"adressePostale": {"commune": "code"}},
        "personnePhysique": {
            "demandeur": {
                "civilite": "code",
                "dateNaissance": "text",
                "nationalite": "code",
                "situationFamiliale": "code",
                "adressePostale": {"commune": "code"},
                "situationProfessionnelle": _WORK,
                "revenuFiscal": _TAX,
                "listeRessourceRecue": _RESOURCES,
                "listeRessourceVersee": _RESOURCES,
                "listeRessourceRecuePersACharge": _RESOURCES,
                "listeRessourceVerseePersACharge": _RESOURCES,
            },
            "adresseLogement": {"etranger": "text", "commune": "code"},
            "listePersonneACharge": {
                "personneACharge": [{"dateNaissance": "text", "sexe": "code", "lienParente": "code"}]
            },
            "personneANaitre": {"nombre": "text", "dateNaissancePrevue": "text"},
            "listePersonneEnGarde": {
                "personneEnGarde": [{"dateNaissance": "text", "sexe": "code", "coParentalite": "code"}]
            },
            "listeCotitulaire": {
                "cotitulaire": [
                    {
                        "dateNaissance": "text",
                        "lienDemandeur": "code",
                        "situationProfessionnelle": _WORK,
                        "revenuFiscal": _TAX,
                        "listeRessourceRecue": _RESOURCES,
                        "listeRessourceVersee": _RESOURCES,
                    }
                ]
            },
            "logementActuel": {
                "listeModeleLogement": {"modeleLogement": "codes"},
                "compResSocDepuis": "text",
                "compResHotDepuis": "text",
                "compSousLocDepuis": "text",
                "compStructDepuis": "text",
                "compCentreDepuis": "text",
                "montantMensuelLoyer": "text",
                "montantMensuelAPL": "text",
                "nombreHabitant": "text",
                "categorieLogement": "code",
                "typeLogementActuel": "code",
                "surface": "text",
                "proprietaire": "text",
            },
        },
        "listeHandicap": {"handicap": [{"dateNaissance": "text", "referent": {"handicapReconnu": "text"}}]},
        "renouvellement": {"dateRenouvellement": "text"},
        "radiation": {"dateRadiation": "text"},
    },
}


def _node(key: str, shape: Any) -> Node:
    if isinstance(shape, str):
        return Node(_LEAVES[shape], key, {})
    repeated = isinstance(shape, list)
    children = shape[0] if repeated else shape
    return Node(
        Kind.GROUPS if repeated else Kind.GROUP,
        key,
        {qualified(name): _node(name, child) for name, child in children.items()},
    )


DEMANDE = _node("demande", _DEMANDE)
