"""Mapping files: what they read, exactly; what they refuse, at its place; what they never read."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from fluxrules.data.mapping.forms import ambiguous, date_form, dates, wholes
from fluxrules.data.mapping.identity import looks_like_nir, named_identity
from fluxrules.data.mapping.join import read_mapped
from fluxrules.data.mapping.load import load_mapping, mapping_of
from fluxrules.data.read import Reading
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.diagnostics.registry import pages
from fluxrules.text.source import Source, Span
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "rulesets/correspondances/exemple.yaml"
DATA = ROOT / "tests/data/correspondance"
DAY = date(2026, 9, 1)
VOCABULARY = standard_vocabulary()


def defects(text: str) -> list[Diagnostic]:
    bag = Bag()
    mapping = mapping_of(Source("m.yaml", textwrap.dedent(text)), VOCABULARY, bag)
    assert (mapping is None) == bag.has_errors
    return bag.sorted()


def read(path: Path, fields: str, *, head: str = "", key: str = "N") -> Reading:
    """Read ``path`` by a mapping of its columns; ``fields`` are the tables of its only file."""
    body = textwrap.indent(textwrap.dedent(fields), "    ")
    text = f"langage: 1\ncorrespondance: essai\n{textwrap.dedent(head)}fichiers:\n  t.csv:\n    numéro: {key}\n{body}"
    bag = Bag()
    mapping = mapping_of(Source("m.yaml", text), VOCABULARY, bag)
    assert mapping is not None, [d.message for d in bag.items]
    return read_mapped(path, mapping, VOCABULARY, DAY)


def csv(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def codes(reading: Reading) -> list[str]:
    return [d.code for d in reading.diagnostics]


def column(reading: Reading, name: str) -> list[object]:
    assert reading.tables is not None, [d.message for d in reading.diagnostics]
    return list(reading.tables.demandes[name])


def test_the_example_reads_two_files() -> None:
    bag = Bag()
    mapping = load_mapping(EXAMPLE, VOCABULARY, bag)
    assert mapping is not None and bag.items == []
    reading = read_mapped(DATA, mapping, VOCABULARY, DAY)
    assert reading.tables is not None and reading.rows_in == 4
    t = reading.tables
    assert column(reading, "numero_unique") == ["051092400000100001", "051092400000200002", "051092400000400004"]
    assert column(reading, "loyer_mensuel") == [413, None, None]
    assert column(reading, "ressources_mensuelles_totales") == [1850, None, None]
    assert column(reading, "code_commune_residence") == ["51454", "01053", None]
    assert [None if x is None else list(x) for x in t.demandes["motifs"]] == [["09", "01"], [None], [None]]  # type: ignore[call-overload]
    assert [None if x is None else list(x) for x in t.demandes["types_logement_recherches"]] == [
        ["T2", "T3"],
        ["T3"],
        None,
    ]  # type: ignore[call-overload]
    assert column(reading, "travailleur_essentiel") == [True, False, None]
    assert t.demandes["pieces_verifiees"][0].to_list() == [
        "quittance de loyer",
        "avis d'imposition",
        "notification MDPH",
    ]
    assert t.membres is not None and t.choix is not None and t.evenements is not None
    first = t.membres.filter(pl.col("numero_unique") == "051092400000100001")
    assert first.select("role", "date_naissance", "handicap_reconnu").rows() == [
        ("demandeur", date(1990, 5, 12), None), ("a_charge", date(2019, 2, 3), True),
    ]  # fmt: skip
    assert t.choix.filter(pl.col("numero_unique") == "051092400000400004")["code_commune"].to_list() == ["51454", None]
    assert t.evenements["motif_refus"].to_list() == [None, "sante", "quartier"]
    assert reading.rejects.rows() == [
        ("demandes_2026-09.csv", 4, "date_depot_initial", "FX5016",
         "la date de dépôt manque, ou ce jour n'existe pas"),
    ]  # fmt: skip
    assert set(codes(reading)) == {"FX5011", "FX5039", "FX5038", "FX5037", "FX5009", "FX5041", "FX5016"}
    places = [d.place for d in reading.diagnostics]
    assert "demandes_2026-09.csv, ligne 3, colonne « RESSOURCES »" in places
    assert "demandes_2026-09.csv, ligne 4, colonne « DATE_DEPOT »" in places


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "rounding", "value", "cut"),
    [
        ("1 234", ",", " ", None, 1234, False),
        ("1\u202f234,00 €", ",", " ", None, 1234, False),
        ("1 234,56 €", ",", " ", None, None, True),
        ("1 234,50", ",", " ", "au plus proche", 1235, False),
        ("1 234,49", ",", " ", "au plus proche", 1234, False),
        ("-0,5", ",", " ", "au plus proche", -1, False),
        ("-0,5", ",", " ", "inférieur", -1, False),
        ("-0,5", ",", " ", "supérieur", 0, False),
        ("0,01", ",", " ", "supérieur", 1, False),
        ("12.5", ",", " ", "au plus proche", None, False),
        ("1.234,00", ",", ".", None, 1234, False),
        ("1,234.00", ".", ",", None, 1234, False),
        ("12 34", ",", " ", None, None, False),
        ("1e3", ",", " ", None, None, False),
        ("", ",", " ", None, None, False),
        ("99999999999999999999", ",", " ", None, None, False),
        ("45 m²", ",", " ", None, 45, False),
        ("800 €/mois", ",", " ", None, 800, False),
    ],
)  # fmt: skip
def test_numbers_are_exact(
    text: str, decimal: str, thousands: str, rounding: str | None, value: int | None, cut: bool
) -> None:
    got, odd = wholes(pl.Series([text], dtype=pl.String), decimal, thousands, rounding)
    assert (got[0], odd[0]) == (value, cut)


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("jj/mm/aaaa", "5/2/2024", date(2024, 2, 5)),
        ("jj/mm/aaaa", "05/02/24", None),
        ("jj/mm/aaaa", "31/02/2024", None),
        ("aaaammjj", "20240205", date(2024, 2, 5)),
        ("aaaammjj", "2024025", None),
        ("jj.mm.aaaa", "05.02.2024", date(2024, 2, 5)),
        ("jj/mm/aaaa hh:mm", "05/02/2024 23:59", date(2024, 2, 5)),
        ("aaaa-mm-jj hh:mm:ss", "2024-02-05 00:00:00", date(2024, 2, 5)),
        ("mm/jj/aaaa", "02/05/2024", date(2024, 2, 5)),
    ],
)
def test_dates_are_read_by_the_form_given(form: str, text: str, day: date | None) -> None:
    assert dates(pl.Series([text]), (form,))[0] == day


def test_forms_that_name_no_day() -> None:
    assert date_form("jj/mm/aa") is None and date_form("mm/aaaa") is None and date_form("le jour") is None
    assert ambiguous(("jj/mm/aaaa", "mm/jj/aaaa")) and not ambiguous(("jj/mm/aaaa", "aaaa-mm-jj"))


HEAD = "langage: 1\ncorrespondance: x\n"


@pytest.mark.parametrize(
    ("code", "at", "text"),
    [
        ("FX5030", "loyer", "fichiers: {a.csv: {numéro: N, demandes: {loyer: L}}}"),
        ("FX5030", "date_naissance", "fichiers: {a.csv: {numéro: N, demandes: {date_naissance: L}}}"),
        ("FX5034", "hotel", "codes: {m: {H: hotel}}\nfichiers: {a.csv: {numéro: N, demandes: {mode_logement_actuel: {colonne: L, codes: m}}}}"),
        ("FX5034", "si", "fichiers: {a.csv: {numéro: N, demandes: {est_propriétaire: {colonne: L, codes: {O: si}}}}}"),
        ("FX5034", "enfnt", "fichiers: {a.csv: {numéro: N, membres: {rôle: {valeur: enfnt}}}}"),
        ("FX5035", "absente", "fichiers: {a.csv: {numéro: N, demandes: {est_propriétaire: {colonne: L, codes: absente}}}}"),
        ("FX5035", "[jj/mm/aaaa, mm/jj/aaaa]", "lecture: {dates: [jj/mm/aaaa, mm/jj/aaaa]}\nfichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: L}}}"),
        ("FX5035", "jj/mm/aa", "lecture: {dates: [jj/mm/aa]}\nfichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: L}}}"),
        ("FX5035", "versions", "codes: {m: {versions: {a: {x: oui}}}}\nfichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: L}}}"),
        ("FX5035", "c", "codes: {m: {version: c, versions: {a: {x: oui}}}}\nfichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: L}}}"),
        ("FX5035", "loyer_mensuel", "fichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: A}}, b.csv: {numéro: N, demandes: {loyer_mensuel: B}}}"),
        ("FX5035", "arrondi", "fichiers: {a.csv: {numéro: N, demandes: {motifs: {colonne: L, arrondi: inférieur}}}}"),
        ("FX5035", "loyer_mensuel", "fichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: [A, B]}}}"),
        ("FX5035", "a.csv", "fichiers: {a.csv: {numéro: N}}"),
        ("FX5035", "a.csv", "fichiers: {a.csv: {numéro: N, lignes: plusieurs par demande, membres: {rôle: R}, choix: {commune: C}}}"),
        ("FX5035", "numéro_unique", "fichiers: {a.csv: {numéro: N, demandes: {numéro_unique: L}}}"),
        ("FX3002", "separateur", "lecture: {separateur: ','}\nfichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: L}}}"),
        ("FX3003", "demandes", "fichiers: {a.csv: {demandes: {loyer_mensuel: L}}}"),
        ("FX3004", "ebcdic", "lecture: {encodage: ebcdic}\nfichiers: {a.csv: {numéro: N, demandes: {loyer_mensuel: L}}}"),
    ],
)  # fmt: skip
def test_defects_of_a_mapping_at_their_place(code: str, at: str, text: str) -> None:
    found = [d for d in defects(HEAD + text) if d.code == code]
    assert len(found) == 1 and found[0].help, [(d.code, d.message) for d in defects(HEAD + text)]
    assert isinstance(found[0].where, Span) and found[0].where.text == at


def test_a_missing_column_is_named_in_the_mapping_with_its_neighbour(tmp_path: Path) -> None:
    reading = read(csv(tmp_path, "N;DT_DEPOT\nA;01/01/2024\n"), "demandes: {date_dépôt_initial: DATE_DEPOT}")
    assert codes(reading)[-1] == "FX5033" and "DT_DEPOT" in reading.diagnostics[-1].help and reading.tables is None
    twice = read(csv(tmp_path, "N;D;D\nA;01/01/2024;\n"), "demandes: {date_dépôt_initial: D}")
    assert "FX5033" in codes(twice)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "latin-1", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = csv(tmp_path, "N;DÉPÔT;MODE\r\nA;01/01/2024;hôtel\r\n", encoding)
    named = encoding.removesuffix("-sig")
    reading = read(
        path,
        "demandes: {date_dépôt_initial: DÉPÔT, mode_logement_actuel: MODE}",
        head=f"lecture: {{encodage: {named}}}\n",
    )
    assert codes(reading) == [] and column(reading, "mode_logement_actuel") == ["HOT"]


def test_a_wrong_encoding_says_the_line_and_the_one_to_try(tmp_path: Path) -> None:
    reading = read(csv(tmp_path, "N;D\nA;01/01/2024\nB;é\n", "latin-1"), "demandes: {date_dépôt_initial: D}")
    assert codes(reading) == ["FX5032"] and "windows-1252" in reading.diagnostics[0].help and reading.tables is None


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separators_are_seen_in_the_first_line(tmp_path: Path, separator: str) -> None:
    path = csv(tmp_path, 'N;D;"L,;x"\nA;01/01/2024;"4"\n'.replace(";", separator))
    assert column(read(path, "demandes: {date_dépôt_initial: D}"), "numero_unique") == ["A"]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"N;D\nA;1;2;3\n", b'N;D\nA;"x\nB;y\n', b"PK\x03\x04\x00\x00", b"\n\n\n"]
)
def test_broken_files_get_a_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    reading = read(path, "demandes: {date_dépôt_initial: D}")
    assert reading.tables is None and reading.diagnostics and all(d.help for d in reading.diagnostics)


def test_a_line_of_many_megabytes_gets_a_message(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'N;D\nA;01/01/2024\nB;"' + b"x" * 100_000_000 + b'"\n')
    reading = read(path, "demandes: {date_dépôt_initial: D}")
    assert codes(reading) == ["FX5031"] and reading.diagnostics[0].place.startswith("t.csv, ligne ")


def test_files_by_pattern(tmp_path: Path) -> None:
    assert codes(read(tmp_path, "demandes: {date_dépôt_initial: D}")) == ["FX5036"]
    csv(tmp_path, "N;D\nA;01/01/2024\n", name="t.csv")
    assert codes(read(tmp_path, "demandes: {date_dépôt_initial: D}")) == []
    bag = Bag()
    two = mapping_of(
        Source("m", HEAD + "fichiers: {'*.csv': {numéro: N, demandes: {date_dépôt_initial: D}}}"), VOCABULARY, bag
    )
    csv(tmp_path, "N;D\nA;01/01/2024\n", name="u.csv")
    assert two is not None and codes(read_mapped(tmp_path, two, VOCABULARY, DAY)) == ["FX5036"]


def test_codes_keep_their_zeros_and_lost_ones_are_said(tmp_path: Path) -> None:
    path = csv(
        tmp_path, "N;D;C\n001;01/01/2024;01053\n002;01/01/2024;1053\n003;01/01/2024;2A004\n004;01/01/2024;00999\n"
    )
    kept = read(path, "demandes: {date_dépôt_initial: D, commune_résidence: C}")
    assert column(kept, "numero_unique") == ["001", "002", "003", "004"]
    assert column(kept, "code_commune_residence") == ["01053", None, "2A004", None] and codes(kept) == ["FX5039"] * 2
    mended = read(path, "demandes: {date_dépôt_initial: D, commune_résidence: {colonne: C, réparer: zéro de tête}}")
    assert (
        column(mended, "code_commune_residence") == ["01053", "01053", "2A004", None]
        and codes(mended) == ["FX5039"] * 2
    )


def test_a_number_turned_into_a_power_of_ten_is_rejected(tmp_path: Path) -> None:
    path = csv(tmp_path, 'N;D\n"1,11032E+17";01/01/2024\n5,1E+16;01/01/2024\nA;01/01/2024\n')
    reading = read(path, "demandes: {date_dépôt_initial: D}")
    assert codes(reading) == ["FX5040", "FX5014"] and column(reading, "numero_unique") == ["A"] and reading.rows_in == 3


def test_a_version_of_the_form_picks_its_codes(tmp_path: Path) -> None:
    head = 'codes: {m: {selon: V, versions: {"03": {"1": handicap}, "04": {"1": démolition}}}}\n'
    path = csv(
        tmp_path,
        "N;D;V;M\nA;01/01/2024;03;1\nB;01/01/2024;04;1\nC;01/01/2024;05;1\nE;01/01/2024;;1\nF;01/01/2024;03;2\n",
    )
    reading = read(path, "demandes: {date_dépôt_initial: D, motifs: {colonne: M, codes: m}}", head=head)
    assert [x.to_list() for x in reading.tables.demandes["motifs"]] == [["07"], ["02"], [None], [None], [None]]  # type: ignore[union-attr]
    assert codes(reading) == ["FX5037", "FX5037"]
    constant = 'codes: {m: {version: "04", versions: {"03": {"1": handicap}, "04": {"1": démolition}}}}\n'
    again = read(path, "demandes: {date_dépôt_initial: D, motifs: {colonne: M, codes: m}}", head=constant)
    assert [x.to_list() for x in again.tables.demandes["motifs"]] == [["02"]] * 4 + [[None]]  # type: ignore[union-attr]


def test_boxes_and_blanks(tmp_path: Path) -> None:
    path = csv(tmp_path, "N;D;A;B\n1;01/01/2024;x;\n2;01/01/2024;;\n3;01/01/2024;x;peut-être\n4;01/01/2024;non;NR\n")
    head = "lecture: {vides: [NR]}\n"
    reading = read(
        path, "demandes: {date_dépôt_initial: D, modes_logement_actuel: {cases: {A: hôtel, B: squat}}}", head=head
    )
    lists = [None if x is None else x.to_list() for x in reading.tables.demandes["modes_logement_actuel"]]  # type: ignore[union-attr]
    assert lists == [["HOT"], None, ["HOT", None], None] and codes(reading) == ["FX5013"]


def test_several_rows_a_demande(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "N;D;L;C\nA;01/01/2024;400;51454\nA;01/01/2024;;51108\nA;01/01/2024;400;51454\nB;01/01/2024;1;51454\nB;02/01/2024;1;51108\n",
    )
    fields = "lignes: plusieurs par demande\ndemandes: {date_dépôt_initial: D, loyer_mensuel: L}\nchoix: {commune: C}\n"
    reading = read(path, fields)
    assert reading.tables is not None and reading.tables.choix is not None
    assert column(reading, "loyer_mensuel") == [400] and codes(reading) == ["FX5041", "FX5016", "FX5009"]
    assert reading.tables.choix["code_commune"].to_list() == ["51454", "51108"]
    single = read(path, "demandes: {date_dépôt_initial: D, loyer_mensuel: L}\n")
    assert "FX5015" in codes(single)


def test_identities_are_refused_or_left(tmp_path: Path) -> None:
    nir = "2850975123456"
    path = csv(tmp_path, f"N;D;X;Prénom\nA;01/01/2024;{nir};Zoé\n")
    left = read(path, "demandes: {date_dépôt_initial: D}")
    assert codes(left) == ["FX5042"] and left.tables is not None
    for bad in ("X", "Prénom"):
        reading = read(path, f"demandes: {{date_dépôt_initial: D, commune_résidence: {bad}}}")
        assert "FX5006" in codes(reading) and reading.tables is None
        assert not any(nir in d.message + d.help + d.place or "Zoé" in d.message for d in reading.diagnostics)
    assert "FX5006" in codes(read(path, "demandes: {date_dépôt_initial: D}", key="X"))


@pytest.mark.parametrize(
    ("name", "identity"),
    [("NOM", True), ("NomNaissance", True), ("prenom_1", True), ("NUM_SECU", True), ("e-mail", True), ("TEL_PORTABLE", True),
     ("NOM_COMMUNE", False), ("numero_unique", False), ("renommage", False), ("DATE_NAISSANCE", False), ("n° sécurité sociale", True)],
)  # fmt: skip
def test_names_of_identities(name: str, identity: bool) -> None:
    assert named_identity(name) is identity


def test_numbers_of_demandes_are_not_nirs() -> None:
    assert not looks_like_nir(pl.Series(["051092400000100001", "1110318016982G1104"]))
    assert looks_like_nir(pl.Series(["2 85 09 75 123 456 12", "1.85.09.2A.123.456"]))


def test_a_column_that_the_mapping_forgets_is_advised(tmp_path: Path) -> None:
    path = csv(tmp_path, "N;D;ESSENTIEL\nA;01/01/2024;O\n")
    assert codes(read(path, "demandes: {date_dépôt_initial: D}")) == ["FX5044"]
    assert codes(read(path, "demandes: {date_dépôt_initial: D}\nignorées: [ESSENTIEL]\n")) == []


def test_every_code_has_its_page() -> None:
    assert {f"FX50{n}" for n in range(30, 45)} <= set(pages())
