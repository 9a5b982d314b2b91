"""One field of a mapping → its canonical column. What does not fit is unknown, and said of the column of the file."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from fluxrules.data.columns import dtype_of, read_column
from fluxrules.data.findings import Findings
from fluxrules.data.mapping.forms import dates, wholes
from fluxrules.data.mapping.spec import UNKNOWN, Codes, Column, Layout, Rule
from fluxrules.diagnostics.diagnostic import Cell
from fluxrules.vocabulary.fields import FieldDef, Vocabulary
from fluxrules.vocabulary.territoires import is_commune

_TICKED, _BLANK = ("x", "oui", "o", "1", "true", "vrai"), ("", "non", "n", "0", "false", "faux")
ISO = ("aaaa-mm-jj", "aaaa-mm-jj hh:mm:ss")


class Values:
    """Reads the fields of one file. ``frame`` has the text columns of the file and ``_ligne``; ``workbook``: it is xlsx."""

    def __init__(
        self, frame: pl.DataFrame, file: str, layout: Layout, vocabulary: Vocabulary, findings: Findings, workbook: bool
    ) -> None:
        self.file, self.layout, self.vocabulary, self.findings, self.workbook = (
            file,
            layout,
            vocabulary,
            findings,
            workbook,
        )
        self.frame = frame
        self._clean: dict[str, pl.Series] = {}

    def text(self, column: str) -> pl.Series:
        """A column without its outer blanks; null where it says nothing."""
        if column not in self._clean:
            stripped = pl.col("v").str.strip_chars()
            nothing = stripped.is_in(["", *sorted(self.layout.blanks)])
            made = pl.DataFrame({"v": self.frame[column]}).select(pl.when(~nothing).then(stripped).alias("v"))
            self._clean[column] = made.to_series()
        return self._clean[column]

    def filled(self, rule: Rule, index: int) -> pl.Series | None:
        """Where the columns of a rule say something, for the row number ``index`` of a block; ``None`` for a constant."""
        names = [c.name for c in self._of(rule, index)] + [c.name for c, _ in rule.boxes]
        if not names:
            return None
        return (
            pl.DataFrame([self.text(n).is_not_null().alias(n) for n in dict.fromkeys(names)])
            .select(pl.any_horizontal(pl.all()))
            .to_series()
        )

    def read(self, rule: Rule, index: int, rows: pl.Series | None = None) -> pl.Series:
        """The canonical column of a rule; ``rows`` are those kept (findings speak of no other)."""
        f = rule.field
        if rule.constant is not None:
            value = None if rule.constant == UNKNOWN else rule.constant
            return self._typed(pl.Series(f.column, [value] * len(self.frame), dtype=pl.String), f, f.column, rows)
        if rule.boxes:
            return self._boxes(rule, rows)
        columns = self._of(rule, index)
        if f.kind != "liste":
            return self._one(rule, columns[0].name, rows)
        parts = [self._list(rule, c.name, rows) for c in columns]
        joined = pl.DataFrame({f"c{i}": p for i, p in enumerate(parts)}).select(
            pl.concat_list(pl.all().fill_null([])).list.unique(maintain_order=True)
        ).to_series()  # fmt: skip
        return (
            pl.DataFrame({"v": joined})
            .select(pl.when(pl.col("v").list.len() > 0).then(pl.col("v")).alias(f.column))
            .to_series()
        )

    def _of(self, rule: Rule, index: int) -> tuple[Column, ...]:
        if rule.field.kind == "liste" or len(rule.columns) <= 1:
            return rule.columns
        return rule.columns[index : index + 1]

    def _one(self, rule: Rule, column: str, rows: pl.Series | None) -> pl.Series:
        f, text = rule.field, self.text(column)
        if rule.codes is not None:
            text = self._coded(text, rule.codes, f, column, rows)
        match f.kind:
            case "date":
                forms = (rule.dates or self.layout.dates) + (ISO if self.workbook else ())
                read = dates(text, tuple(dict.fromkeys(forms)))
                self._say(read.is_null() & text.is_not_null(), rows, column, "FX5011",
                          f"qui ne sont pas des dates écrites {' ou '.join(rule.dates or self.layout.dates)}", text, f)  # fmt: skip
                typed = self._drop(
                    read,
                    (read.dt.year() < 1900) | (read.dt.year() > 2100),
                    rows,
                    column,
                    "FX5011",
                    "qui ne peuvent pas être des dates de dossier",
                    f,
                )
                return typed.alias(f.column)
            case "entier":
                return self._typed(self._whole(rule, text, column, rows), f, column, rows)
            case "commune":
                return self._commune(rule, text, column, rows).alias(f.column)
            case _:
                return self._typed(text, f, column, rows)

    def _whole(self, rule: Rule, text: pl.Series, column: str, rows: pl.Series | None) -> pl.Series:
        decimal = rule.decimal or self.layout.decimal
        thousands = self.layout.thousands if self.layout.thousands != decimal else ""
        value, cut = wholes(text, decimal, thousands, rule.rounding)
        if (
            self.workbook and decimal == ","
        ):  # a number cell is written with a point, whatever the mapping says of texts
            again, cut_again = wholes(text, ".", "", rule.rounding)
            pair = pl.DataFrame({"v": value, "c": cut, "a": again, "d": cut_again})
            value, cut = (
                pair.select(pl.coalesce("v", "a")).to_series(),
                pair.select(pl.col("c") | pl.col("d")).to_series(),
            )
        self._say(cut, rows, column, "FX5038", "avec des centimes ou des décimales", text, rule.field,
                  todo="Écrivez « arrondi » (au plus proche, inférieur ou supérieur) pour cette colonne dans la correspondance.")  # fmt: skip
        self._say(
            value.is_null() & text.is_not_null() & ~cut,
            rows,
            column,
            "FX5012",
            "qui ne sont pas des nombres",
            text,
            rule.field,
        )
        return value

    def _commune(self, rule: Rule, text: pl.Series, column: str, rows: pl.Series | None) -> pl.Series:
        known = pl.Series([c for c in _communes(text) if is_commune(c)], dtype=pl.String).implode()
        short = text.str.contains(r"^\d{4}$").fill_null(False)
        padded = pl.DataFrame({"v": text, "s": short}).select(pl.when("s").then("0" + pl.col("v"))).to_series()
        fixable = short & padded.is_in(known).fill_null(False)
        if rule.repair:
            self._say(
                fixable,
                rows,
                column,
                "FX5039",
                "sans leur zéro de tête, réparé(s) comme la correspondance le demande",
                text,
                rule.field,
                read="",
            )
            text = (
                pl.DataFrame({"v": text, "p": padded, "f": fixable})
                .select(pl.when("f").then("p").otherwise("v"))
                .to_series()
            )
        else:
            self._say(fixable, rows, column, "FX5039", "sans leur zéro de tête, qu'un tableur a retiré", text, rule.field,
                      todo="Refaites l'export en texte, ou écrivez « réparer: zéro de tête » dans la correspondance.")  # fmt: skip
        ok = text.is_in(known).fill_null(False)
        self._say(~ok & text.is_not_null() & ~fixable, rows, column, "FX5039", "qui ne sont pas des codes de commune de l'INSEE", text, rule.field,
                  todo="Donnez le code INSEE de la commune ; un code postal ou un nom n'en est pas un.")  # fmt: skip
        return pl.DataFrame({"v": text, "o": ok}).select(pl.when("o").then("v")).to_series()

    def _list(self, rule: Rule, column: str, rows: pl.Series | None) -> pl.Series:
        text = self.text(column)
        if rule.split:
            parts = (
                pl.DataFrame({"v": text})
                .select(pl.col("v").str.split(rule.split).list.eval(pl.element().str.strip_chars()))
                .to_series()
            )
        else:
            parts = (
                pl.DataFrame({"v": text})
                .select(pl.when(pl.col("v").is_not_null()).then(pl.concat_list("v")))
                .to_series()
            )
        if rule.codes is None:
            return self._typed(parts, rule.field, column, rows)
        flat = (
            pl.DataFrame({"i": pl.int_range(len(parts), eager=True), "v": parts})
            .explode("v")
            .filter(pl.col("v").is_not_null() & (pl.col("v") != ""))
        )
        version = self._version(rule.codes).gather(flat["i"])
        lines = self.frame["_ligne"].gather(flat["i"])
        inside = rows.gather(flat["i"]) if rows is not None else None
        coded = self._map(flat["v"], version, rule.codes, rule.field, column, inside, lines)
        back = (
            flat.with_columns(v=coded).group_by("i", maintain_order=True).agg("v")
        )  # an odd code is an unknown element, not a missing one
        joined = pl.DataFrame({"i": pl.int_range(len(parts), eager=True)}).join(
            back, on="i", how="left", maintain_order="left"
        )["v"]
        return self._typed(joined, rule.field, column, rows)

    def _coded(self, text: pl.Series, codes: Codes, f: FieldDef, column: str, rows: pl.Series | None) -> pl.Series:
        return self._map(text, self._version(codes), codes, f, column, rows, self.frame["_ligne"])

    def _version(self, codes: Codes) -> pl.Series:
        if codes.column is not None:
            return self.text(codes.column.name)
        return pl.repeat(codes.version, len(self.frame), dtype=pl.String, eager=True)

    def _map(
        self,
        text: pl.Series,
        version: pl.Series,
        codes: Codes,
        f: FieldDef,
        column: str,
        rows: pl.Series | None,
        lines: pl.Series,
    ) -> pl.Series:
        """Values by the table of their version. A code of no table is unknown, and said; « inconnu » is unknown, and not said."""
        data = pl.DataFrame({"v": text, "n": version})
        mapped: pl.Expr = pl.lit(None, pl.String)
        listed: pl.Expr = pl.lit(False)
        for name, table in codes.versions.items():
            here = pl.col("n") == name
            value = pl.col("v").replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
            mapped = pl.when(here).then(value).otherwise(mapped)
            listed = pl.when(here).then(pl.col("v").is_in(list(table))).otherwise(listed)
        done = data.select(pl.when(mapped != UNKNOWN).then(mapped).alias("v"), listed.fill_null(False).alias("l"))
        lost = ~done["l"] & text.is_not_null()
        nowhere = lost & ~version.is_in(list(codes.versions)).fill_null(False)
        where = f"la table de codes « {codes.name} »"
        self._say(lost & ~nowhere, rows, column, "FX5037", f"absent(es) de {where}", text, f, lines=lines,
                  todo="Ajoutez ces codes à la table, ou écrivez qu'ils sont « inconnu ».")  # fmt: skip
        self._say(nowhere, rows, column, "FX5037", f"dont la version n'a pas de table dans « {codes.name} »", version, f, lines=lines,
                  todo="Ajoutez la table de cette version : un même code peut vouloir dire autre chose.")  # fmt: skip
        return done["v"]

    def _boxes(self, rule: Rule, rows: pl.Series | None) -> pl.Series:
        """One column a value, ticked or not. A box that cannot be read is an unknown element of the list."""
        found: list[pl.Series] = []
        for column, value in rule.boxes:
            low = self.text(column.name).str.to_lowercase().fill_null("")
            ticked, odd = low.is_in(_TICKED), ~low.is_in([*_TICKED, *_BLANK])
            self._say(odd, rows, column.name, "FX5013", "qui ne disent pas si la case est cochée", low, rule.field)
            box = pl.DataFrame({"t": ticked, "o": odd}).select(
                pl.when("t").then(pl.lit(value)).when("o").then(pl.lit(UNKNOWN))
            )
            found.append(box.to_series().alias(column.name))
        none = pl.when(pl.element() != UNKNOWN).then(pl.element())
        lists = pl.DataFrame(found).select(pl.concat_list(pl.all()).list.drop_nulls().alias("v"))
        some = lists.select(pl.when(pl.col("v").list.len() > 0).then(pl.col("v").list.eval(none))).to_series()
        return self._typed(some, rule.field, rule.boxes[0][0].name, rows)

    def _typed(self, raw: pl.Series, f: FieldDef, column: str, rows: pl.Series | None) -> pl.Series:
        """The canonical reading of a column; its findings name the column of the file instead of the field's."""
        frame = pl.DataFrame({"_ligne": self.frame["_ligne"], f.column: raw})
        if rows is not None:
            frame = frame.with_columns(pl.when(rows).then(pl.col(f.column)).alias(f.column))
        own = Findings()
        typed = read_column(frame, f, self.vocabulary, self.file, own)
        for d in own.bag.items:
            where = replace(d.where, column=column) if isinstance(d.where, Cell) else d.where
            self.findings.bag.add(d.code, d.message, where, d.help)
        return typed.cast(dtype_of(f)).alias(f.column)

    def _drop(
        self, typed: pl.Series, bad: pl.Series, rows: pl.Series | None, column: str, code: str, what: str, f: FieldDef
    ) -> pl.Series:
        bad = bad.fill_null(False)
        if not bad.any():
            return typed
        self._say(bad, rows, column, code, what, typed.cast(pl.String), f)
        return pl.DataFrame({"v": typed, "b": bad}).select(pl.when(~pl.col("b")).then("v")).to_series()

    def _say(
        self, mask: pl.Series, rows: pl.Series | None, column: str, code: str, what: str, values: pl.Series, f: FieldDef,
        *, todo: str = "", lines: pl.Series | None = None, shown: bool = True, read: str = ", lue(s) comme inconnue(s)",
    ) -> None:  # fmt: skip
        """Counts values and names the first row. A few are shown, never of free text, nor what may be an identity."""
        if rows is not None:
            mask = mask & rows
        count = int(mask.sum())
        if not count:
            return
        odd = values.filter(mask).drop_nulls().unique().sort()
        sure = f.kind != "texte" and f.usage == "règle" and shown
        few = (
            [v[:20] for v in odd.head(20).to_list() if sum(c.isdigit() for c in v) < 10 and "@" not in v][:5]
            if sure
            else []
        )
        examples = f" ({', '.join(f'« {v} »' for v in few)})" if few else ""
        first = int((lines if lines is not None else self.frame["_ligne"]).filter(mask)[0])
        self.findings.bag.add(code, f"{count} valeur(s) {what}{examples}{read}.", Cell(self.file, first, column),
                              todo or "Corrigez la source ; en attendant, ces valeurs laissent des lignes en suspens.")  # fmt: skip


def _communes(text: pl.Series) -> list[str]:
    """The codes that a column may mean: those written, and those that have lost their first zero."""
    distinct = text.drop_nulls().unique().to_list()
    return [*distinct, *("0" + c for c in distinct if len(c) == 4)]
