// SPDX-License-Identifier: Apache-2.0
// The figures of relief over patients, sessions and years.
#include <QPainterPath>
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "data/cohort/table_file.h"
#include "ui/report/canvas.h"
#include "ui/report/cohort_plots.h"

namespace precentral {
namespace {

using namespace cohort;

std::string basis_words(const Basis& basis) {
    std::string out =
        basis.method + ". n " + std::to_string(basis.n) + ", missing " + std::to_string(basis.missing) + ".";
    out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
    for (const std::string& line : basis.exclusions) out += " Left out: " + line + ".";
    if (!basis.reason.empty()) out += " Note: " + basis.reason + ".";
    return out;
}

const QColor kClassColours[] = {ink::kPaper, QColor(0xb5, 0xd6, 0xc8), QColor(0x5f, 0xa8, 0x8c),
                                QColor(0x15, 0x6b, 0x4f)};
const char* kClassNames[] = {"under 10 %", "10 to 29 %", "30 to 49 %", "50 % and above"};
const QColor kCurveColours[] = {ink::kText, ink::kLeft, ink::kRight, ink::kHidden};

// A curve of steps from the left edge to `until`.
QPainterPath steps(const PlotAxes& axes, const std::vector<std::pair<double, double>>& points, double begin,
                   double until) {
    QPainterPath path;
    path.moveTo(axes.x(axes.x_low), axes.y(begin));
    double value = begin;
    for (const auto& [x, y] : points) {
        path.lineTo(axes.x(x), axes.y(value));
        path.lineTo(axes.x(x), axes.y(y));
        value = y;
    }
    path.lineTo(axes.x(until), axes.y(value));
    return path;
}

std::vector<double> ticks_to(double high, int most) {
    double step = 1.0;
    for (const double nice : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0}) {
        step = nice;
        if (high / step <= most) break;
    }
    std::vector<double> out;
    for (double v = 0.0; v <= high + 1e-9; v += step) out.push_back(v);
    return out;
}

}  // namespace

