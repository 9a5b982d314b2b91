"""What every table of a bilan counts: libérations with their fate, proposals, and what the commission decided.

The unit is a libération (a dwelling to let once), never a decision: two commissions for one dwelling are one dwelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from fluxrules.data.flux.tables import FluxTables
from fluxrules.flux.bilan.dimensions import DIMENSIONS, HOLDER, with_dimensions
from fluxrules.flux.bilan.table import UNKNOWN
from fluxrules.flux.decompte import count
from fluxrules.flux.decompte import frame_of as counted_frame
from fluxrules.flux.ledger import IN_FLUX, entries_of
from fluxrules.flux.parties import BAILLEUR
from fluxrules.flux.perimeter import freed_of, sent_back
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.year import FluxYear

FLUX, SUBTRACTED, DELIVERY, STOCK = "flux", "soustrait", "livraison", "stock"
LEFT, OUTSIDE, UNSURE = "sorti du parc", "hors périmètre", "périmètre inconnu"
FATES = (FLUX, SUBTRACTED, DELIVERY, STOCK, LEFT, OUTSIDE, UNSURE)
GRANTED = ("ATTR", "ATTR_RANG", "ATTR_COND")
LOST = ("REFUS", "SANS_REPONSE", "CADUQUE")
KEY, PARTY = "id_liberation", "reservataire"
_OF_DWELLINGS = (
    "en_qpv", "programme", "typologie", "financement", "annee_construction", "code_commune", "reserve_stock", "tient", "date_entree", "date_sortie",
)  # fmt: skip
NOBODY = "(non orienté)"
Moved = dict[str, Any]
"""A dwelling and a réservataire: texts by column, and 1 or 0 under « propose » and « attribue »."""


@dataclass(frozen=True)
class Basis:
    """``freed``: one row a libération of the bailleur, any year, with its dimensions, ``destin`` and ``tenu_par`` (who had it in the end).
    ``proposals``: one row a (libération, réservataire), with the days ``propose``, ``attribue``, ``bail`` (null: it did not happen),
    ``retour`` and ``suite`` (what became of it). ``cases``: the attributions. ``counted``: the décompte. All three first carry the dimensions."""

    year: FluxYear
    freed: pl.DataFrame
    proposals: pl.DataFrame
    cases: pl.DataFrame
    journal: pl.DataFrame
    counted: pl.DataFrame
    names: Mapping[str, str]
    kinds: Mapping[str, str]

    def in_year(self, column: str) -> pl.Expr:
        return (pl.col(column).dt.year() == self.year.year).fill_null(False)

    @cached_property
    def granted(self) -> pl.DataFrame:
        """The attribution that stands for each dwelling attributed in the year."""
        won = self.proposals.filter(self.in_year("attribue")).select(KEY, PARTY, pl.col("attribue").alias("_le"))
        stands = pl.col("decision").is_in(GRANTED) & ~pl.col("issue").is_in(LOST).fill_null(False)
        found = self.cases.filter(stands).join(won, on=[KEY, PARTY], how="inner", maintain_order="left")
        found = found.filter(pl.coalesce("date_commission", "date_bail") == pl.col("_le"))
        return found.unique([KEY, PARTY], keep="last", maintain_order=True).drop("_le")

    @cached_property
    def leases(self) -> pl.DataFrame:
        """The attribution behind each lease signed in the year."""
        signed = self.cases.filter(self.in_year("date_bail")).sort("date_bail")
        return signed.unique(KEY, keep="last", maintain_order=True)

    @cached_property
    def moved(self) -> list[Moved]:
        """Every (libération, réservataire) proposed or attributed in the year, with its place, holder and dimensions."""
        flags = [self.in_year(c).cast(pl.Int64).alias(c) for c in ("propose", "attribue")]
        rows = self.proposals.select(
            pl.col("destin").alias("Place"), PARTY, self.name().alias(HOLDER), *DIMENSIONS, *flags
        )
        return rows.filter(pl.col("propose") + pl.col("attribue") > 0).to_dicts()

    def name(self, column: str = PARTY) -> pl.Expr:
        return pl.col(column).replace_strict(self.names, default=pl.col(column), return_dtype=pl.String)


def basis_of(
    year: FluxYear, own: pl.DataFrame, tables: FluxTables, names: Mapping[str, str], kinds: Mapping[str, str],
    conventions: Sequence[Convention],
) -> Basis:  # fmt: skip
    """Needs the tables liberations and attributions (the caller has looked); the journal adds what it knows. ``own``: the dwellings of the
    year, as ``perimeter.dwellings_of`` gives them."""
    assert tables.liberations is not None and tables.attributions is not None
    named = [c for c in conventions if c.nature != "projet"]
    freed = freed_of(
        year, own.select("id_logement", *_OF_DWELLINGS), tables.liberations, named, sent_back(tables.journal)
    )
    freed = (
        with_dimensions(freed)
        .with_columns(_fate().alias("destin"))
        .drop("typologie", "annee_construction", "code_commune")
    )
    places = freed.select(KEY, *DIMENSIONS, "en_qpv", "programme", "financement", "destin", "date_liberation")
    whose = pl.col(PARTY).fill_null(UNKNOWN)  # an attribution that does not say whose it is stays one
    cases = (
        tables.attributions.drop("numero_unique")
        .with_columns(whose)
        .join(places, on=KEY, how="inner", maintain_order="left")
    )
    journal = _journal(tables, freed)
    proposals = _proposals(cases, journal).join(places, on=KEY, how="inner", maintain_order="left")
    counted = _counted(year, tables, freed, conventions)
    return Basis(year, _held(freed, proposals), proposals, cases, journal, counted, {**names, BAILLEUR: f"{year.bailleur.name} (non réservé)"}, kinds)  # fmt: skip


def _fate() -> pl.Expr:
    cause = pl.col("cause").cast(pl.String)
    return (
        pl.when(pl.col("nomme").is_not_null() & ~pl.col("dans").fill_null(True)).then(pl.lit(STOCK))
        .when(cause.is_in(("VENTE", "DEMOLITION")).fill_null(False)).then(pl.lit(LEFT))
        .when(pl.col("dans").is_null()).then(pl.lit(UNSURE))
        .when(~pl.col("dans")).then(pl.lit(OUTSIDE))
        .when((cause == "LIVRAISON").fill_null(False)).then(pl.lit(DELIVERY))
        .when(pl.col("usage_hors_flux").is_not_null()).then(pl.lit(SUBTRACTED))
        .otherwise(pl.lit(FLUX))
    )  # fmt: skip


def _counted(
    year: FluxYear, tables: FluxTables, freed: pl.DataFrame, conventions: Sequence[Convention]
) -> pl.DataFrame:
    """The décompte of this bailleur's libérations, each with its fate."""
    assert tables.attributions is not None
    own, entries = tables.attributions, tables.journal
    touched = [own.filter(_any_in(year.year, "date_designation", "date_commission", "date_bail"))[KEY]]
    if entries is not None:
        touched.append(entries.filter(_any_in(year.year, "date"))[KEY])
    # What happened in another year alone counts in that year: nothing of it is read here.
    mine = freed.filter(pl.col(KEY).is_in(pl.concat(touched).unique().implode()))
    own = own.join(mine.select(KEY), on=KEY, how="semi", maintain_order="left")
    if entries is not None:
        entries = entries.filter(
            pl.col(KEY).is_in(mine[KEY].implode()).fill_null(False) | pl.col("annule").is_not_null()
        )
    whose = dict.fromkeys(mine["id_logement"], year.bailleur.code)
    rows = count(
        entries_of(entries), freed, own, [c for c in conventions if c.bailleur.code == year.bailleur.code], whose
    )
    return counted_frame(rows).join(freed.select(KEY, "destin"), on=KEY, how="inner")


