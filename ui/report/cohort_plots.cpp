// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cohort_plots.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "data/cohort/proportions.h"
#include "data/cohort/table_file.h"
#include "ui/report/canvas.h"

namespace precentral {
namespace {

using namespace cohort;

void draw_forest(Canvas& canvas, const QRectF& area, const Forest& f) {
    const double left = area.left() + 262.0, right = area.right() - 128.0;
    const double low = std::log(0.125), high = std::log(16.0);
    const auto x = [&](double ratio) {
        return left + (std::clamp(std::log(ratio), low, high) - low) / (high - low) * (right - left);
    };
    const double row = std::min(30.0, (area.height() - 62.0) / static_cast<double>(f.comparisons.size()));
    const double top = area.top() + 24.0, bottom = top + row * static_cast<double>(f.comparisons.size());
    const PrintStyle head{.size = 11.0, .colour = ink::kMuted};
    canvas.text(area.left(), area.top() + 10.0, "comparison", head);
    canvas.text(left - 14.0, area.top() + 10.0, "responders / n",
                {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::end});
    canvas.text(area.right(), area.top() + 10.0, "odds ratio (95 %)",
                {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::end});
    canvas.line(area.left(), area.top() + 17.0, area.right(), area.top() + 17.0, ink::kMuted, 1.2);
    const std::pair<double, const char*> marks[] = {{0.125, "1/8"}, {0.25, "1/4"}, {0.5, "1/2"}, {1, "1"},
                                                    {2, "2"},       {4, "4"},      {8, "8"},     {16, "16"}};
    for (const auto& [ratio, name] : marks) {
        canvas.line(x(ratio), top - 4.0, x(ratio), bottom, ratio == 1.0 ? ink::kText : ink::kLine,
                    ratio == 1.0 ? 1.0 : 0.7);
        canvas.text(x(ratio), bottom + 14.0, name, {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::middle});
    }
    canvas.text(x(1.0) - 8.0, bottom + 31.0, QStringLiteral("\u2190 less often"),
                {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::end});
    canvas.text(x(1.0) + 8.0, bottom + 31.0, QStringLiteral("more often \u2192"),
                {.size = 11.0, .colour = ink::kMuted});
    double largest = 1.0;
    for (const Comparison& c : f.comparisons)
        largest = std::max(largest, static_cast<double>(c.table.a + c.table.b + c.table.c + c.table.d));
    for (std::size_t i = 0; i < f.comparisons.size(); ++i) {
        const Comparison& c = f.comparisons[i];
        const double y = top + row * (static_cast<double>(i) + 0.5);
        canvas.text(area.left(), y + 4.0, words(c.name), {.size = 12.0});
        const QString counts = QString("%1/%2 v %3/%4")
                                   .arg(c.table.a)
                                   .arg(c.table.a + c.table.b)
                                   .arg(c.table.c)
                                   .arg(c.table.c + c.table.d);
        canvas.text(left - 14.0, y + 4.0, counts, {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::end});
        if (c.by_method.empty()) {
            canvas.text(area.right(), y + 4.0, words("none: " + c.why_not),
                        {.size = 11.0, .anchor = Anchor::end, .halo = true, .ground = ink::kPaper});
            continue;
        }
        const Estimate& e = c.by_method[static_cast<std::size_t>(f.shown)].odds_ratio;
        if (std::isnan(e.value)) {
            canvas.text(area.right(), y + 4.0, "none", {.size = 12.0, .anchor = Anchor::end});
            continue;
        }
        canvas.line(x(e.low), y, x(e.high), y, ink::kText, 1.4);
        for (const auto& [end, side] : {std::pair{e.low, -1.0}, std::pair{e.high, 1.0}}) {
            if (std::abs(std::log(end)) <= std::log(16.0) && std::log(end) >= low) continue;
            QPainterPath arrow;  // the limit lies beyond the edge
            arrow.moveTo(x(end) + 6.0 * side, y);
            arrow.lineTo(x(end), y - 4.0);
            arrow.lineTo(x(end), y + 4.0);
            canvas.path(arrow, ink::kText);
        }
        const double n = c.table.a + c.table.b + c.table.c + c.table.d;
        const double half = 2.5 + 4.0 * std::sqrt(n / largest);
        canvas.rect({x(e.value) - half, y - half, 2.0 * half, 2.0 * half}, ink::kText);
        const std::string high_words = std::isinf(e.high) ? "no end" : figure_text("%.2f", e.high);
        canvas.text(area.right(), y + 4.0,
                    words(figure_text("%.2f (%.2f\xE2\x80\x93", e.value, e.low) + high_words + ")"),
                    {.size = 12.0, .bold = true, .anchor = Anchor::end});
    }
}

struct RocPoint {
    double false_alarms, found;
};

std::vector<RocPoint> roc_points(std::span<const double> score, std::span<const double> outcome) {
    std::vector<std::pair<double, bool>> rows;
    double with = 0.0, without = 0.0;
    for (std::size_t i = 0; i < score.size(); ++i) {
        if (std::isnan(score[i]) || std::isnan(outcome[i])) continue;
        rows.emplace_back(score[i], outcome[i] > 0.5);
        (outcome[i] > 0.5 ? with : without) += 1.0;
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<RocPoint> out{{0.0, 0.0}};
    double found = 0.0, wrong = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        (rows[i].second ? found : wrong) += 1.0;
        if (i + 1 == rows.size() || rows[i + 1].first != rows[i].first)
            out.push_back({100.0 * wrong / without, 100.0 * found / with});
    }
    return out;
}

}  // namespace

CohortFigure forest_figure(const Forest& f) {
    CohortFigure out;
    out.file = "forest";
    out.title = "Who responds more often?";
    const std::string what = f.outcome == "r30_4"   ? "relief above 30 % after session 4"
                             : f.outcome == "r10_4" ? "relief of at least 10 % after session 4"
                                                    : f.outcome;
    out.subtitle = what + ", n " + std::to_string(f.basis.n) + " unless fewer are shown";
    out.footer = "Intervals: " + f.basis.method + ", one factor at a time; " + std::to_string(f.comparisons.size()) +
                 " comparisons, not corrected here (the table has Benjamini-Hochberg p). Square area grows with n.";
    out.width = 760.0;
    out.height = 150.0 + 30.0 * static_cast<double>(f.comparisons.size()) + 20.0;
    out.draw = [f](Canvas& canvas, const QRectF& area) { draw_forest(canvas, area, f); };
    out.csv = forest_csv(f);
    return out;
}

CohortFigure roc_figure(const Roc& r, std::span<const double> score, std::span<const double> outcome,
                        const std::string& score_name, const std::string& outcome_name, double fixed_cut) {
    const auto points = roc_points(score, outcome);
    CohortFigure out;
    out.file = "roc";
    out.title = "Does it foretell implant success?";
    out.subtitle =
        score_name + ", n " + std::to_string(r.with + r.without) + ", of whom " + std::to_string(r.with) + " succeeded";
    int true_success = 0, false_success = 0, true_failure = 0, false_failure = 0;
    for (std::size_t i = 0; i < score.size(); ++i) {
        if (std::isnan(score[i]) || std::isnan(outcome[i])) continue;
        const bool foretold = score[i] >= fixed_cut, came = outcome[i] > 0.5;
        ++(foretold ? (came ? true_success : false_success) : (came ? false_failure : true_failure));
    }
    const int foretold = true_success + false_success, refused = true_failure + false_failure;
    const Proportion success = foretold > 0 ? clopper_pearson(true_success, foretold) : Proportion{};
    const Proportion failure = refused > 0 ? clopper_pearson(true_failure, refused) : Proportion{};
    const Proportion found = clopper_pearson(true_success, r.with), alarms = clopper_pearson(false_success, r.without);
    out.footer = figure_text(
                     "Area: DeLong interval. Success and failure: exact (Clopper-Pearson) 95 %% intervals at a cut of "
                     "%.4g %% fixed beforehand. ",
                     fixed_cut) +
                 "Success: " + outcome_name + ". Missing " + std::to_string(r.basis.missing) + ".";
    out.width = 520.0;
    out.height = 420.0;
    out.draw = [r, points, success, failure, found, alarms, true_success, true_failure, foretold, refused, fixed_cut](
                   Canvas& canvas, const QRectF& area) {
        const double side = std::min(area.height() - 60.0, area.width() - 190.0);
        PlotAxes axes{{area.left() + 40.0, area.top() + 22.0, side, side}, 0.0, 100.0, 0.0, 100.0};
        axes.draw(canvas, {0, 25, 50, 75, 100}, {0, 25, 50, 75, 100}, "false alarms, %", "successes found, %");
        canvas.line(axes.x(0), axes.y(0), axes.x(100), axes.y(100), ink::kMuted, 0.8, {3.0, 3.0});
        QPainterPath path;
        path.moveTo(axes.x(0.0), axes.y(0.0));
        for (const RocPoint& p : points) path.lineTo(axes.x(p.false_alarms), axes.y(p.found));
        canvas.path(path, Qt::transparent, ink::kText, 2.0);
        const double x = axes.x(100.0 * alarms.share.value), y = axes.y(100.0 * found.share.value);
        canvas.line(axes.x(100.0 * alarms.share.low), y, axes.x(100.0 * alarms.share.high), y, ink::kLeft, 1.6);
        canvas.line(x, axes.y(100.0 * found.share.low), x, axes.y(100.0 * found.share.high), ink::kLeft, 1.6);
        canvas.disc({x, y}, 5.0, ink::kLeft, ink::kPaper);
        double line = area.top() + 24.0;
        const double column = axes.area.right() + 22.0;
        const auto say = [&](const std::string& name, const std::string& value, const std::string& limits) {
            canvas.text(column, line, words(name), {.size = 11.5, .colour = ink::kMuted});
            canvas.text(column, line + 19.0, words(value), {.size = 15.0, .bold = true});
            canvas.text(column, line + 36.0, words(limits), {.size = 11.5, .colour = ink::kMuted});
            line += 62.0;
        };
        // No bare percentage of a few: under 10 patients only the counts.
        const auto share = [&](const std::string& name, const Proportion& p, int with, int n) {
            const std::string counts = std::to_string(with) + " of " + std::to_string(n);
            if (n < 10) return say(name, counts, "too few for a share");
            say(name, figure_text("%.0f %%", 100.0 * p.share.value),
                counts + figure_text(", %.0f\xE2\x80\x93%.0f", 100.0 * p.share.low, 100.0 * p.share.high));
        };
        say("area", figure_text("%.2f", r.auc.value), figure_text("%.2f\xE2\x80\x93%.2f", r.auc.low, r.auc.high));
        share(figure_text("success, %.4g %% or more", fixed_cut), success, true_success, foretold);
        share(figure_text("failure, under %.4g %%", fixed_cut), failure, true_failure, refused);
    };
    std::vector<std::vector<std::string>> rows;
    for (const RocPoint& p : points) rows.push_back({csv_number(p.false_alarms), csv_number(p.found)});
    out.csv = csv_text({"false_alarms_percent", "found_percent"}, rows);
    return out;
}

}  // namespace precentral
