"""Where a convention applies: the whole département, or the territory of the collectivité itself (TRAP-07)."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case
from fluxrules.model.flux.values import LOCAL
from fluxrules.vocabulary.territoires import nom_territoire

_OWN = {
    "commune": ("commune",),
    "epci": ("epci",),
    "département": ("département",),
    # One convention a département is a part of its territory; the whole of it is one too.
    "région": ("région", "département"),
}
_LAND = "apport de terrain"


def check_scope(case: Case) -> Iterator[Found]:
    """Others than collectivités: all the dwellings of the bailleur in the département, no list of programmes."""
    exempt = case.law.get("FLUX-STOCK-EXEMPT")
    spared = case.kind in LOCAL or case.kind == "établissement public local"
    if case.law.get("FLUX-CONV-SCOPE") is None or spared or (exempt and case.kind in exempt.words("services")):
        return
    if case.convention.scale.kind != "département":
        yield Found("FLUX-CONV-SCOPE", "FX8103", "La convention ne porte pas sur tout le département.", case.at("échelle"),
                    "Écrivez « échelle: {département: …} » : seules les collectivités ont une échelle locale.")  # fmt: skip
    for right in case.running:
        if right.programmes and right.counterpart != _LAND:
            yield Found("FLUX-CONV-SCOPE", "FX8103", f"« {right.name} » ne porte que sur {len(right.programmes)} programme(s).", right.place,
                        "Retirez la liste « programmes » : la part porte sur tout le patrimoine du bailleur.")  # fmt: skip


def check_territory(case: Case) -> Iterator[Found]:
    """A collectivité on its own territory, not on that of another nor on the whole département."""
    own = _OWN.get(case.kind)
    if own is None or case.law.get("FLUX-CONV-LOCAL") is None:
        return
    scale, holder = case.convention.scale, case.convention.reservataire
    wrong = scale.kind not in own or (case.kind == "commune" and len(scale.codes) > 1)
    if wrong:
        yield Found("FLUX-CONV-LOCAL", "FX8104", f"La convention de « {holder.name} » ({case.kind}) porte sur un autre territoire que le sien.", case.at("échelle"),
                    f"Écrivez « échelle: {{{own[0]}: …}} », avec le code de ce réservataire.", also=("FLUX-DEPT-REGION",))  # fmt: skip
    elif case.kind == "epci" and holder.siren and holder.siren not in scale.codes:
        name = nom_territoire(scale.codes[0]) or scale.codes[0]
        yield Found("FLUX-CONV-LOCAL", "FX8104", f"La convention porte sur « {name} », et le réservataire est « {holder.name} ».", case.at("échelle"),
                    "Mettez le même SIREN au réservataire et à l'échelle.")  # fmt: skip
