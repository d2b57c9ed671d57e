// SPDX-License-Identifier: Apache-2.0
#include "ui/report/visit_axis.h"

#include <algorithm>

#include "ui/report/wording.h"

namespace precentral {

namespace {
constexpr double kInset = 26.0;    // of the first and last visit from the ends
constexpr double kClosest = 11.0;  // two discs do not overlap
}  // namespace

VisitAxis::VisitAxis(const std::vector<VisitFacts>& visits, double left, double right) : left_(left), right_(right) {
    const std::size_t n = visits.size();
    const double from = left + kInset, width = right - left - 2.0 * kInset;
    if (n == 0) return;
    if (n == 1) {
        xs_ = {(left + right) / 2.0};
        narrowest_ = right - left;
        return;
    }
    const double span = std::chrono::duration<double>(visits.back().started - visits.front().started).count();
    const auto spread = [&](bool even) {
        xs_.clear();
        for (std::size_t i = 0; i < n; ++i) {
            const double gone = std::chrono::duration<double>(visits[i].started - visits.front().started).count();
            const double share = even ? static_cast<double>(i) / static_cast<double>(n - 1) : gone / span;
            xs_.push_back(from + share * width);
        }
        narrowest_ = width;
        for (std::size_t i = 1; i < n; ++i) narrowest_ = std::min(narrowest_, xs_[i] - xs_[i - 1]);
    };
    to_scale_ = span > 0.0;
    spread(!to_scale_);
    if (narrowest_ < kClosest) {
        to_scale_ = false;
        spread(true);
    }
}

void VisitAxis::draw_numbers(Canvas& canvas, const std::vector<VisitFacts>& visits, double baseline) const {
    double free_from = left_ - 10.0;
    for (std::size_t i = 0; i < visits.size(); ++i) {
        const QString number = QString::number(visits[i].visit);
        const double half = canvas.text_width(number, {}) / 2.0;
        if (xs_[i] - half < free_from) continue;
        canvas.text(xs_[i], baseline, number, {.anchor = Anchor::middle});
        free_from = xs_[i] + half + 4.0;
    }
}

void VisitAxis::draw_days(Canvas& canvas, const std::vector<VisitFacts>& visits, double baseline) const {
    if (visits.empty()) return;
    const PrintStyle style{.colour = ink::kMuted};
    const auto day = [&](std::size_t i) { return words(short_day(visits[i].started)); };
    const auto left_of = [&](std::size_t i) {
        const double width = canvas.text_width(day(i), style);
        return std::clamp(xs_[i] - width / 2.0, left_ - 20.0, right_ - width);
    };
    const std::size_t last = visits.size() - 1;
    const double last_left = left_of(last);
    canvas.text(last_left, baseline, day(last), style);
    double free_from = left_ - 21.0;
    for (std::size_t i = 0; i < last; ++i) {
        const double at = left_of(i), end = at + canvas.text_width(day(i), style);
        if (at < free_from || end + 10.0 > last_left) continue;
        canvas.text(at, baseline, day(i), style);
        free_from = end + 10.0;
    }
}

}  // namespace precentral
