"""The files that areas return: small real PDFs, text and CSV, the same bytes each time they are made."""

from __future__ import annotations

from datetime import date
from typing import Final

from app.demo.steps import File

# The sources speak of a short list and name none of it: these are what such a list usually holds.
DOCUMENTS: Final = {
    "governance-structure": "Governance structure for social work and social care",
    "scheme-of-delegation": "Scheme of delegation",
    "cswo-annual-report": "Chief Social Work Officer's annual report",
    "quality-assurance-framework": "Quality assurance framework",
    "audit-results": "Results of the latest case file audits",
    "performance-reports": "Performance reports to committees",
    "supervision-policy": "Policy on professional supervision",
    "workforce-plan": "Workforce plan",
    "learning-and-development": "Learning and development plan",
    "risk-register": "Risk register for social work",
    "learning-from-reviews": "What was learned from reviews and complaints",
    "committee-minutes": "Minutes of the clinical and care governance committee",
}
"""Code → title."""
DISCLAIMER: Final = "Made for a demonstration; it says nothing about the area."


def returned(area: str, code: str, number: int, day: date) -> File:
    """File `number` of a document as an area returned it."""
    title = DOCUMENTS[code]
    lines = [title, area, f"Part {number}, {day.isoformat()}", DISCLAIMER]
    if code == "performance-reports" and number % 2 == 0:
        return File(f"{code}-{number}.csv", "text/csv", ("\r\n".join(["line", *lines]) + "\r\n").encode())
    if code == "committee-minutes" and number % 2 == 0:
        return File(f"{code}-{number}.txt", "text/plain", ("\n".join(lines) + "\n").encode())
    return File(f"{code}-{number}.pdf", "application/pdf", pdf(lines))


def survey_report(area: str) -> File:
    """An area's own report of the staff survey."""
    lines = ["Local report of the staff survey", area, DISCLAIMER]
    return File("local-survey-report.pdf", "application/pdf", pdf(lines))


def own_results(area: str) -> File:
    """An area's own results of the reading of records."""
    lines = ["Results of the record reading", area, DISCLAIMER]
    return File("record-reading.pdf", "application/pdf", pdf(lines))


def letter(area: str) -> File:
    """The validation letter to an area."""
    lines = ["Validation of the justice social work self-evaluation", area, DISCLAIMER]
    return File("validation-letter.pdf", "application/pdf", pdf(lines))


def pdf(lines: list[str]) -> bytes:
    """A one-page PDF of these lines."""
    shown = b" T* ".join(b"(%s) Tj" % _escaped(line) for line in lines)
    content = b"BT /F1 12 Tf 16 TL 72 770 Td %s ET" % shown
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    file = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    index = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return file + index + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))


def _escaped(line: str) -> bytes:
    return line.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
