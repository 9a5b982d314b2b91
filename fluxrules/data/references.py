"""What published tables say of a demande by the places it wants: zone of the income ceilings, threshold of the first quartile.

The law takes the ceiling of the dwelling's place and the threshold of its territory, so neither is a property of the household. A
demande has one only when all the places it wants agree; a place without one (overseas, unknown code, threshold not read) leaves
it unknown, as does a missing table of places. Given a territory, only the places wanted in it are looked at.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl
import yaml

from fluxrules.data.tables import KEY
from fluxrules.text.resources import resource
from fluxrules.vocabulary.territoires import load_communes

ZONE, THRESHOLD = "zone_plafonds", "seuil_premier_quartile"
COLUMNS = (ZONE, THRESHOLD)


def attach_references(
    demandes: pl.DataFrame, choix: pl.DataFrame | None, reference: date, territory: str | None = None
) -> pl.DataFrame:
    """``demandes`` with the columns ``zone_plafonds`` and ``seuil_premier_quartile``. Same rows, same order."""
    bare = demandes.drop(COLUMNS, strict=False)
    if choix is None:
        return bare.with_columns(
            pl.lit(None, dtype=pl.String).alias(ZONE), pl.lit(None, dtype=pl.Int64).alias(THRESHOLD)
        )
    places = choix.select(KEY, "code_commune").join(_by_commune(reference.year), on="code_commune", how="left")
    if territory is not None:
        places = places.filter(pl.col("territoire") == territory)
    agreed = places.group_by(KEY).agg(
        pl.when(pl.col(c).null_count() == 0, pl.col(c).min() == pl.col(c).max()).then(pl.col(c).min()).alias(c)
        for c in COLUMNS
    )
    return bare.join(agreed, on=KEY, how="left", maintain_order="left")


def zone_of(commune: str) -> str | None:
    """The zone of the income ceilings of a commune, ``None`` where there is none."""
    found = _zones().filter(pl.col("code_commune") == commune)[ZONE].to_list()
    return found[0] if found else None


def threshold_of(territory: str, year: int) -> int | None:
    """The published threshold of the first quartile of a territory, ``None`` where none was read."""
    found = _by_commune(year).filter(pl.col("territoire") == territory)[THRESHOLD].unique().to_list()
    return found[0] if len(found) == 1 else None


@cache
def _zones() -> pl.DataFrame:
    """The zone of every known code; a delegated or former commune follows the commune of today."""
    text = resource("rulesets/référentiels/zones_plafonds.yaml").read_text("utf-8")
    zones = yaml.load(text, Loader=yaml.BaseLoader)["zones"]
    today = pl.coalesce("commune_mere", "commune")
    zone = pl.lit(None, dtype=pl.String)
    for name, body in reversed(zones.items()):
        inside = today.is_in(list(body.get("communes", {}))) | pl.col("region").is_in(body.get("régions", []))
        zone = pl.when(inside).then(pl.lit(name)).otherwise(zone)
    return load_communes().select(pl.col("commune").alias("code_commune"), "territoire", "region", zone.alias(ZONE))


@cache
def _by_commune(year: int) -> pl.DataFrame:
    """Zone, territory and threshold of every known code. A territory's own threshold comes before that of its region."""
    read = pl.read_csv(resource("rulesets/référentiels/quartiles.csv").read_bytes(), infer_schema=False).filter(
        pl.col("annee") == str(year)
    )
    amount = pl.col("seuil").cast(pl.Int64)
    own = read.filter(pl.col("territoire").is_not_null()).select("territoire", amount.alias("own"))
    regional = read.filter(pl.col("region").is_not_null()).select("region", amount.alias("regional"))
    return (
        _zones()
        .join(own, on="territoire", how="left")
        .join(regional, on="region", how="left")
        .select("code_commune", "territoire", ZONE, pl.coalesce("own", "regional").alias(THRESHOLD))
    )
