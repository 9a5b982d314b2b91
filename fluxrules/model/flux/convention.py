"""A convention file → a ``Convention``. All errors of the file come out of one run; there is a convention only when none is an error."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.language.numbers import read_date
from fluxrules.model.days import read_day
from fluxrules.model.flux import values as v
from fluxrules.model.flux.conditions import read_condition
from fluxrules.model.flux.partial import readable
from fluxrules.model.flux.shares import read_share
from fluxrules.model.flux.written import (
    days,
    delay,
    inside,
    number,
    objectives,
    party,
    percent,
    scale,
    text,
    texts,
    validity,
    whole,
    yes,
)
from fluxrules.model.shapes import validate_whole

ONCE = "bailleur pour un tour"
AGENTS = "dont agents civils et militaires de l'État"


def read_convention(tree: Mapping, bag: Bag) -> v.Convention | None:
    """Read the tree of a file with the key « convention »."""
    if not validate_whole(tree, bag, "la convention", "convention"):
        _read_blocks(readable(tree, "convention"), bag)
        return None
    before = len(bag.items)
    period = validity(tree.get("en vigueur"), bag)
    bailleur, holder = party(tree.get("bailleur"), "bailleur"), party(tree.get("réservataire"))
    where = scale(tree.get("échelle"), bag)
    terms = read_terms(tree, bag)
    found = (
        _relief(tree.get("dérogation préfectorale"), bag),
        tuple(a for node in _items(tree.get("avenants")) if (a := _amendment(node, bag)) is not None),
        read_day(tree.get("transmise au préfet le"), bag),
        read_day(tree.get("résiliée le"), bag),
        days(tree.get("signée le"), bag),
        _parts(inside(tree.get("réservataire"), "se divise en"), bag),
    )
    name = tree.key("convention")
    if period is None or bailleur is None or holder is None or where is None or name is None:
        return None
    _contradictions(tree, terms, period, found[1], bag)
    if any(d.severity.label == "erreur" for d in bag.items[before:]):
        return None
    return v.Convention(
        text(tree.get("convention")), text(tree.get("nature")), text(tree.get("titre")), bailleur, holder, where,
        period[0], period[1], terms, found[4], found[2], found[3], text(tree.get("renouvellement")) or None,
        text(tree.get("régime")) or "flux", texts(tree.get("logements désignés")), found[5], found[0],
        _delegation(tree.get("délégation")), found[1], text(tree.get("arrêté du préfet")), name.span, tree,
    )  # fmt: skip


def _read_blocks(tree: Mapping, bag: Bag) -> None:
    """What can be said of the blocks alone, where the structure has a defect elsewhere."""
    validity(tree.get("en vigueur"), bag)
    scale(tree.get("échelle"), bag)
    read_terms(tree, bag)
    _relief(tree.get("dérogation préfectorale"), bag)
    for node in _items(tree.get("avenants")):
        _amendment(node, bag)
    for key in ("transmise au préfet le", "résiliée le"):
        read_day(tree.get(key), bag)
    days(tree.get("signée le"), bag)
    _parts(inside(tree.get("réservataire"), "se divise en"), bag)


def read_terms(tree: Mapping, bag: Bag) -> v.Terms:
    """What a convention, or the block « remplace » of an avenant, says."""
    outside = tree.key("hors QPV")
    carried = tree.get("report")
    rights = tuple(_reservation(i, at, bag) for at, i in enumerate(_items(tree.get("réservations")), 1))
    rates, key = _by_commune(tree.get("par commune"), bag), tree.key("par commune")
    if key is not None and rates and rights and all(_of_nothing(r.share) for r in rights):
        bag.add("FX8013", "Des communes ont un taux, et les parts de la convention sont de 0 % : rien ne dit de quelle réservation est ce taux.", key.span,
                "Écrivez la part de la réservation, ou un territoire plus petit, et retirez « par commune ».")  # fmt: skip
    return v.Terms(
        reservations=rights,
        outside_qpv=percent(tree.get("hors QPV"), bag, "La part hors QPV"),
        by_commune=rates,
        contrary=tuple(_contrary(i, bag) for i in _items(tree.get("stipulations contraires"))),
        management=text(tree.get("gestion")) or None,
        delay=delay(tree.get("délai de désignation")),
        delay_from=text(tree.get("départ du délai")) or None,
        silence=text(tree.get("silence")) or None,
        fallback=texts(tree.get("à défaut de candidat")),
        candidates=whole(tree.get("candidats")),
        new_candidates=delay(tree.get("nouveaux candidats")),
        counted=text(tree.get("compté")) or None,
        counts=_counts(tree.get("décompte")),
        taken_back={"pour une location": True, "non": False}.get(text(tree.get("reprise par le bailleur"))),
        carry_over=v.CarryOver(text(inside(carried, "solde")) == "reporté", whole(inside(carried, "au plus")), whole(inside(carried, "pendant")))
        if carried is not None else None,
        rounding=text(tree.get("arrondi")) or None,
        deliveries=text(tree.get("livraisons")) or None,
        objectives=objectives(tree.get("objectifs"), bag),
        coherent_with=text(tree.get("cohérence")) or None,
        report=_report(tree.get("bilan"), bag),
        outside_qpv_place=outside.span if outside else None,
    )  # fmt: skip


def _reservation(node: Mapping, at: int, bag: Bag) -> v.Reservation:
    share = read_share(node.get("part"), text(node.get("base")), bag)
    place = node.entries[0].key.span
    subs: list[v.SubShare] = []
    agents = percent(node.get(AGENTS), bag, "La part des agents")
    key = node.key(AGENTS)
    if key is not None and agents is not None:
        subs.append(v.SubShare("agents civils et militaires de l'État", agents, agents=True, place=key.span))
    elif key is not None:
        bag.add("FX8002", "La part des agents de l'État est une part du flux.", key.span, "Écrivez « 5 % du flux ».")
    for item in _items(node.get("dont")):
        rate = percent(item.get("part"), bag, "Cette sous-part")
        if rate is None:
            bag.add(
                "FX8002",
                f"« {text(item.get('part'))} » n'est pas une sous-part.",
                item.entries[0].key.span,
                "Écrivez « 10 % du flux ».",
            )
            continue
        firm = yes(item.get("au moins"))
        subs.append(v.SubShare(text(item.get("nom")), rate, read_condition(item.get("si"), bag), firm is not False,
                               place=item.entries[0].key.span))  # fmt: skip
    held = node.key("au plus du programme")
    if held is not None and node.get("programmes") is None:
        bag.add("FX8006", "« au plus du programme » ne dit pas de quel programme.", held.span,
                "Ajoutez « programmes: [nom du programme] ».")  # fmt: skip
    if (
        share is not None
        and share.kind == "part"
        and share.value >= 0
        and sum((s.value for s in subs), Fraction(0)) > max([share.value, *(x for _, x in share.steps)])
    ):
        bag.add("FX8006", "Les sous-parts dépassent la part qu'elles divisent.", place,
                "Une sous-part se compte dans le flux, comme la part : 5 % du flux sont dans les 30 %.")  # fmt: skip
    since, until = read_day(node.get("du"), bag), read_day(node.get("au"), bag)
    if since is not None and until is not None and until < since:
        bag.add("FX3016", "Cette période finit avant de commencer.", place, "Échangez « du » et « au ».")
    return v.Reservation(
        text(node.get("nom")) or f"réservation {at}",
        share or v.Share("part", Fraction(0), place=place),
        text(node.get("au titre de")), tuple(subs), read_condition(node.get("si"), bag), texts(node.get("prêts")),
        read_day(node.get("remboursement total"), bag), since, until,
        texts(node.get("programmes")),
        percent(node.get("au plus du programme"), bag, "Cette part"), place,
    )  # fmt: skip


def _report(node: Node | None, bag: Bag) -> v.Report | None:
    if not isinstance(node, Mapping):
        return None
    key, written = node.key("avant le"), text(node.get("avant le"))
    before: tuple[int, int] | None = None
    if key is not None:
        day, _, month = written.partition("/")
        before = int(day), int(month)
        if read_date(f"{before[0]:02}/{before[1]:02}/2024") is None:
            bag.add("FX1003", f"Le jour {written} n'existe pas.", key.span, "Écrivez un jour et un mois : 28/02.")
    tolerance = text(node.get("tolérance"))
    return v.Report(before, texts(node.get("destinataires")), number(node.get("tolérance")),
                    ("points" if "point" in tolerance else "logements") if tolerance else "", node.entries[0].key.span)  # fmt: skip


def _of_nothing(share: v.Share) -> bool:
    return share.kind == "part" and share.value == 0 and not share.steps and not share.inputs


def _by_commune(node: Node | None, bag: Bag) -> dict[str, Fraction] | None:
    if isinstance(node, Scalar):
        return {}
    if not isinstance(node, Mapping):
        return None
    return {e.key.text: rate for e in node if (rate := percent(e.value, bag, "Cette part")) is not None}


def _contrary(node: Mapping, bag: Bag) -> v.Contrary:
    return v.Contrary(text(node.get("sur")), text(node.get("article")), percent(node.get("taux"), bag, "Ce taux"), node.entries[0].key.span)  # fmt: skip


def _relief(node: Node | None, bag: Bag) -> v.Relief | None:
    period = validity(node, bag)
    if not isinstance(node, Mapping) or period is None or period[1] is None:
        return None
    return v.Relief(text(node.get("acte")), text(node.get("motif")), period[0], period[1], percent(node.get("part"), bag, "Cette part"),
                    percent(node.get("agents"), bag, "Cette part"), node.entries[0].key.span)  # fmt: skip


def _delegation(node: Node | None) -> v.Delegation | None:
    if not isinstance(node, Mapping):
        return None
    return v.Delegation(text(node.get("à")), text(node.get("acte")), yes(node.get("avec les agents")), text(node.get("évaluation")) or None,
                        text(node.get("retrait")) or None, node.entries[0].key.span)  # fmt: skip


def _amendment(node: Mapping, bag: Bag) -> v.Amendment | None:
    period, block = validity(node.get("en vigueur"), bag), node.get("remplace")
    if period is None or not isinstance(block, Mapping):
        return None
    return v.Amendment(text(node.get("numéro")), days(node.get("signé le"), bag), period[0], period[1], read_terms(block, bag),
                       block.names(), node.entries[0].key.span)  # fmt: skip


def _parts(node: Node | None, bag: Bag) -> tuple[v.Part, ...]:
    found = tuple(
        v.Part(text(i.get("code")), text(i.get("nom")), rate)
        for i in _items(node)
        if (rate := percent(i.get("part"), bag, "Cette part")) is not None
    )
    if found and node is not None and sum((p.share for p in found), Fraction(0)) != 1:
        bag.add(
            "FX8006", "Les parts du réservataire ne font pas 100 %.", node.span, "Corrigez-les : leur somme est 100 %."
        )
    return found


def _counts(node: Node | None) -> dict[str, bool]:
    return (
        {e.key.text: answer for e in node if (answer := yes(e.value)) is not None} if isinstance(node, Mapping) else {}
    )


def _contradictions(
    tree: Mapping, terms: v.Terms, period: tuple[date, date | None], amendments: tuple[v.Amendment, ...], bag: Bag
) -> None:
    name = tree.key("convention")
    assert name is not None
    regime = text(tree.get("régime")) or "flux"
    if regime == "flux" and not terms.reservations:
        bag.add(
            "FX3003",
            "La convention n'a pas de réservation.",
            name.span,
            "Ajoutez « réservations: », et un tiret par réservation.",
        )
    key = tree.key("logements désignés")
    if regime in ("stock", "mixte") and key is None:
        bag.add(
            "FX3003",
            f"Une convention en {regime} nomme ses logements.",
            name.span,
            "Ajoutez « logements désignés: [programme ou identifiant] ».",
        )
    if regime == "flux" and key is not None:
        bag.add(
            "FX8006",
            "Une convention en flux ne désigne pas de logements.",
            key.span,
            "Écrivez « régime: stock » ou « régime: mixte », ou retirez la liste.",
        )
    kept = tree.key("reprise par le bailleur")
    if kept is not None and terms.taken_back is False and ONCE in terms.fallback:
        bag.add("FX8006", f"« reprise par le bailleur: non », et « {ONCE} » est dans « à défaut de candidat ».", kept.span,
                "Retirez l'un des deux.")  # fmt: skip
    previous = period[0]
    for change in amendments:
        signed = max(change.signed.values(), default=None)
        if signed is not None and change.since < signed:
            bag.add("FX8007", f"L'avenant {change.number} vaut avant d'être signé.", change.place,
                    "Un avenant n'est pas rétroactif : faites-le commencer à sa signature.")  # fmt: skip
        if change.since < previous:
            bag.add(
                "FX3016",
                f"L'avenant {change.number} commence avant ce qu'il modifie.",
                change.place,
                "Rangez les avenants par date.",
            )
        previous = change.since


def _items(node: Node | None) -> list[Mapping]:
    return [i for i in node.items if isinstance(i, Mapping)] if isinstance(node, Sequence) else []
