// SPDX-License-Identifier: Apache-2.0
#include "navigation/dose_limits.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace precentral {
namespace {

constexpr const char* kRossi = "Rossi et al. 2009, doi:10.1016/j.clinph.2009.08.016, longest single trains";
constexpr const char* kChenTrains = "Chen et al. 1997, doi:10.1016/s0924-980x(97)00036-2, trains cut by a quarter";
constexpr const char* kChenIntervals =
    "Chen et al. 1997, doi:10.1016/s0924-980x(97)00036-2, intervals between ten trains";
constexpr double kThresholdPercent = 100.0;
// A limit that is met but for the last bits of a division is met.
constexpr double kRelative = 1e-9;

constexpr std::array<bool, 5> kAllTested{true, true, true, true, true};
constexpr std::array<bool, 5> kNoneTested{};
constexpr std::array kLongestTrains{
    LongestTrainRow{1.0, {1800, 1800, 1800, 360, 50}, kAllTested},
    LongestTrainRow{5.0, {10, 10, 10, 10, 10}, kAllTested},
    LongestTrainRow{10.0, {5, 5, 5, 4.2, 2.9}, {true, true, true, false, false}},
    LongestTrainRow{20.0, {2.05, 2.05, 1.6, 1.0, 0.55}, kNoneTested},
    LongestTrainRow{25.0, {1.28, 1.28, 0.84, 0.4, 0.24}, kNoneTested},
};
constexpr std::array kReducedTrains{
    ReducedTrainRow{1.0, {270, 270, 180, 50}, {270, 270, 180, 50}, {true, true, false, false}},
    ReducedTrainRow{5.0, {10, 10, 10, 10}, {50, 50, 50, 50}, {}},
    ReducedTrainRow{10.0, {5, 5, 3.2, 2.2}, {50, 50, 32, 22}, {}},
    ReducedTrainRow{20.0, {1.5, 1.2, 0.8, 0.4}, {30, 24, 16, 8}, {}},
    ReducedTrainRow{25.0, {1.0, 0.7, 0.3, 0.2}, {25, 17, 7, 5}, {}},
};
using enum IntervalFinding;
constexpr std::array kTrainIntervals{
    TrainIntervalRow{5.0, {safe, safe, safe, not_enough_data}},
    TrainIntervalRow{1.0, {unsafe, unsafe, unsafe, unsafe}},
    TrainIntervalRow{0.25, {unsafe, unsafe, unsafe, unsafe}},
};

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

bool at_most(double value, double limit) { return value <= limit * (1.0 + kRelative); }

// The first entry that is not below `value`; nothing when all are.
template <std::size_t N>
std::optional<std::size_t> rounded_up(const std::array<double, N>& entries, double value) {
    for (std::size_t i = 0; i < N; ++i) {
        if (at_most(value, entries[i])) return i;
    }
    return std::nullopt;
}
template <class Row>
const Row* row_of(std::span<const Row> rows, double frequency_hz) {
    for (const Row& row : rows) {
        if (at_most(frequency_hz, row.frequency_hz)) return &row;
    }
    return nullptr;
}

// What the tables are asked for.
struct Asked {
    double frequency_hz = 0.0;  // within a burst
    double train_s = 0.0;
    double percent = 0.0;
    bool below_threshold() const { return percent < kThresholdPercent; }
    DoseLevel outside() const { return below_threshold() ? DoseLevel::confirm : DoseLevel::refused; }
};

class Judge {
public:
    explicit Judge(DoseVerdict& verdict) : verdict_(verdict) {}

