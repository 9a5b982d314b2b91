"""Writes rulesets/exemples/marne/donnees/: two bailleurs, three years and a half of libérations and attributions, all invented.

The counts follow the documents of the example (parc, rotation, subtractions), so that a bilan can be read against its forecast.
Run it again only when the documents change: ``python tools/example_marne.py``; the same bytes come out.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "rulesets" / "exemples" / "marne" / "donnees"
HABITAT, FOYER = "900000001", "900000002"
REIMS, TINQUEUX, CORMONTREUIL, BETHENY, CHALONS, EPERNAY = "51454", "51573", "51172", "51055", "51108", "51230"
GRAND_REIMS = (REIMS, TINQUEUX, CORMONTREUIL, BETHENY)
LAST = date(2026, 6, 30)
ORIENTED = date(2026, 5, 31)  # what would have been designated later waits: there is something left to orient
"""What is known on that day: nothing happens after it."""


@dataclass(frozen=True)
class Programme:
    """``old`` and ``new`` are QPV of 2015 and of 2024; ``rate`` is the share of dwellings freed in a year."""

    name: str
    siren: str
    commune: str
    size: int
    year: int
    rate: float
    old: str = ""
    new: str = ""
    stock: str = ""
    nature: str = "O"
    delivered: date | None = None
    void: int = 0
    """Dwellings emptied before a demolition."""


PROGRAMMES = (
    Programme("résidence des Châtillons", HABITAT, REIMS, 420, 1968, 0.05, "QP051901", "QN05191Z"),
    Programme("résidence Orgeval", HABITAT, REIMS, 380, 1971, 0.05, "QP051902", "QN05192Z", void=24),
    Programme("résidence de la rue des Vignes", HABITAT, REIMS, 150, 2012, 0.04),
    Programme("résidence Clemenceau", HABITAT, REIMS, 330, 1986, 0.04),
    Programme("résidence du Parc", HABITAT, TINQUEUX, 210, 1979, 0.045, "QP051903", ""),  # out of the QPV of 2024
    Programme("résidence des Coteaux", HABITAT, CORMONTREUIL, 130, 1994, 0.04),
    Programme("résidence Victor-Hugo", HABITAT, BETHENY, 80, 2016, 0.05),
    Programme("résidence Rive Gauche", HABITAT, CHALONS, 420, 1974, 0.065, "QP051904", "QN05193Z"),
    Programme("résidence Verbeau", HABITAT, EPERNAY, 280, 1982, 0.06, "", "QN05194Z"),  # in it since 2024 only
    Programme("résidence du Mont-Aimé", HABITAT, CHALONS, 16, 1990, 0.12, stock="gendarmerie-51"),
    Programme("foyer des Trois Fontaines", HABITAT, REIMS, 36, 1999, 0.0, nature="F"),
    Programme("résidence des Sarments", HABITAT, BETHENY, 20, 2025, 0.0, delivered=date(2025, 5, 15)),
    Programme("résidence des Tilleuls", HABITAT, CORMONTREUIL, 20, 2026, 0.0, delivered=date(2026, 4, 10)),
    Programme("résidence Jean-Moulin", FOYER, REIMS, 220, 1966, 0.03, "QP051901", "QN05191Z"),
    Programme("résidence Saint-Remi", FOYER, REIMS, 180, 1988, 0.03),
    Programme("résidence des Mesnils", FOYER, TINQUEUX, 350, 1977, 0.08),
    Programme("résidence du Jard", FOYER, CHALONS, 250, 1975, 0.14, "QP051904", "QN05193Z"),
    Programme("résidence Simone-Veil", FOYER, TINQUEUX, 18, 2025, 0.0, delivered=date(2025, 10, 1)),
)
# Uses outside the flux, by bailleur and year: mutations, renouvellement urbain, ORCOD, habitat indigne, ventes (CCH R. 441-5).
OUTSIDE = {
    (HABITAT, 2023): (15, 4, 0, 1, 1), (HABITAT, 2024): (17, 5, 0, 0, 2), (HABITAT, 2025): (16, 5, 0, 1, 2), (HABITAT, 2026): (8, 2, 0, 1, 1),
    (FOYER, 2023): (11, 5, 0, 0, 2), (FOYER, 2024): (12, 6, 0, 1, 2), (FOYER, 2025): (11, 6, 0, 2, 1), (FOYER, 2026): (5, 3, 0, 0, 1),
}  # fmt: skip
USES = (
    ("MUT", "mutation d'un locataire du bailleur"),
    ("RU", "relogement, projet de renouvellement urbain (exemple)"),
    ("ORCOD", "relogement d'ORCOD"),
    ("LHI", "relogement après un arrêté d'insalubrité"),
    ("VENTE", "relogement avant une vente"),
)
TYPES = {"1": 0.065, "2": 0.197, "3": 0.36, "4": 0.278, "5": 0.085, "6": 0.015}
"""Shares of the parc by typologie, as in the population of demandes."""


@dataclass
class Tables:
    chance: random.Random
    dwellings: list[dict[str, object]] = field(default_factory=list)
    releases: list[dict[str, object]] = field(default_factory=list)
    freed: dict[str, int] = field(default_factory=dict)
    """The last year in which a dwelling was freed: nobody leaves within a year here."""
    attributions: list[dict[str, object]] = field(default_factory=list)


def main(folder: Path = FOLDER) -> None:
    tables = Tables(random.Random(51))
    for programme in PROGRAMMES:
        _dwellings(tables, programme)
    for (siren, year), counts in sorted(OUTSIDE.items()):
        _year(tables, siren, year, counts)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "logements.csv", tables.dwellings)
    _write(folder / "liberations.csv", tables.releases)
    _write(folder / "attributions.csv", tables.attributions)
    _write(folder / "programmes.csv", [
        {"programme": p.name, "code_commune": p.commune, "logements": p.size, "date_livraison": _day(p.delivered or date(p.year, 9, 1))}
        for p in PROGRAMMES
    ])  # fmt: skip
    _write(folder / "reservataires.csv", _holders())
    _write(folder / "prets.csv", _loans())
    _write(folder / "droits.csv", _rights())


def _dwellings(tables: Tables, p: Programme) -> None:
    chance = tables.chance
    initial = "HLMO" if p.year < 1977 else "PLUS"
    for number in range(1, p.size + 1):
        kind = chance.choices(list(TYPES), list(TYPES.values()))[0]
        funding = (
            chance.choices((initial, "PLAI", "PLS", "PLAIA"), (0.86, 0.07, 0.06, 0.01))[0] if p.year > 1999 else initial
        )
        void = number <= p.void
        tables.dwellings.append({
            "id_logement": f"{'HE' if p.siren == HABITAT else 'FM'}-{PROGRAMMES.index(p) + 1:02}{number:03}",
            "siren_bailleur": p.siren, "code_commune": p.commune, "code_qpv_2015": p.old, "code_qpv_2024": p.new,
            "typologie": kind, "financement": funding, "type_construction": "I" if p.name.endswith("Coteaux") else "C",
            "nature_logement": p.nature, "conventionne": "oui", "occupation": "3" if void else "1", "annee_construction": p.year,
            "date_premiere_location": "",
            "accessible_pmr": "oui" if p.year > 2008 else "non" if chance.random() < 0.9 else "",
            "classe_dpe": "B" if p.year > 2010 else chance.choice("CDDE"), "programme": p.name,
            "reserve_stock": p.stock, "date_entree": _day(p.delivered) if p.delivered else "", "date_sortie": "",
        })  # fmt: skip


def _year(tables: Tables, siren: str, year: int, outside: tuple[int, ...]) -> None:
    """The releases of a year, in the order of their days, then what became of each."""
    chance = tables.chance
    part = 0.5 if year == LAST.year else 1.0
    freed: list[tuple[date, dict[str, object], str]] = []
    for p in (p for p in PROGRAMMES if p.siren == siren):
        own = [
            d for d in tables.dwellings
            if d["programme"] == p.name and d["occupation"] == "1" and not d["date_sortie"] and tables.freed.get(str(d["id_logement"]), 0) < year - 1
        ]  # fmt: skip
        if p.delivered is not None and p.delivered.year == year:
            freed += [(p.delivered, d, "LIVRAISON") for d in own]
        gone = chance.sample(own, round(p.size * p.rate * part * chance.uniform(0.93, 1.07)))
        span = (date(year, 12, 31) if part == 1 else LAST) - date(year, 1, 1)
        for dwelling in gone:
            cause = chance.choices(("CONGE", "MUTATION", "DECES", "EXPULSION", "AUTRE"), (0.7, 0.14, 0.09, 0.05, 0.02))[
                0
            ]
            freed.append((date(year, 1, 1) + timedelta(chance.randint(0, span.days)), dwelling, cause))
    sold = chance.choice([f for f in freed if f[2] == "CONGE" and not f[1]["reserve_stock"]])
    freed[freed.index(sold)] = (sold[0], sold[1], "VENTE")
    sold[1]["date_sortie"] = _day(sold[0])
    freed.sort(key=lambda f: (f[0], str(f[1]["id_logement"])))
    ordinary = [n for n, f in enumerate(freed) if f[2] not in ("LIVRAISON", "VENTE") and not f[1]["reserve_stock"]]
    uses = [use for use, count in zip(USES, outside, strict=True) for _ in range(count)]
    used = dict(zip(chance.sample(ordinary, len(uses)), uses, strict=True))
    for rank, (day, dwelling, cause) in enumerate(freed):
        use, why = used.get(rank, ("", ""))
        tables.freed[str(dwelling["id_logement"])] = year
        notice = day - timedelta(chance.randint(28, 45)) if cause in ("CONGE", "MUTATION") else None
        ready = day if cause == "LIVRAISON" else day + timedelta(chance.choice((0, 0, 5, 10, 20, 40)))
        known = ready <= LAST and cause != "VENTE"
        row = {
            "id_liberation": f"LIB-{len(tables.releases) + 1:04}", "id_logement": dwelling["id_logement"], "date_conge": _day(notice),
            "date_liberation": _day(day), "date_disponible": _day(ready) if known else "", "cause": cause,
            "usage_hors_flux": use, "motif_hors_flux": why,
        }  # fmt: skip
        tables.releases.append(row)
        if cause == "LIVRAISON":
            dwelling["date_premiere_location"] = _day(day)
        if cause != "VENTE" and year >= 2024:
            let = _lettings(tables, row, dwelling, notice or day, ready)
            dwelling["occupation"] = "1" if let else "2"


def _lettings(
    tables: Tables, release: dict[str, object], dwelling: dict[str, object], known: date, ready: date
) -> bool:
    """Designation, commission and lease, until one candidate signs; whether the dwelling is let on the last day."""
    chance = tables.chance
    use = str(release["usage_hors_flux"])
    holder = "bailleur" if use else _holder(chance, dwelling, known.year)
    day = known + timedelta(chance.randint(5, 20))
    waiting = day > ORIENTED and not use
    for attempt in range(4):
        commission = day + timedelta(chance.randint(7, 21))
        commission += timedelta((1 - commission.weekday()) % 7)  # a Tuesday
        if day > LAST:
            return False
        waits = commission > LAST
        outcome = "BAIL" if attempt == 3 else chance.choices(("BAIL", "REFUS", "SANS_REPONSE", "NON_ATTR", "CADUQUE"), (0.74, 0.17, 0.05, 0.02, 0.02))[0]  # fmt: skip
        lease = max(commission + timedelta(chance.randint(6, 24)), ready)
        pending = waits or lease > LAST
        row = _candidate(chance, dwelling, holder, use)
        exception, proof = _exception(chance, dwelling, holder, row)
        decision = "NON_ATTR" if outcome == "NON_ATTR" else "ATTR_COND" if chance.random() < 0.04 else "ATTR"
        signed = outcome == "BAIL" and not pending
        if waiting:  # after all draws: those of the other releases do not move
            return False
        tables.attributions.append({
            "id_attribution": f"ATT-{len(tables.attributions) + 1:04}", "id_liberation": release["id_liberation"], "reservataire": holder,
            "numero_unique": f"EXEMPLE-{len(tables.attributions) + 1:05}", "date_designation": _day(day),
            "date_commission": "" if waits else _day(commission),
            "demandes_examinees": "" if waits else (1 if exception == "DALO_PREFET" else 2 if exception else chance.choice((3, 3, 3, 4))),
            "exception_caleol": "" if waits else exception, "preuve_exception": "" if waits else proof,
            "decision": "" if waits else decision,
            "issue": "EN_COURS" if pending and outcome != "NON_ATTR" else "" if outcome == "NON_ATTR" else outcome,
            "date_bail": _day(lease) if signed else "", **row,
            "date_radiation": _day(lease + timedelta(3)) if signed and lease + timedelta(3) <= LAST else "",
        })  # fmt: skip
        if signed or pending:
            return signed
        day = commission + timedelta(chance.randint(8, 15))
    return False


def _holder(chance: random.Random, dwelling: dict[str, object], year: int) -> str:
    """Whom the bailleur turned to: close to the shares of the conventions, as a year is."""
    if dwelling["reserve_stock"]:
        return str(dwelling["reserve_stock"])
    if dwelling["siren_bailleur"] == HABITAT:
        local = 0.13 if dwelling["code_commune"] in GRAND_REIMS else 0.0
        shares = {"etat-51": 0.28, "als-51": 0.15, "grand-reims": local}
    else:
        local = {2024: 0.08, 2025: 0.10}.get(year, 0.12) if dwelling["code_commune"] == REIMS else 0.0
        shares = {"etat-51": 0.26, "dep-51": 0.08, "reims": local}
    return chance.choices((*shares, "bailleur"), (*shares.values(), 1 - sum(shares.values())))[0]


def _candidate(chance: random.Random, dwelling: dict[str, object], holder: str, use: str) -> dict[str, object]:
    in_qpv = bool(dwelling["code_qpv_2024"])
    agent = holder == "gendarmerie-51" or (holder == "etat-51" and chance.random() < 0.15)
    first = {"etat-51": 1.0, "gendarmerie-51": 0.0, "grand-reims": 0.3, "reims": 0.3, "dep-51": 0.28, "als-51": 0.26}
    priority = not agent and chance.random() < first.get(holder, 0.24)
    return {
        "dalo": _yes(priority and chance.random() < 0.2), "prioritaire": _yes(priority),
        "premier_quartile": "" if chance.random() < 0.02 else _yes(not agent and chance.random() < (0.42 if in_qpv else 0.24)),
        "relogement_ru": _yes(use == "RU"), "agent_etat": _yes(agent), "salarie": _yes(holder == "als-51" or chance.random() < 0.3),
        "travailleur_essentiel": _yes(chance.random() < 0.07),
    }  # fmt: skip


def _exception(
    chance: random.Random, dwelling: dict[str, object], holder: str, row: dict[str, object]
) -> tuple[str, str]:
    """One of the three exceptions to three demandes, with its proof (CCH R. 441-3)."""
    if dwelling["financement"] == "PLAIA":
        return "PLAI_ADAPTE", "convention APL du programme"
    if holder == "etat-51" and row["dalo"] == "oui" and chance.random() < 0.5:
        return "DALO_PREFET", "courrier de désignation du préfet"
    if chance.random() < 0.03:
        return "INSUFFISANCE", "recherche dans le fichier partagé, sans autre candidat"
    return "", ""


def _holders() -> list[dict[str, object]]:
    return [
        {"code": code, "libelle": name, "type_reservataire": kind, "siren": siren}
        for code, name, kind, siren in (
            ("etat-51", "Préfet de la Marne", "ETAT", ""),
            ("als-51", "Action Logement Services", "ALS", ""),
            ("grand-reims", "Communauté urbaine du Grand Reims", "EPCI", "200067213"),
            ("dep-51", "Département de la Marne", "DEP", ""),
            ("reims", "Ville de Reims", "COM", ""),
            ("gendarmerie-51", "Groupement de gendarmerie de la Marne", "SI", ""),
        )
    ]


def _loans() -> list[dict[str, object]]:
    """PRET-002 was repaid early: its right lasts five more years."""
    return [
        {"id_pret": loan, "programme": programme, "garant": holder, "quotite_dix_milliemes": share, "montant": amount,
         "date_echeance": _day(end), "date_remboursement_total": _day(paid)}
        for loan, programme, holder, share, amount, end, paid in (
            ("PRET-001", "résidence des Châtillons", "grand-reims", 5000, 4_200_000, date(2041, 12, 31), None),
            ("PRET-002", "résidence Orgeval", "grand-reims", 10000, 1_900_000, date(2032, 6, 30), date(2024, 3, 15)),
            ("PRET-003", "résidence Victor-Hugo", "grand-reims", 5000, 6_100_000, date(2056, 9, 30), None),
            ("PRET-010", "résidence des Mesnils", "dep-51", 5000, 2_700_000, date(2038, 3, 31), None),
            ("PRET-011", "résidence Jean-Moulin", "reims", 10000, 3_300_000, date(2044, 12, 31), None),
        )
    ]  # fmt: skip


def _rights() -> list[dict[str, object]]:
    """Legacy rights in both lists. Those of Action Logement differ in three places: a number, and a programme missing on each side."""
    als = {"résidence des Châtillons": 62, "résidence Orgeval": 58, "résidence de la rue des Vignes": 24, "résidence Clemenceau": 50,
           "résidence du Parc": 32, "résidence des Coteaux": 20, "résidence Victor-Hugo": 12, "résidence Rive Gauche": 62,
           "résidence Verbeau": 40}  # fmt: skip
    assert sum(als.values()) == 360  # as the convention says
    theirs = {k: v for k, v in als.items() if k != "résidence des Coteaux"} | {
        "résidence Clemenceau": 52,
        "foyer des Trois Fontaines": 4,
    }
    others = (
        ("grand-reims", "résidence des Châtillons", "DS", 52, "GAR", "PRET-001"),
        ("grand-reims", "résidence Orgeval", "DS", 76, "GAR", "PRET-002"),
        ("grand-reims", "résidence Victor-Hugo", "DS", 8, "GAR", "PRET-003"),
        ("grand-reims", "résidence de la rue des Vignes", "DU", 20, "TER", ""),
        ("gendarmerie-51", "résidence du Mont-Aimé", "DS", 16, "AUCUNE", ""),
        ("dep-51", "résidence des Mesnils", "DS", 35, "GAR", "PRET-010"),
        ("reims", "résidence Jean-Moulin", "DS", 44, "GAR", "PRET-011"),
    )
    rows = [("als-51", place, "DS", count, "FIN", "", "bailleur") for place, count in als.items()]
    rows += [(*row, "bailleur") for row in others]
    rows += [("als-51", place, "DS", count, "FIN", "", "als-51") for place, count in theirs.items()]
    rows += [(*row, row[0]) for row in others if row[0] == "grand-reims"]
    start = {p.name: p.year for p in PROGRAMMES}
    names = ("reservataire", "programme", "nature_droit", "nombre", "contrepartie", "id_pret", "liste")
    return [
        {"id_droit": f"DROIT-{n:03}", **dict(zip(names, row, strict=True)),
         "date_debut": "01/01/2024" if row[2] == "DU" else _day(date(start[row[1]], 9, 1)),
         "date_fin": "31/12/2033" if row[2] == "DU" else ""}
        for n, row in enumerate(rows, 1)
    ]  # fmt: skip


def _yes(value: bool) -> str:
    return "oui" if value else "non"


def _day(value: date | None) -> str:
    return "" if value is None else f"{value:%d/%m/%Y}"


def _write(file: Path, rows: list[dict[str, object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, list(rows[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
