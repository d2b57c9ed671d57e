// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/facts.h"

#include <QDesktopServices>
#include <QPushButton>
#include <QUrl>
#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

QString words(const std::string& text) { return text.empty() ? QStringLiteral("–") : QString::fromStdString(text); }

QString place_mm(const Eigen::Vector3d& p) {
    QString out;
    for (int i = 0; i < 3; ++i) {
        const long whole = std::lround(p[i]);
        out += QString::number(std::labs(whole)).prepend(whole < 0 ? QString(QChar(0x2212)) : QString());
        if (i < 2) out += QStringLiteral(", ");
    }
    return out;
}

QString side_words(Side side) {
    return QStringLiteral("%1 · %2").arg(QLatin1String(to_letter(side)), QLatin1String(to_word(side)));
}

void patient_facts(std::vector<Fact>& out, const SessionView& view) {
    out.push_back({QStringLiteral("Case"), words(view.case_code), {}});
    out.push_back({QStringLiteral("Visit"), QString::number(view.visit), {}});
    out.push_back({QStringLiteral("Pain"), words(view.pain), {}});
    out.push_back({QStringLiteral("Target side"), side_words(view.target_side), {}});
    out.push_back({QStringLiteral("Protocol"), QString::fromStdString(view.treatment.protocol.name), {}});
    if (view.simulated) out.push_back({QStringLiteral("Kind"), QStringLiteral("simulated patient"), {}});
}

void image_facts(std::vector<Fact>& out, const HeadModel* head) {
    if (head == nullptr) {
        out.push_back({QStringLiteral("Image"), QStringLiteral("not prepared yet"), {}});
        return;
    }
    const auto& d = head->t1.dims;
    const Eigen::Vector3d s = head->t1.spacing_mm();
    out.push_back({QStringLiteral("Voxels"), QStringLiteral("%1 × %2 × %3").arg(d[0]).arg(d[1]).arg(d[2]), {}});
    out.push_back({QStringLiteral("Spacing, mm"),
                   QStringLiteral("%1 × %2 × %3").arg(s.x(), 0, 'g', 3).arg(s.y(), 0, 'g', 3).arg(s.z(), 0, 'g', 3),
                   {}});
    out.push_back({QStringLiteral("Brain"), QStringLiteral("%1 ml").arg(std::lround(head->brain_volume_ml)), {}});
    out.push_back({QStringLiteral("Scalp"), QStringLiteral("%1 triangles").arg(head->scalp.triangles.size()), {}});
    out.push_back({QStringLiteral("Fiducials"), QStringLiteral("%1 proposed").arg(head->fiducials.size()), {}});
}

void target_facts(std::vector<Fact>& out, const Shown& shown) {
    const SessionView& view = shown.view;
    if (!view.target) {
        out.push_back({QStringLiteral("Target"), QStringLiteral("none yet"), {}});
        return;
    }
    const TargetRecord& target = *view.target;
    out.push_back({QStringLiteral("Target"), words(target.name), {}});
    out.push_back({QStringLiteral("Side"), side_words(target.side), {}});
    out.push_back({QStringLiteral("From"), words(target.source), {}});
    out.push_back({QStringLiteral("In the scan, mm"), place_mm(target.cortex.xyz), {}});
    if (target.cortex_mni) out.push_back({QStringLiteral("In MNI152, mm"), place_mm(target.cortex_mni->xyz), {}});
    const double deep = distance_mm(target.cortex, target.scan_from_coil.origin());
    out.push_back({QStringLiteral("Below the coil"), QStringLiteral("%1 mm").arg(deep, 0, 'f', 1), {}});
    if (const GuidanceView* g = shown.guidance; g != nullptr && view.step == Step::target) {
        const Deviation& d = g->deviation;
        out.push_back({QStringLiteral("Gap"), guidance_number(d.gap_mm) + QStringLiteral(" mm"), g->gap});
        out.push_back(
            {QStringLiteral("In plane"), guidance_number(d.in_plane_mm) + QStringLiteral(" mm"), g->in_plane});
        out.push_back({QStringLiteral("Tilt"), guidance_number(d.tilt_deg) + QStringLiteral("°"), g->tilt});
        out.push_back(
            {QStringLiteral("Twist"), guidance_number(std::abs(d.twist_deg)) + QStringLiteral("°"), g->twist});
    } else if (view.step == Step::target) {
        out.push_back({QStringLiteral("Coil"), QStringLiteral("no pose"), Grade::hidden});
    }
}

void session_facts(std::vector<Fact>& out, const SessionView& view) {
    const TreatmentView& t = view.treatment;
    out.push_back({QStringLiteral("Case"), words(view.case_code) + QStringLiteral(", visit %1").arg(view.visit), {}});
    out.push_back({QStringLiteral("Target"), words(view.target_name), {}});
    if (view.registration) {
        out.push_back({QStringLiteral("Registration"),
                       QStringLiteral("%1 mm").arg(view.registration->predicted_rms_mm, 0, 'f', 1),
                       grade_of_verdict(view.registration->verdict)});
    }
    if (view.threshold.rmt_mso > 0.0) {
        out.push_back({QStringLiteral("Threshold"),
                       QStringLiteral("%1 % MSO (%2–%3)")
                           .arg(std::lround(view.threshold.rmt_mso))
                           .arg(std::lround(view.threshold.low95_mso))
                           .arg(std::lround(view.threshold.high95_mso)),
                       {}});
    }
    const std::size_t given = t.pulses ? t.pulses->size() : 0;
    out.push_back({QStringLiteral("Pulses"), QStringLiteral("%1 of %2").arg(given).arg(t.protocol.pulses()),
                   given == static_cast<std::size_t>(std::max(0, t.protocol.pulses())) ? Grade::on : Grade::near});
    if (given > 0) {
        const auto within = std::count_if(t.pulses->begin(), t.pulses->end(),
                                          [](const DeliveredPulse& p) { return p.valid && p.grade == Grade::on; });
        const auto blind =
            std::count_if(t.pulses->begin(), t.pulses->end(), [](const DeliveredPulse& p) { return !p.valid; });
        out.push_back({QStringLiteral("On target"), QStringLiteral("%1 of %2").arg(within).arg(given), {}});
        out.push_back({QStringLiteral("Without a pose"), QString::number(blind), {}});
    }
    out.push_back(
        {QStringLiteral("Relief"), view.relief.empty() ? QStringLiteral("not asked yet") : words(view.relief), {}});
}

}  // namespace

