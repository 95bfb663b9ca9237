"""Why a command on a risk summary is refused: see `app.domain.risk_summaries`."""

from app.domain.refusals import Refusal


class RiskSummaryNotDrafted(
    Refusal, code="risk-summary-not-drafted", rule="§8", remedy="The link inspector drafts one first."
):
    """No risk summary of this area and year was drafted."""


class RiskSummaryVersionAlreadyDrafted(
    Refusal,
    code="risk-summary-version-already-drafted",
    rule="R39",
    remedy="Draft the next version; what was drafted is not edited.",
):
    """Version {version} was drafted on {drafted_on}."""


class RiskThemeNamedTwice(
    Refusal,
    code="risk-theme-named-twice",
    rule="R39",
    remedy="State each theme once, at the higher level, and tell more in the summary.",
    category="invalid",
):
    """Two risks are of the theme {theme}."""


class RiskSummaryVersionNotCurrent(
    Refusal,
    code="risk-summary-version-not-current",
    rule="§8",
    remedy="Read the current version and decide on that.",
):
    """Version {version} is not the current one, which is {current}."""


class RiskSummaryAlreadyPutForward(
    Refusal,
    code="risk-summary-already-put-forward",
    rule="§8",
    remedy="The service manager decides on it; revise it as the next version, if it is to be another.",
):
    """Version {version} was put forward on {put_forward_on}."""


class RiskSummaryNotPutForward(
    Refusal, code="risk-summary-not-put-forward", rule="§8", remedy="The link inspector puts it forward first."
):
    """Version {version} was not put forward for approval."""


class RiskSummaryAlreadyDecided(
    Refusal,
    code="risk-summary-already-decided",
    rule="§8",
    remedy="The link inspector drafts the next version and puts that forward.",
):
    """Version {version} was {decision} on {decided_on}."""


class RiskSummaryNotShared(
    Refusal,
    code="risk-summary-not-shared",
    rule="§8",
    remedy="Withdraw the version that is shared, if there is one; what was not approved is shown to nobody.",
):
    """{version} is not shared with partners."""
