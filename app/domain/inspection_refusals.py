"""Why a command on an inspection is refused: see `app.domain.inspections`, and `improvement_plans` for three."""

from app.domain.refusals import Refusal


class InspectionNotOpened(
    Refusal, code="inspection-not-opened", rule="R46", remedy="Open the inspection first.", category="invalid"
):
    """There is no such inspection."""


class InspectionAlreadyOpened(
    Refusal, code="inspection-already-opened", rule="R46", remedy="Read the inspection as it stands."
):
    """This inspection was opened on {opened_on}, with other particulars."""


class LeadsAlready(
    Refusal,
    code="leads-already",
    rule="R48",
    remedy="Name another lead inspector or designation, or read the inspection as it stands.",
):
    """{lead_inspector} began to lead this inspection on {since}."""


class PartnershipUnknown(
    Refusal,
    code="partnership-unknown",
    rule="R46",
    remedy="Use the GSS code of a registered partnership.",
    category="invalid",
):
    """There is no partnership {partnership}."""


class NotThePartnershipsAreas(
    Refusal,
    code="not-the-partnerships-areas",
    rule="R46",
    remedy="Name one of the partnership's areas, or all of them.",
    category="invalid",
):
    """{partnership} serves {serves}; an inspection is of one of these areas or of all together."""


class AreaNotInspected(
    Refusal, code="area-not-inspected", rule="R46", remedy="Name an area of this inspection.", category="invalid"
):
    """{area} is not inspected here."""


class LinkInformationAlreadyContributed(
    Refusal,
    code="link-information-already-contributed",
    rule="R46",
    remedy="Note what has become known since as a development in the area.",
):
    """{inspector} contributed what they know about {area} on {contributed_on}."""


class NoDraftCirculated(
    Refusal, code="no-draft-circulated", rule="R46", remedy="The lead inspector circulates a draft of the report first."
):
    """No draft of the report has been circulated."""


class DraftAlreadyCirculated(
    Refusal, code="draft-already-circulated", rule="R46", remedy="Circulate the next draft under its own number."
):
    """Draft {draft} was circulated on {circulated_on}, with another last day for comments."""


class DraftAlreadyCommented(
    Refusal, code="draft-already-commented", rule="R46", remedy="Comment on the next draft, if there is one."
):
    """The partnership's comments on draft {draft} were recorded on {commented_on}."""


class AreaForImprovementUnknown(
    Refusal,
    code="area-for-improvement-unknown",
    rule="R47",
    remedy="Use the code of one of the report's areas for improvement.",
    category="invalid",
):
    """The report has no area for improvement {code}."""


class NoAreaForImprovement(
    Refusal,
    code="no-area-for-improvement",
    rule="R47",
    remedy="The lead inspector records first what the report wants improved.",
):
    """The report has no area for improvement yet."""


class AreaForImprovementAlreadyRecorded(
    Refusal,
    code="area-for-improvement-already-recorded",
    rule="R47",
    remedy="Correct it, with a reason, or use another code for another one.",
):
    """The area for improvement {code} is recorded already, as revision {revision}, and its words are not edited."""


class NothingToRepeat(
    Refusal,
    code="nothing-to-repeat",
    rule="R47",
    remedy="Name an inspection of the same partnership that was opened before, and a code of its report.",
    category="invalid",
):
    """No earlier inspection of this partnership has the area for improvement {code}."""


class InspectionReportAlreadyPublished(
    Refusal,
    code="inspection-report-already-published",
    rule="R47",
    remedy="Record a correction, or publish a further edition, with a reason.",
):
    """The report was published on {published_on}."""


class InspectionReportNotPublished(
    Refusal, code="inspection-report-not-published", rule="R47", remedy="Publish the report first."
):
    """The report has not been published."""


class CorrectionAlreadyRecorded(
    Refusal, code="correction-already-recorded", rule="R47", remedy="Use another code for another correction."
):
    """The correction {correction} was recorded on {corrected_on}."""


class EditionAlreadyPublished(
    Refusal, code="edition-already-published", rule="R47", remedy="Publish the next edition under its own number."
):
    """Edition {edition} was published on {published_on}, and what is recorded of it is not edited."""
