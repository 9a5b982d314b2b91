"""What a disk, a folder, a file or another run may do to a large run: nothing partial, nothing lost, a clear message."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fluxrules.cotation.workplace import work_folder
from fluxrules.data.sne_xml import read_sne_xml
from tests.large import EXAMPLE, LOCAL, ROOT, untidy, write
from tests.params import mostly_slow
from tests.test_resume import ENV, HERE, files

GRIDS = {"a.yaml": EXAMPLE, "b.yaml": LOCAL}


def words(folder: Path, *more: str) -> list[str]:
    for name, text in GRIDS.items():
        (folder / name).write_text(text, "utf-8")
    return [sys.executable, str(ROOT / "tests" / "large_cli.py"), "score", *(str(folder / g) for g in GRIDS), "--date", "01/09/2026", *more]  # fmt: skip


def score(folder: Path, *more: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words(folder, *more), cwd=folder, env=ENV | (env or {}), text=True, capture_output=True, check=False
    )


def no_traceback(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr and "Erreur interne" not in done.stderr, done.stderr


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "d", untidy(), 3)


@pytest.mark.slow
def test_a_second_run_to_the_same_place_is_refused(tmp_path: Path, data: Path) -> None:
    first = subprocess.Popen(
        words(tmp_path, "--donnees", "d", "--sortie", "o"), cwd=tmp_path, env=ENV, stderr=-1, stdout=-1
    )
    lots = work_folder(tmp_path / "o") / "lots"
    while first.poll() is None and not lots.exists():
        time.sleep(0.005)
    first.send_signal(signal.SIGSTOP)  # held in the middle of its work
    try:
        second = score(tmp_path, "--donnees", "d", "--sortie", "o")
    finally:
        first.send_signal(signal.SIGCONT)
    assert second.returncode == 2 and "un autre calcul écrit déjà vers « o »" in second.stderr
    no_traceback(second)
    first.communicate(timeout=60)
    assert (
        first.returncode == 0 and (tmp_path / "o" / "recu.json").is_file() and not work_folder(tmp_path / "o").exists()
    )
    again = score(tmp_path, "--donnees", "d", "--sortie", "o")
    assert again.returncode == 2 and "existe déjà" in again.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Disks of some kilobytes; skipped where they may not be mounted."""
    mounted: list[Path] = []

    def mount(size: int) -> Path:
        place = tmp_path / f"disk{len(mounted)}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(place)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("no right to mount a disk")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk_keeps_what_was_there_and_what_is_done(
    tmp_path: Path, data: Path, small_disk: Callable[[int], Path]
) -> None:
    kept = set()
    for size in (16, 60, 200, 400):
        disk = small_disk(size)
        (disk / "o").mkdir()
        (disk / "o" / "recu.json").write_text("ancien")
        done = score(tmp_path, "--donnees", "d", "--sortie", str(disk / "o"), "--remplacer")
        assert done.returncode == 2 and "plus de place sur le disque" in done.stderr
        no_traceback(done)
        assert files(disk / "o") == {"recu.json": b"ancien"}
        resumable = work_folder(disk / "o").exists()
        kept.add(resumable)
        assert resumable == ("relancez la même commande" in done.stderr) != ("rien n'a été gardé" in done.stderr)
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        again = score(tmp_path, "--donnees", "d", "--sortie", str(disk / "o"), "--remplacer")
        assert again.returncode == 0 and ("Reprise" in again.stderr) == resumable
        assert [p.name for p in disk.iterdir()] == ["o"]
    assert kept == {False, True}


def test_a_read_only_folder_is_said(tmp_path: Path, data: Path) -> None:
    """As someone who may not write there; root may always."""
    place = tmp_path / "là"
    place.mkdir()
    place.chmod(0o555)
    prefix = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("no way to be someone else")
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        for folder in (tmp_path, *tmp_path.parents):
            if not folder.stat().st_mode & 0o005:
                folder.chmod(0o755)
    command = [*prefix, *words(tmp_path, "--donnees", "d", "--sortie", "là/o")]
    done = subprocess.run(command, cwd=tmp_path, env=ENV | {"HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
                          text=True, capture_output=True, check=False)  # fmt: skip
    if done.returncode != 2 and ("Permission" in done.stderr or "FX0001" in done.stderr):
        pytest.skip("nobody else may read the project, or the temporary folder")
    assert done.returncode == 2 and "l'écriture de « là/o » n'est pas permise" in done.stderr, done.stderr
    no_traceback(done)
    assert list(place.iterdir()) == []


def flipped(at: float) -> Callable[[bytes], bytes]:
    def flip(held: bytes) -> bytes:
        first = int(len(held) * at)
        return held[:first] + bytes(255 - b for b in held[first : first + 60]) + held[first + 60 :]

    return flip


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut in the middle": lambda held: held[: len(held) // 2],
    "without its end": lambda held: held[:-9],
    "empty": lambda _: b"",
    "flipped at the beginning": flipped(0.001),
    "zeros": lambda held: held[:4] + bytes(len(held) // 2) + held[4 + len(held) // 2 :],
}


@pytest.mark.parametrize("damage", mostly_slow(DAMAGE, ["cut in the middle", "zeros"]))
@pytest.mark.parametrize("where", ["demandes/00001.parquet", "choix/00002.parquet", "membres/00001.parquet"])
def test_a_damaged_part_is_named(damage: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fluxrules.cotation.to_folder import UnreadError
    from fluxrules.data.read import read_tables
    from fluxrules.vocabulary.load import standard_vocabulary
    from tests.large import DAY, SMALL, set_constants
    from tests.test_resume import run

    data = write(tmp_path / "d", untidy(), 3)
    file = data / where
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    for constants in ({}, {"LARGEST_PART": 100}):
        set_constants(SMALL | HERE | constants, monkeypatch.setattr)
        from fluxrules.data.parts import find_parts

        if find_parts(data) is None:  # seen at once: read as any other folder, which says why
            assert "FX5001" in [d.code for d in read_tables(data, standard_vocabulary(), DAY).diagnostics]
            continue
        with pytest.raises(UnreadError) as raised:
            run(data, tmp_path / "o")
        (said,) = [d for d in raised.value.diagnostics if d.code == "FX5001"]
        assert where.partition("/")[0] in said.place and "abîmé" in said.message
        assert not (tmp_path / "o").exists()


@pytest.mark.slow
def test_a_damaged_part_from_the_command_line(tmp_path: Path, data: Path) -> None:
    file = data / "demandes" / "00001.parquet"
    file.write_bytes(flipped(0.08)(file.read_bytes()))
    done = score(tmp_path, "--donnees", "d", "--sortie", "o")
    assert done.returncode == 2 and "FX5001" in done.stderr and "demandes/00001.parquet" in done.stderr
    assert "rien n'a été calculé" in done.stderr and not (tmp_path / "o").exists()
    no_traceback(done)


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)) + "]>"
)
BOMBS = {
    "billion laughs": f"<?xml version='1.0'?>{LAUGHS}<interfaceNuu>&a11;</interfaceNuu>",
    "quadratic": f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a \"{'A' * 100_000}\">]><interfaceNuu>{'&a;' * 100_000}</interfaceNuu>",
    "external": "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><interfaceNuu>&a;</interfaceNuu>",
    "external subset": "<?xml version='1.0'?><!DOCTYPE x SYSTEM 'http://127.0.0.1:1/x.dtd'><interfaceNuu/>",
    "deep": "<?xml version='1.0'?>" + "<a>" * 200_000,
}