std::vector<Fact> facts_of(const Shown& shown) {
    std::vector<Fact> out;
    switch (shown.view.step) {
        case Step::patient: patient_facts(out, shown.view); break;
        case Step::image: image_facts(out, shown.head); break;
        case Step::target: target_facts(out, shown); break;
        default: session_facts(out, shown.view); break;
    }
    return out;
}

std::vector<QString> warnings_of(const Shown& shown) {
    std::vector<QString> out;
    if (shown.view.step == Step::patient || shown.view.step == Step::target) {
        out.push_back(QStringLiteral("Confirm the side with the patient and the record."));
    }
    if ((shown.view.step == Step::image || shown.view.step == Step::patient) && shown.head != nullptr) {
        for (const auto& warning : shown.head->warnings) out.push_back(QString::fromStdString(warning));
    }
    return out;
}

void FactsPanel::present(const Shown& shown) {
    static constexpr const char* kTitles[kSteps] = {"Before you start", "Image",     "Registration", "Target",    "Map",
                                                    "Threshold",        "Treatment", "This visit",   "This visit"};
    Content next{QString::fromLatin1(kTitles[static_cast<std::size_t>(shown.view.step)]), facts_of(shown),
                 warnings_of(shown)};
    if (shown.view.step == Step::patient) {
        next.facts.clear();
        image_facts(next.facts, shown.head);
    } else if (shown.view.step == Step::review) {
        // The stage tells the visit; here is where it was aimed.
        next.title = QStringLiteral("Target");
        next.facts.clear();
        target_facts(next.facts, shown);
    }
    keep(content_, next);
}

void FactsPanel::draw(Ink& ink) {
    const Theme& t = theme();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    ink.text(16, 36, content_.title, {kHeadingPx, true, {}, Align::left, w() - 32});
    double y = 74;
    for (const Fact& fact : content_.facts) {
        const double name = ink.text(16, y, fact.name, {kBodyPx, false, t.muted, Align::left, 130});
        const double room = w() - 32 - name - 12 - (fact.grade ? 26 : 0);
        const bool fits = Ink::width(fact.value, kBodyPx, true) <= room;
        if (fits) {
            const double value = ink.text(w() - 16, y, fact.value, {kKeyPx, true, {}, Align::right, room});
            if (fact.grade) ink.mark(*fact.grade, {w() - 16 - value - 16, y - 6}, 16);
            y += 34;
        } else {
            y = ink.wrapped(28, y + 24, w() - 44, 22, fact.value, {kBodyPx, true, {}}) + 12;
        }
    }
    y += 6;
    for (const QString& warning : content_.warnings) {
        if (y > h() - 20) break;
        ink.mark(Grade::near, {25, y - 5}, 16);
        y = ink.wrapped(42, y, w() - 58, 21, warning, {kBodyPx, false, {}}) + 8;
    }
}

FactsStage::FactsStage(QWidget* parent)
    : Stage(parent), report_(new QPushButton(QStringLiteral("Open the report"), this)) {
    report_->setFocusPolicy(Qt::NoFocus);
    report_->hide();
    QObject::connect(report_, &QPushButton::clicked, this,
                     [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(content_.report)); });
}

void FactsStage::present(const Shown& shown) {
    Content next;
    next.headline = headline_of(shown);
    next.facts = facts_of(shown);
    const bool review = shown.view.step == Step::review;
    if (review) next.report = QString::fromStdString(shown.view.report_path);
    next.note = QString::fromStdString(shown.view.step_notes[static_cast<std::size_t>(shown.view.step)]);
    if (review && next.report.isEmpty() && next.note.isEmpty())
        next.note = QStringLiteral("The report is not written yet.");
    report_->setVisible(!next.report.isEmpty());
    keep(content_, next);
}

void FactsStage::look_changed() { place_button(); }

void FactsStage::resizeEvent(QResizeEvent* event) {
    Stage::resizeEvent(event);
    place_button();
}

void FactsStage::place_button() { report_->setGeometry(to_pixels({20, h() - 84, 240, 64})); }

void FactsStage::draw(Ink& ink) {
    const Theme& t = theme();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    draw_headline(ink, content_.headline, w());
    double y = 132;
    for (const Fact& fact : content_.facts) {
        ink.text(20, y, fact.name, {kHeadingPx, false, t.muted, Align::left, 200});
        double x = 236;
        if (fact.grade) {
            ink.mark(*fact.grade, {x + 11, y - 8}, 22);
            x += 34;
        }
        ink.text(x, y, fact.value, {kMidPx, true, {}, Align::left, w() - x - 20});
        ink.line({20, y + 20}, {w() - 20, y + 20}, t.line);
        y += 56;
    }
    if (!content_.note.isEmpty())
        ink.wrapped(20, std::max(y + 10, h() - 110), w() - 40, 26, content_.note, {kKeyPx, false, t.muted});
    if (!content_.report.isEmpty()) {
        ink.text(280, h() - 46, content_.report, {kBodyPx, false, t.muted, Align::left, w() - 300});
    }
}

}  // namespace precentral
