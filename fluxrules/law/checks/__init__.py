"""The checks of one grid. A new one is a function here, its page in ``diagnostics/pages/7_loi.yaml`` and its twins."""

from __future__ import annotations

from fluxrules.law.case import Check
from fluxrules.law.checks.age import check_age
from fluxrules.law.checks.evidence import check_evidence
from fluxrules.law.checks.orientation import check_orientation
from fluxrules.law.checks.priorities import check_priorities
from fluxrules.law.checks.protected import check_protected
from fluxrules.law.checks.proxies import check_proxies
from fluxrules.law.checks.public import check_public
from fluxrules.law.checks.refusals import check_refusals
from fluxrules.law.checks.regional import check_regional
from fluxrules.law.checks.residence import check_residence
from fluxrules.law.checks.seniority import check_seniority
from fluxrules.law.checks.sne import check_sne
from fluxrules.law.checks.uniformity import check_uniformity
from fluxrules.law.checks.weights import check_weights
from fluxrules.law.checks.writings import check_writings

CHECKS: tuple[Check, ...] = (
    check_writings,
    check_public,
    check_priorities,
    check_uniformity,
    check_residence,
    check_protected,
    check_proxies,
    check_age,
    check_refusals,
    check_seniority,
    check_weights,
    check_orientation,
    check_evidence,
    check_regional,
    check_sne,
)