CohortFigure incidence_figure(const CumulativeIncidence& c, const SurvivalCurve& any,
                              const std::array<std::string, 2>& names) {
    CohortFigure out;
    out.file = "incidence";
    out.title = "How long does the response last?";
    out.subtitle = std::to_string(c.basis.n) + " responders, clock starts at the end of the test period";
    out.footer = basis_words(c.basis) +
                 " Limits 95 %, of those still responding log-log. Both ends of the response compete; faint where "
                 "fewer than 10 are followed.";
    out.width = 600.0;
    out.height = 400.0;
    const CumulativeIncidence shown = c;
    out.draw = [shown, any, names](Canvas& canvas, const QRectF& area) {
        const double last = shown.steps.empty() ? 1.0 : shown.steps.back().time;
        PlotAxes axes{{area.left() + 40.0, area.top() + 22.0, area.width() - 190.0, area.height() - 80.0},
                      0.0,
                      std::ceil(last),
                      0.0,
                      100.0};
        std::vector<std::pair<double, double>> free, first;
        double few = axes.x_high;
        for (const IncidenceStep& s : shown.steps) {
            free.emplace_back(s.time, 100.0 * s.free);
            first.emplace_back(s.time, 100.0 * (s.free + (s.incidence.size() > 1 ? s.incidence[1] : 0.0)));
            if (s.at_risk < 10) few = std::min(few, s.time);
        }
        const auto fill = [&](const std::vector<std::pair<double, double>>& upper, const QColor& colour) {
            QPainterPath path = steps(axes, upper, 100.0, axes.x_high);
            path.lineTo(axes.x(axes.x_high), axes.y(0.0));
            path.lineTo(axes.x(0.0), axes.y(0.0));
            path.closeSubpath();
            canvas.path(path, colour);
        };
        const QColor lost(0xe6, 0xea, 0xee), implanted(0xc9, 0xb8, 0xe0), still(0x4f, 0xa3, 0x85);
        canvas.rect(axes.area, lost);
        fill(first, implanted);
        fill(free, still);
        const auto ticks = ticks_to(axes.x_high, 7);
        axes.draw(canvas, ticks, {0, 25, 50, 75, 100}, "years", "patients, %");
        canvas.path(steps(axes, first, 100.0, axes.x_high), Qt::transparent, ink::kHidden, 1.2);
        canvas.path(steps(axes, free, 100.0, axes.x_high), Qt::transparent, ink::kText, 2.0);
        if (few < axes.x_high) {
            canvas.rect({axes.x(few), axes.area.top(), axes.area.right() - axes.x(few), axes.area.height()},
                        QColor(255, 255, 255, 140));
            canvas.text(axes.area.right() - 4.0, axes.area.top() + 14.0, "under 10 left",
                        {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::end});
        }
        for (const double tick : ticks) {
            int at_risk = shown.basis.n;
            for (const IncidenceStep& s : shown.steps) {
                if (s.time <= tick) continue;
                at_risk = s.at_risk;
                break;
            }
            if (!shown.steps.empty() && tick >= last) continue;
            canvas.text(axes.x(tick), axes.area.bottom() + 50.0, QString::number(at_risk),
                        {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::middle});
        }
        canvas.text(axes.area.right() + 14.0, axes.area.bottom() + 50.0, "still followed",
                    {.size = 11.0, .colour = ink::kMuted});
        if (shown.steps.empty()) return;
        const IncidenceStep* end = &shown.steps.front();
        for (const IncidenceStep& s : shown.steps) {
            if (s.time <= few) end = &s;
        }
        double line = axes.area.top() + 12.0;
        canvas.text(axes.area.right() + 14.0, line, words(figure_text("at %.1f years", end->time)),
                    {.size = 11.5, .colour = ink::kMuted});
        const auto say = [&](const std::string& name, double share, double low, double high, const QColor& colour) {
            line += 26.0;
            canvas.rect({axes.area.right() + 14.0, line - 10.0, 11.0, 11.0}, colour, ink::kMuted);
            canvas.text(axes.area.right() + 31.0, line, words(name), {.size = 11.5});
            canvas.text(axes.area.right() + 31.0, line + 17.0, words(figure_text("%.0f %%", 100.0 * share)),
                        {.size = 13.0, .bold = true});
            if (!std::isnan(low)) {
                canvas.text(axes.area.right() + 70.0, line + 17.0,
                            words(figure_text("%.0f\xE2\x80\x93%.0f", 100.0 * low, 100.0 * high)),
                            {.size = 11.5, .colour = ink::kMuted});
            }
            line += 17.0;
        };
        const auto say_cause = [&](std::size_t cause, const QColor& colour) {
            const double share = end->incidence[cause], wide = 1.96 * end->standard_error[cause];
            say(names[cause], share, std::max(0.0, share - wide), std::min(1.0, share + wide), colour);
        };
        say_cause(0, lost);
        if (end->incidence.size() > 1) say_cause(1, implanted);
        Estimate left{end->free, std::nan(""), std::nan(""), 0.95};
        for (const SurvivalStep& s : any.steps) {
            if (s.time <= end->time) left = s.survival;
        }
        say("still responding", end->free, left.low, left.high, still);
    };
    std::vector<std::vector<std::string>> rows;
    for (const IncidenceStep& s : c.steps) {
        const bool two = s.incidence.size() > 1;
        rows.push_back({csv_number(s.time), std::to_string(s.at_risk), csv_number(s.free), csv_number(s.incidence[0]),
                        csv_number(s.standard_error[0]), two ? csv_number(s.incidence[1]) : "",
                        two ? csv_number(s.standard_error[1]) : ""});
    }
    out.csv = csv_text({"years", "at_risk", "free", names[0], names[0] + " se", names[1], names[1] + " se"}, rows);
    return out;
}