    void add(DoseLevel level, const char* about, std::string text) {
        verdict_.reasons.push_back({level, about, std::move(text), "", false});
    }
    void cite(DoseLevel level, const char* about, const std::string& text, const char* source) {
        const bool memory = !kDoseTablesCompared;
        verdict_.reasons.push_back(
            {level, about,
             text + " (" + source + (memory ? "; cell from memory, compare it with the paper" : "") + ").", source,
             memory});
    }

private:
    DoseVerdict& verdict_;
};

std::string cell(double row_hz, double column_percent) {
    return "row " + number(row_hz) + " Hz, column " + number(column_percent) + " %";
}

const char* over_or_within(bool within) { return within ? " is within " : " is over "; }

std::string train_words(const Asked& asked) {
    return "A train of " + number(asked.train_s) + " s at " + number(asked.frequency_hz) + " Hz and " +
           number(asked.percent) + " % of the threshold";
}

void judge_longest(const Asked& asked, Judge& judge) {
    const LongestTrainRow* row = row_of(longest_trains(), asked.frequency_hz);
    const auto column = rounded_up(kTrainColumnsPercent, asked.percent);
    if (row == nullptr || !column) {
        judge.cite(asked.outside(), "train",
                   train_words(asked) + " is outside the table, which ends at 25 Hz and 130 %", kRossi);
        return;
    }
    const bool within = at_most(asked.train_s, row->longest_s[*column]);
    judge.cite(within ? DoseLevel::inside : asked.outside(), "train",
               train_words(asked) + over_or_within(within) +
                   (row->only_tested[*column] ? "the longest that was tested, " : "the ") +
                   number(row->longest_s[*column]) + " s of " + cell(row->frequency_hz, kTrainColumnsPercent[*column]),
               kRossi);
}

// Over the reduced table but within the full one, the two publications disagree: a person decides.
void judge_reduced(const Asked& asked, int pulses_per_train, Judge& judge) {
    const ReducedTrainRow* row = row_of(reduced_trains(), asked.frequency_hz);
    const auto column = rounded_up(kReducedColumnsPercent, asked.percent);
    if (row == nullptr || !column) return;  // outside the other table as well, which has said so
    const bool within =
        at_most(asked.train_s, row->longest_s[*column]) && pulses_per_train <= row->most_pulses[*column];
    judge.cite(within ? DoseLevel::inside : DoseLevel::confirm, "train reduced",
               train_words(asked) + ", " + std::to_string(pulses_per_train) + " pulses," + over_or_within(within) +
                   "the " + number(row->longest_s[*column]) + " s and " + std::to_string(row->most_pulses[*column]) +
                   " pulses of " + cell(row->frequency_hz, kReducedColumnsPercent[*column]),
               kChenTrains);
}

void judge_interval(const Asked& asked, const Protocol& protocol, Judge& judge) {
    if (protocol.trains <= 1) return;
    const std::string pause = "A pause of " + number(protocol.pause_s) + " s at " + number(asked.frequency_hz) +
                              " Hz and " + number(asked.percent) + " % of the threshold";
    const auto column = rounded_up(kIntervalColumnsPercent, asked.percent);
    if (!column || !at_most(asked.frequency_hz, kIntervalHighestHz)) {
        judge.cite(asked.outside(), "interval", pause + " is outside the table, which ends at 20 Hz and 120 %",
                   kChenIntervals);
        return;
    }
    // The longest interval of the table that is not above the asked one.
    const TrainIntervalRow* row = nullptr;
    for (const TrainIntervalRow& candidate : train_intervals()) {
        if (at_most(candidate.interval_s, protocol.pause_s)) {
            row = &candidate;
            break;
        }
    }
    const std::string of = number(kIntervalColumnsPercent[*column]) + " %";
    if (row == nullptr) {
        judge.cite(asked.outside(), "interval",
                   pause + " is shorter than any in the table, whose shortest, 0.25 s, is unsafe at " + of,
                   kChenIntervals);
        return;
    }
    const IntervalFinding finding = row->finding[*column];
    const std::string where = " is judged by " + number(row->interval_s) + " s at " + of + ": ";
    if (finding == safe) {
        judge.cite(DoseLevel::inside, "interval", pause + where + "safe", kChenIntervals);
    } else {
        judge.cite(asked.outside(), "interval",
                   pause + where + (finding == unsafe ? "unsafe" : "not enough data to call it safe"), kChenIntervals);
    }
    if (protocol.trains > kIntervalTrains) {
        // The number of trains is the condition the table was measured under, not one of its entries.
        judge.cite(asked.below_threshold() ? DoseLevel::inside : DoseLevel::confirm, "trains",
                   std::to_string(protocol.trains) + " trains are more than the ten the intervals were tested with",
                   kChenIntervals);
    }
}

void judge_output(const DosePlan& plan, DoseVerdict& verdict, Judge& judge) {
    const double percent = plan.protocol.intensity_percent_rmt;
    if (!plan.rmt_mso) {
        judge.add(DoseLevel::inside, "output",
                  "No resting motor threshold is given, so the stimulator's output was not checked.");
        return;
    }
    const double rmt = *plan.rmt_mso;
    const double exact = rmt * percent / 100.0;
    const double whole = std::round(exact);
    const double really = 100.0 * whole / rmt;
    verdict.output_mso = static_cast<int>(whole);
    verdict.output_percent_rmt = really;
    const double most = std::min(100.0, plan.limits.coil_max_mso.value_or(100.0));
    const std::string set = number(percent) + " % of a threshold of " + number(rmt) + " % is " + number(exact) +
                            " % of the output, set as " + number(whole) + " %";
    if (whole < 1.0) {
        judge.add(DoseLevel::refused, "output", set + ": nothing would be given.");
    } else if (exact > most || whole > most) {
        judge.add(DoseLevel::refused, "output",
                  set + ", over the " + number(most) + " % that " +
                      (most < 100.0 ? "this coil is rated for." : "the stimulator has."));
    } else {
        judge.add(DoseLevel::inside, "output",
                  set + ", which is " + number(really) + " % of the threshold" +
                      (whole > exact * (1.0 + kRelative) && whole > 1.0
                           ? "; " + number(whole - 1.0) + " % would be " + number(100.0 * (whole - 1.0) / rmt) + " %."
                           : "."));
    }
}

void judge_total(const DosePlan& plan, double within_days, int most, const char* about, const char* span,
                 Judge& judge) {
    std::int64_t total = static_cast<std::int64_t>(plan.protocol.trains) * plan.protocol.pulses_per_train;
    for (const EarlierDose& earlier : plan.earlier) {
        if (earlier.days_ago < within_days) total += earlier.pulses;
    }
    const bool within = total <= most;
    judge.add(within ? DoseLevel::inside : DoseLevel::confirm, about,
              std::to_string(total) + " pulses within " + span + (within ? " are within " : " are over ") +
                  std::to_string(most) + ", this site's own bound; no published limit of totals is known here.");
}

// What makes no protocol at all.
std::optional<std::string> nonsense(const DosePlan& plan) {
    const Protocol& p = plan.protocol;
    const auto positive = [](double value) { return std::isfinite(value) && value > 0.0; };
    if (!positive(p.frequency_hz)) return "The frequency is not a positive number of Hz.";
    if (!positive(p.intensity_percent_rmt)) return "The intensity is not a positive share of the threshold.";
    if (p.trains < 1) return "There is no train.";
    if (p.pulses_per_train < 1) return "There is no pulse in a train.";
    if (p.trains > 1 && !(std::isfinite(p.pause_s) && p.pause_s >= 0.0)) {
        return "The pause between trains is not a number of seconds.";
    }
    if (plan.rmt_mso && !(*plan.rmt_mso >= 1.0 && *plan.rmt_mso <= 100.0)) {
        return "The resting motor threshold does not lie within 1 to 100 % of the output.";
    }
    if (plan.limits.coil_max_mso && !(*plan.limits.coil_max_mso > 0.0 && *plan.limits.coil_max_mso <= 100.0)) {
        return "The coil's highest output does not lie within 0 to 100 %.";
    }
    if (plan.limits.most_pulses_a_day < 1 || plan.limits.most_pulses_a_week < 1) {
        return "The site's bounds on totals are not positive.";
    }
    if (plan.bursts) {
        const BurstPattern& b = *plan.bursts;
        if (!positive(b.burst_hz) || b.pulses_per_burst < 2) {
            return "A burst has at least two pulses and a positive frequency.";
        }
        if (b.pulses_per_burst / b.burst_hz > 1.0 / p.frequency_hz) {
            return "Bursts of " + std::to_string(b.pulses_per_burst) + " pulses at " + number(b.burst_hz) +
                   " Hz do not fit " + number(p.frequency_hz) + " times into a second.";
        }
    }
    for (const EarlierDose& earlier : plan.earlier) {
        if (!(std::isfinite(earlier.days_ago) && earlier.days_ago >= 0.0) || earlier.pulses < 0) {
            return "An earlier session lies in the future or has no number of pulses.";
        }
    }
    return std::nullopt;
}

}  // namespace

