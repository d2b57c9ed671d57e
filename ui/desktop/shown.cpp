// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/shown.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

bool seen(const ToolView& tool) { return tool.state == ToolState::visible; }

QString tool_happened(const QString& name, const ToolView& tool) {
    switch (tool.state) {
        case ToolState::hidden: return QStringLiteral("The camera lost sight of the %1.").arg(name);
        case ToolState::out_of_volume:
            return QStringLiteral("The %1 is outside the volume the camera can measure.").arg(name);
        case ToolState::frozen:
            return QStringLiteral("The tracking device repeats one pose of the %1; that is no measurement.").arg(name);
        case ToolState::missing: return QStringLiteral("The tracking device does not report the %1.").arg(name);
        case ToolState::visible: break;
    }
    return {};
}

QString tool_todo(const QString& name, const ToolView& tool) {
    switch (tool.state) {
        case ToolState::hidden: return QStringLiteral("Clear the view between camera and %1.").arg(name);
        case ToolState::out_of_volume: return QStringLiteral("Bring the %1 back in front of the camera.").arg(name);
        case ToolState::frozen: return QStringLiteral("Start the camera's program again.");
        case ToolState::missing:
            return QStringLiteral("Switch the %1's marker on, or check its name in the camera's program.").arg(name);
        case ToolState::visible: break;
    }
    return {};
}

void tool_lost(Tracking& out, Missing missing, const QString& name, const ToolView& tool) {
    const QString capital = name.left(1).toUpper() + name.mid(1);
    out.missing = missing;
    out.seconds = tool.hidden_s;
    out.title = tool.state == ToolState::out_of_volume ? QStringLiteral("%1 out of range").arg(capital)
                : tool.state == ToolState::frozen      ? QStringLiteral("%1 frozen").arg(capital)
                : tool.state == ToolState::missing     ? QStringLiteral("%1 missing").arg(capital)
                                                       : QStringLiteral("%1 hidden").arg(capital);
    out.happened = tool_happened(name, tool);
    out.todo = tool_todo(name, tool);
}

}  // namespace

Tracking tracking_of(const SessionView& view, SteadyTime now) {
    Tracking out;
    const bool any_frame = view.frame_received != SteadyTime{};
    const double age_s = any_frame ? seconds_between(view.frame_received, now) : 0.0;
    out.fresh = any_frame && age_s <= kOldestPose_s;

    const bool uses_head = view.step == Step::registration || view.step == Step::target || view.step == Step::map ||
                           view.step == Step::threshold || view.step == Step::treat;
    if (!uses_head) return out;

    if (view.link != LinkState::connected) {
        out.missing = Missing::link;
        out.seconds = age_s;
        out.title =
            view.link == LinkState::connecting ? QStringLiteral("Tracker connecting") : QStringLiteral("Tracker lost");
        out.happened = view.link_why.empty() ? QStringLiteral("The tracking device does not answer.")
                                             : QString::fromStdString(view.link_why);
        out.todo = QStringLiteral("Check that the camera is on and its cable is in.");
        return out;
    }
    if (!out.fresh) {
        out.missing = Missing::frames;
        out.seconds = age_s;
        out.title = QStringLiteral("Tracker silent");
        out.happened = any_frame ? QStringLiteral("The camera is connected, but no new frame arrives.")
                                 : QStringLiteral("The camera is connected, but has sent no frame yet.");
        out.todo = QStringLiteral("Check that the camera is tracking and its cable is in.");
        return out;
    }
    if (!seen(view.head)) {
        tool_lost(out, Missing::head, QStringLiteral("head reference"), view.head);
        return out;
    }
    if (view.step == Step::registration) {
        if (!seen(view.stylus)) tool_lost(out, Missing::stylus, QStringLiteral("stylus"), view.stylus);
        return out;
    }
    if (!view.registration) {
        out.missing = Missing::registration;
        out.title = QStringLiteral("Not registered yet");
        out.todo = QStringLiteral("Register the head first.");
        return out;
    }
    if (view.step != Step::target && !seen(view.coil)) {
        tool_lost(out, Missing::coil, QStringLiteral("coil"), view.coil);
        out.todo = QString(out.todo).chopped(1) + QStringLiteral(", then bring the coil back on target.");
        return out;
    }
    if (!view.target) {
        out.missing = Missing::target;
        out.title = QStringLiteral("No target yet");
        out.todo = QStringLiteral("Choose the target first.");
        return out;
    }
    if (view.step == Step::treat && !view.guidance) {
        out.missing = Missing::guidance;
        out.seconds = age_s;
        out.title = QStringLiteral("Coil not placed");
        out.happened = QStringLiteral("Head and coil are seen, but the coil's place on the head is not known.");
        out.todo = QStringLiteral("Check the coil's calibration, then bring the coil back on target.");
    }
    return out;
}

Shown shown_of(const SessionView& view, SteadyTime now, bool turned, const HeadModel* head) {
    Shown out{view, now, tracking_of(view, now), nullptr, turned, head};
    if (view.guidance && out.tracking.fresh && view.link == LinkState::connected && seen(view.head) &&
        seen(view.coil)) {
        out.guidance = &*view.guidance;
    }
    return out;
}

QString guidance_number(double value) {
    if (!std::isfinite(value)) return QStringLiteral("–");
    const double size = std::abs(value);
    if (size >= 99.5) return QStringLiteral("far");
    const bool decimal = size < 9.95;
    QString text = QString::number(size, 'f', decimal ? 1 : 0);
    if (value < 0.0 && text != QStringLiteral("0.0")) text.prepend(QChar(0x2212));
    return text;
}

QString clock_text(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0.0) return QStringLiteral("–");
    const long whole = std::lround(std::ceil(seconds - 1e-9));
    return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

QString age_text(double seconds) {
    if (seconds < 60.0) return QStringLiteral("just now");
    const long minutes = std::lround(std::floor(seconds / 60.0));
    if (minutes < 120) return QStringLiteral("%1 min ago").arg(minutes);
    return QStringLiteral("%1 h ago").arg(minutes / 60);
}

Grade grade_of_field(double percent) {
    if (percent <= 0.0) return Grade::hidden;
    return percent >= 95.0 ? Grade::on : percent >= 85.0 ? Grade::near : Grade::off;
}

Grade grade_of_check(RecheckVerdict verdict) {
    switch (verdict) {
        case RecheckVerdict::fine: return Grade::on;
        case RecheckVerdict::touch_again: return Grade::near;
        case RecheckVerdict::register_again:
        case RecheckVerdict::reference_slipped: break;
    }
    return Grade::off;
}

Grade grade_of_verdict(const std::string& verdict) {
    return verdict == "good" ? Grade::on : verdict == "fair" ? Grade::near : Grade::off;
}

}  // namespace precentral