CohortFigure waterfall_figure(std::span<const double> relief) {
    std::vector<double> sorted;
    for (const double r : relief) {
        if (!std::isnan(r)) sorted.push_back(r);
    }
    std::sort(sorted.rbegin(), sorted.rend());
    std::array<int, 4> counts{};
    for (const double r : sorted) ++counts[static_cast<std::size_t>(cohort::relief_class(r))];
    CohortFigure out;
    out.file = "waterfall";
    out.title = "How much relief, patient by patient?";
    out.subtitle = "relief after session 4 as the patient gives it, n " + std::to_string(sorted.size());
    out.footer = "One bar a patient, sorted; open bars under 10 %, below the line worse. Not known: " +
                 std::to_string(relief.size() - sorted.size()) + ". No sham arm: regression to the mean is in it.";
    out.width = 600.0;
    out.height = 380.0;
    out.draw = [sorted, counts](Canvas& canvas, const QRectF& area) {
        const double worst = sorted.empty() ? 0.0 : std::min(0.0, std::floor(sorted.back() / 25.0) * 25.0);
        PlotAxes axes{{area.left() + 40.0, area.top() + 22.0, area.width() - 190.0, area.height() - 62.0},
                      0.0,
                      std::max(1.0, static_cast<double>(sorted.size())),
                      worst,
                      100.0};
        std::vector<double> ticks;
        for (double t = worst; t <= 100.0; t += worst < -50.0 ? 50.0 : 25.0) ticks.push_back(t);
        axes.draw(canvas, {}, ticks, "patients", "relief, %");
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            const double x1 = axes.x(static_cast<double>(i)), x2 = axes.x(static_cast<double>(i) + 1.0);
            const auto c = static_cast<std::size_t>(cohort::relief_class(sorted[i]));
            const double y = axes.y(sorted[i]), zero = axes.y(0.0);
            canvas.rect({x1 + 0.15, std::min(y, zero), x2 - x1 - 0.3, std::abs(y - zero)}, kClassColours[c],
                        c == 0 ? ink::kMuted : Qt::transparent, 0.4);
        }
        canvas.line(axes.area.left(), axes.y(0.0), axes.area.right(), axes.y(0.0), ink::kText, 1.0);
        double line = axes.area.top() + 14.0;
        for (std::size_t c = 4; c-- > 0;) {
            canvas.rect({axes.area.right() + 14.0, line - 10.0, 11.0, 11.0}, kClassColours[c], ink::kMuted);
            canvas.text(axes.area.right() + 31.0, line, kClassNames[c], {.size = 11.5});
            canvas.text(axes.area.right() + 31.0, line + 16.0,
                        words(std::to_string(counts[c]) + " of " + std::to_string(sorted.size())),
                        {.size = 12.0, .bold = true});
            line += 40.0;
        }
    };
    std::vector<std::vector<std::string>> rows;
    for (const double r : sorted) rows.push_back({csv_number(r)});
    out.csv = csv_text({"relief_percent"}, rows);
    return out;
}

