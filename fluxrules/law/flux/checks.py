"""The checks. A new one is a function in the file of its theme, its page in ``diagnostics/pages/8_flux_droit.yaml`` and its twins."""

from __future__ import annotations

from fluxrules.law.flux.candidates import check_delay_written, check_one_month, check_three
from fluxrules.law.flux.case import Check
from fluxrules.law.flux.endings import check_endings
from fluxrules.law.flux.objectives import check_coherence, check_objectives
from fluxrules.law.flux.parties import check_counterpart, check_holder, check_regime, check_unit
from fluxrules.law.flux.reach import check_own_reach
from fluxrules.law.flux.reporting import check_report_day
from fluxrules.law.flux.scales import check_scope, check_territory
from fluxrules.law.flux.signing import (
    check_calendar_year,
    check_duration,
    check_over,
    check_signatures,
    check_transmission,
)
from fluxrules.law.flux.state_places import check_outside_qpv, check_uniform
from fluxrules.law.flux.state_share import check_ceilings, check_relief, check_target
from fluxrules.law.flux.state_terms import check_content, check_delegation, check_public, check_termination
from fluxrules.law.flux.years import check_deliveries, check_yearly

ONE_BY_ONE: tuple[Check, ...] = (
    check_signatures,
    check_over,
    check_transmission,
    check_duration,
    check_calendar_year,
    check_holder,
    check_counterpart,
    check_regime,
    check_unit,
    check_scope,
    check_territory,
    check_ceilings,
    check_relief,
    check_target,
    check_outside_qpv,
    check_uniform,
    check_content,
    check_termination,
    check_delegation,
    check_public,
    check_delay_written,
    check_one_month,
    check_three,
    check_endings,
    check_coherence,
    check_objectives,
    check_own_reach,
    check_yearly,
    check_deliveries,
    check_report_day,
)