@pytest.mark.parametrize("bomb", mostly_slow(BOMBS, ["billion laughs"]))
def test_an_xml_bomb_is_refused_at_once(bomb: str, tmp_path: Path) -> None:
    file = tmp_path / "d.xml"
    file.write_text(BOMBS[bomb], "utf-8")
    start = time.monotonic()
    found = read_sne_xml([file])
    assert found.diagnostics and found.diagnostics[0].help and time.monotonic() - start < 5
    assert not len(found.tables.demandes) and "root:" not in str(found.diagnostics)
    done = score(tmp_path, "--donnees", "d.xml", "--sortie", "o")
    assert done.returncode == 2 and not (tmp_path / "o").exists() and "FX50" in done.stderr
    no_traceback(done)


@pytest.mark.parametrize("quoted", mostly_slow([False, True], [True]))
def test_a_line_of_100_megabytes_is_refused(quoted: bool, tmp_path: Path) -> None:
    quote = b'"' if quoted else b""
    with (tmp_path / "demandes.csv").open("wb") as f:
        f.write(b"numero_unique;date_depot_initial;mode_logement_actuel\nA;01/02/2025;" + quote)
        for _ in range(100):
            f.write(b"x" * 1_000_000)
        f.write(quote + b"\nB;01/02/2025;CP\n")
    done = score(tmp_path, "--donnees", "demandes.csv", "--tous", "--sortie", "o")
    no_traceback(done)
    assert done.returncode == 2 and "ligne 2" in done.stderr and not (tmp_path / "o").exists()
    assert len(done.stderr) < 3000


FULL = f"""
import builtins, errno, io, os, sys
sys.path.insert(0, {str(ROOT)!r})
left = int(os.environ["WRITES"])
def hook(event, args):
    global left
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wxa") and ".en-cours" in str(args[0]):
        left -= 1
        if left < 0: raise OSError(errno.ENOSPC, "No space left on device", str(args[0]))
    if event in ("os.mkdir", "os.rename", "os.link") and ".en-cours" in str(args[0]):
        left -= 1
        if left < 0: raise OSError(errno.ENOSPC, "No space left on device", str(args[0]))
sys.addaudithook(hook)
from tests.large import set_constants, SMALL
from fluxrules.commands.main import main
set_constants(SMALL | {HERE!r})
sys.argv = ["fluxrules", *sys.argv[1:]]
main()
"""


@pytest.mark.slow
def test_a_disk_that_fills_up_at_any_write(tmp_path: Path, data: Path) -> None:
    """At each folder made, file opened by us, move or link."""
    assert errno.ENOSPC == 28
    given = words(tmp_path, "--donnees", "d", "--sortie", "o")[2:]
    for writes in [*range(0, 12, 2), *range(12, 60, 7)]:
        done = subprocess.run([sys.executable, "-c", FULL, *given], cwd=tmp_path, env=ENV | {"WRITES": str(writes)},
                              text=True, capture_output=True, check=False)  # fmt: skip
        no_traceback(done)
        if done.returncode == 0:
            break
        assert done.returncode == 2 and "place sur le disque" in done.stderr
        assert not (tmp_path / "o").exists()
        assert work_folder(tmp_path / "o").exists() == ("est gardé" in done.stderr)
        shutil.rmtree(work_folder(tmp_path / "o"), ignore_errors=True)
    receipt = json.loads((tmp_path / "o" / "recu.json").read_text("utf-8")) if done.returncode == 0 else {}
    assert done.returncode or receipt["comptes"]["demandes rejetées"] == 12