CohortFigure first_response_figure(const std::vector<NamedCurve>& curves) {
    CohortFigure out;
    out.file = "first-response";
    out.title = "After which session does relief first show?";
    out.subtitle = "share with relief of at least 10 % at some session so far";
    out.footer =
        "Product-limit over session numbers, log-log 95 % intervals; who stopped counts as not seen further; dashed "
        "where fewer than 10 are left. Only "
        "those who went on are seen at later sessions, and going on depends on relief: read sessions 5 and up as "
        "an upper bound.";
    out.width = 600.0;
    out.height = 400.0;
    out.draw = [curves](Canvas& canvas, const QRectF& area) {
        const double under = 18.0 * static_cast<double>(curves.size()) + 64.0;
        PlotAxes axes{
            {area.left() + 86.0, area.top() + 22.0, area.width() - 240.0, area.height() - under}, 0.0, 8.5, 0.0, 100.0};
        axes.draw(canvas, {1, 2, 3, 4, 5, 6, 7, 8}, {0, 25, 50, 75, 100}, "session", "patients, %");
        canvas.line(axes.x(4.0), axes.area.top(), axes.x(4.0), axes.area.bottom(), ink::kMuted, 0.8, {2.0, 3.0});
        for (std::size_t i = 0; i < curves.size(); ++i) {
            const QColor colour = kCurveColours[i % 4];
            std::vector<std::pair<double, double>> points;
            for (const SurvivalStep& s : curves[i].curve.steps)
                points.emplace_back(s.time, 100.0 * (1.0 - s.survival.value));
            // Where fewer than 10 are left to respond the curve is only dashed.
            std::vector<std::pair<double, double>> sure;
            double until = 8.5;
            for (const SurvivalStep& s : curves[i].curve.steps) {
                if (s.at_risk < 10) {
                    until = s.time;
                    break;
                }
                sure.emplace_back(s.time, 100.0 * (1.0 - s.survival.value));
            }
            canvas.path(steps(axes, sure, 0.0, until), Qt::transparent, colour, 2.0);
            double level = sure.empty() ? 0.0 : sure.back().second;
            for (std::size_t k = sure.size(); k < points.size(); ++k) {
                canvas.line(axes.x(points[k].first), axes.y(level), axes.x(points[k].first), axes.y(points[k].second),
                            colour, 1.2, {3.0, 3.0});
                level = points[k].second;
                const double next = k + 1 < points.size() ? points[k + 1].first : 8.5;
                canvas.line(axes.x(points[k].first), axes.y(level), axes.x(next), axes.y(level), colour, 1.2,
                            {3.0, 3.0});
            }
            for (const SurvivalStep& s : curves[i].curve.steps) {
                if (s.time != 4.0 || std::isnan(s.survival.low)) continue;
                const double shift = 4.0 * (static_cast<double>(i) + 1.0);
                canvas.line(axes.x(4.0) + shift, axes.y(100.0 * (1.0 - s.survival.low)), axes.x(4.0) + shift,
                            axes.y(100.0 * (1.0 - s.survival.high)), colour, 1.4);
            }
            Estimate by4{0.0, std::nan(""), std::nan(""), 0.95};
            for (const SurvivalStep& s : curves[i].curve.steps) {
                if (s.time <= 4.0) by4 = {1.0 - s.survival.value, 1.0 - s.survival.high, 1.0 - s.survival.low, 0.95};
            }
            const double line = axes.area.top() + 14.0 + 44.0 * static_cast<double>(i);
            canvas.line(axes.area.right() + 14.0, line - 4.0, axes.area.right() + 30.0, line - 4.0, colour, 2.4);
            canvas.text(axes.area.right() + 36.0, line, words(curves[i].name), {.size = 11.5});
            canvas.text(axes.area.right() + 36.0, line + 16.0,
                        words("n " + std::to_string(curves[i].curve.basis.n) +
                              figure_text(", by 4: %.0f %% (%.0f\xE2\x80\x93%.0f)", 100.0 * by4.value, 100.0 * by4.low,
                                          100.0 * by4.high)),
                        {.size = 11.0, .colour = ink::kMuted});
            const double numbers = axes.area.bottom() + 50.0 + 17.0 * static_cast<double>(i);
            canvas.text(axes.area.left() - 10.0, numbers, words(curves[i].name),
                        {.size = 10.5, .colour = colour, .anchor = Anchor::end});
            for (const SurvivalStep& s : curves[i].curve.steps) {
                canvas.text(axes.x(s.time), numbers, QString::number(s.at_risk),
                            {.size = 10.5, .colour = colour, .anchor = Anchor::middle});
            }
        }
        canvas.text(axes.area.right() + 14.0, axes.area.bottom() + 50.0, "not yet responding",
                    {.size = 10.5, .colour = ink::kMuted});
    };
    std::vector<std::vector<std::string>> rows;
    for (const NamedCurve& c : curves) {
        for (const SurvivalStep& s : c.curve.steps) {
            rows.push_back({c.name, csv_number(s.time), std::to_string(s.at_risk), std::to_string(s.events),
                            csv_number(1.0 - s.survival.value), csv_number(1.0 - s.survival.high),
                            csv_number(1.0 - s.survival.low)});
        }
    }
    out.csv = csv_text({"group", "session", "at_risk", "first_responses", "share", "low", "high"}, rows);
    return out;
}