std::span<const LongestTrainRow> longest_trains() { return kLongestTrains; }
std::span<const ReducedTrainRow> reduced_trains() { return kReducedTrains; }
std::span<const TrainIntervalRow> train_intervals() { return kTrainIntervals; }

const char* to_word(DoseLevel level) {
    switch (level) {
        case DoseLevel::inside: return "inside";
        case DoseLevel::confirm: return "confirm";
        case DoseLevel::refused: return "refused";
    }
    return "refused";
}

DoseVerdict check_dose(const DosePlan& plan) {
    DoseVerdict out;
    Judge judge(out);
    if (const std::optional<std::string> why = nonsense(plan)) {
        judge.add(DoseLevel::refused, "plan", *why);
        out.level = DoseLevel::refused;
        return out;
    }
    const Protocol& p = plan.protocol;
    out.pulses =
        static_cast<int>(std::min<std::int64_t>(static_cast<std::int64_t>(p.trains) * p.pulses_per_train, INT32_MAX));
    const double each = plan.bursts ? plan.bursts->pulses_per_burst : 1.0;
    out.train_s = std::ceil(p.pulses_per_train / each - kRelative) / p.frequency_hz;
    out.session_s = p.trains * out.train_s + (p.trains - 1) * (p.trains > 1 ? p.pause_s : 0.0);
    judge_output(plan, out, judge);

    Asked asked;
    asked.frequency_hz = plan.bursts ? plan.bursts->burst_hz : p.frequency_hz;
    asked.train_s = out.train_s;
    asked.percent = std::max(p.intensity_percent_rmt, out.output_percent_rmt.value_or(0.0));
    if (plan.bursts) {
        judge.add(asked.outside(), "plan",
                  "Bursts of " + std::to_string(plan.bursts->pulses_per_burst) + " at " +
                      number(plan.bursts->burst_hz) +
                      " Hz are in none of the tables; published theta-burst protocols "
                      "count their intensity from the active threshold, which is lower.");
    }
    judge_longest(asked, judge);
    judge_reduced(asked, p.pulses_per_train, judge);
    judge_interval(asked, p, judge);
    judge_total(plan, 1.0, plan.limits.most_pulses_a_day, "day", "24 hours", judge);
    judge_total(plan, 7.0, plan.limits.most_pulses_a_week, "week", "7 days", judge);

    std::stable_sort(out.reasons.begin(), out.reasons.end(),
                     [](const DoseReason& a, const DoseReason& b) { return a.level > b.level; });
    out.level = out.reasons.front().level;
    out.needs_name = out.level == DoseLevel::confirm && p.name.find_first_not_of(" \t\r\n") == std::string::npos;
    return out;
}

}  // namespace precentral