def _any_in(year: int, *days: str) -> pl.Expr:
    return pl.any_horizontal((pl.col(d).dt.year() == year).fill_null(False) for d in days)


def _journal(tables: FluxTables, freed: pl.DataFrame) -> pl.DataFrame:
    """The entries of the journal on this bailleur's libérations, without those that were cancelled."""
    schema = {"numero": pl.Int64, "date": pl.Date, "acte": pl.String, KEY: pl.String, "id_logement": pl.String,
              PARTY: pl.String, "regle": pl.String, "dauphin": pl.String, "motif": pl.String}  # fmt: skip
    if tables.journal is None:
        return pl.DataFrame(schema=schema)
    whole = tables.journal
    cancelled = whole["annule"].drop_nulls()
    alive = whole.filter(
        ~pl.col("numero").is_in(cancelled.implode()) & (pl.col("acte").cast(pl.String) != "ANNULATION")
    )
    return alive.select(pl.col(c).cast(t) for c, t in schema.items()).join(freed.select(KEY), on=KEY, how="semi")


def _proposals(cases: pl.DataFrame, journal: pl.DataFrame) -> pl.DataFrame:
    """A dwelling is proposed when the journal sends it to someone, or when someone designated for it."""
    pair = [KEY, PARTY]
    granted = pl.col("decision").is_in(GRANTED).fill_null(False) & ~pl.col("issue").is_in(LOST).fill_null(False)
    first = pl.min_horizontal("date_designation", "date_commission", "date_bail")
    designated = cases.group_by(pair, maintain_order=True).agg(
        first.min().alias("propose"),
        pl.col("date_designation").min().alias("designe"),
        pl.col("date_commission").min().alias("commission"),
        pl.coalesce("date_commission", "date_bail").filter(granted).max().alias("attribue"),
        pl.col("date_bail").max().alias("bail"),
        pl.col("issue").cast(pl.String).sort_by("date_commission", nulls_last=False).last().alias("issue"),
        pl.col("decision").cast(pl.String).sort_by("date_commission", nulls_last=False).last().alias("decision"),
        (pl.col("issue") == "REFUS").any().alias("refus"),
        pl.col("agent_etat").any().alias("agent"),
    )
    sent = journal.filter(pl.col("acte").is_in(IN_FLUX) & pl.col(PARTY).is_not_null())
    sent = sent.group_by(pair, maintain_order=True).agg(pl.col("date").min().alias("oriente"))
    back = journal.filter((pl.col("acte") == "RETOUR") & pl.col(PARTY).is_not_null())
    back = back.group_by(pair).agg(pl.col("date").max().alias("retour"))
    both = designated.join(sent, on=pair, how="full", coalesce=True, maintain_order="left_right")
    return both.join(back, on=pair, how="left").with_columns(
        pl.coalesce("oriente", "propose").alias("propose"),
        pl.col("refus", "agent").fill_null(False),
        pl.when(pl.col("attribue").is_not_null()).then(pl.lit("attribué"))
        .when(pl.col("retour").is_not_null()).then(pl.lit("réservataire renonce"))
        .when(pl.col("issue").is_in(LOST)).then(pl.lit("candidat refuse"))
        .when(pl.col("decision").is_in(("NON_ATTR", "IRREC"))).then(pl.lit("commission refuse"))
        .when(pl.col("designe").is_null()).then(pl.lit("sans candidat"))
        .otherwise(pl.lit("en cours")).alias("suite"),
    ).drop("oriente")  # fmt: skip


def _held(freed: pl.DataFrame, proposals: pl.DataFrame) -> pl.DataFrame:
    """Who had each dwelling: to whom it was attributed, or to whom it was last proposed."""
    last = proposals.sort(pl.col("attribue").is_not_null(), "propose", PARTY, nulls_last=False).group_by(KEY, maintain_order=True).last()  # fmt: skip
    found = freed.join(last.select(KEY, pl.col(PARTY).alias("tenu_par"), "propose", "designe", "attribue", "bail"), on=KEY, how="left", maintain_order="left")  # fmt: skip
    return found.with_columns(pl.col("tenu_par").fill_null(NOBODY))