CohortFigure transition_figure(const ReliefTransition& t, int first, int second) {
    CohortFigure out;
    out.file = "transition";
    out.title = "Does relief change from session " + std::to_string(first) + " to " + std::to_string(second) + "?";
    out.subtitle = std::to_string(t.basis.n) + " seen at both; " + std::to_string(t.stopped) +
                   " stopped before session " + std::to_string(second);
    char mcnemar[240];
    std::snprintf(
        mcnemar, sizeof mcnemar,
        "At 10 %% or more: %d gained it, %d lost it; McNemar exact p %.3g, mid-p %.3g. Of all seen at session %d, %.0f "
        "%% (%.0f\xE2\x80\x93%.0f) if who stopped counts as without, %.0f %% if they would do as the others.",
        t.responders.gained, t.responders.lost, t.responders.exact_p, t.responders.mid_p, first,
        100.0 * t.worst.share.value, 100.0 * t.worst.share.low, 100.0 * t.worst.share.high, 100.0 * t.as_continued);
    out.footer = mcnemar;
    out.width = 560.0;
    out.height = 420.0;
    out.draw = [t, first, second](Canvas& canvas, const QRectF& area) {
        const double gap = 10.0, wide = 26.0, left = area.left() + 128.0, right = area.right() - 128.0;
        const double top = area.top() + 20.0, tall = area.height() - 24.0 - 3.0 * gap;
        const double scale = tall / std::max(1, t.basis.n);
        std::array<double, 4> from{}, to{};
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t j = 0; j < 4; ++j) {
                from[i] += t.counts[i][j];
                to[j] += t.counts[i][j];
            }
        }
        // The highest class on top.
        std::array<double, 4> from_y{}, to_y{};
        double y1 = top, y2 = top;
        for (std::size_t k = 4; k-- > 0;) {
            from_y[k] = y1;
            to_y[k] = y2;
            y1 += from[k] * scale + gap;
            y2 += to[k] * scale + gap;
        }
        auto from_next = from_y, to_next = to_y;
        for (std::size_t i = 4; i-- > 0;) {
            for (std::size_t j = 4; j-- > 0;) {
                const double h = t.counts[i][j] * scale;
                if (h <= 0.0) continue;
                const double x1 = left + wide, x2 = right - wide, m = 0.5 * (x1 + x2);
                QPainterPath band;
                band.moveTo(x1, from_next[i]);
                band.cubicTo(m, from_next[i], m, to_next[j], x2, to_next[j]);
                band.lineTo(x2, to_next[j] + h);
                band.cubicTo(m, to_next[j] + h, m, from_next[i] + h, x1, from_next[i] + h);
                band.closeSubpath();
                QColor colour = i == 0 ? QColor(0xdd, 0xe2, 0xe6) : kClassColours[i];
                colour.setAlpha(150);
                canvas.path(band, colour, QColor(0x5d, 0x6a, 0x77, 90), 0.5);
                from_next[i] += h;
                to_next[j] += h;
            }
        }
        for (std::size_t k = 0; k < 4; ++k) {
            const auto block = [&](double x, double y, double n, bool at_left) {
                canvas.rect({x, y, wide, std::max(1.0, n * scale)}, kClassColours[k], ink::kMuted);
                const double middle = y + 0.5 * n * scale + 4.0;
                canvas.text(at_left ? x - 8.0 : x + wide + 8.0, middle,
                            words(std::string(kClassNames[k]) + "  " + std::to_string(static_cast<int>(n))),
                            {.size = 11.5, .anchor = at_left ? Anchor::end : Anchor::start});
            };
            block(left, from_y[k], from[k], true);
            block(right - wide, to_y[k], to[k], false);
        }
        canvas.text(left + 0.5 * wide, area.top() + 10.0, words("session " + std::to_string(first)),
                    {.size = 11.5, .colour = ink::kMuted, .anchor = Anchor::middle});
        canvas.text(right - 0.5 * wide, area.top() + 10.0, words("session " + std::to_string(second)),
                    {.size = 11.5, .colour = ink::kMuted, .anchor = Anchor::middle});
    };
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 4; ++j)
            rows.push_back({kClassNames[i], kClassNames[j], std::to_string(t.counts[i][j])});
    }
    out.csv = csv_text({"before", "after", "patients"}, rows);
    return out;
}

}  // namespace precentral
