// SPDX-License-Identifier: Apache-2.0
// Whether a protocol lies within the published limits of repetitive TMS: a pure judgement with its reasons, each naming
// the cell it rests on and the publication of that cell. Any thread; no exceptions.
//
// Trains: Rossi et al. 2009, doi:10.1016/j.clinph.2009.08.016 (longest single trains), and Chen et al. 1997,
// doi:10.1016/s0924-980x(97)00036-2 (the same cut by a quarter, with pulses; intervals between ten trains). Of these,
// only the abstract of Chen 1997 was read: 20 Hz for 1.6 s at 110 % with 5 s between trains was safe; 1 s or less was
// not, above 100 %; trains to be cut by 25 %. THE CELLS ARE FROM MEMORY and are told as such until somebody has
// compared them with the two papers and set kDoseTablesCompared.
//
// Look-up is conservative: a frequency or an intensity between two entries takes the higher one, an interval the
// shorter; nothing is extrapolated. What is outside: below 100 % of the resting motor threshold it has to be confirmed
// under a named protocol, from 100 % on it is refused.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/records.h"

namespace precentral {

inline constexpr bool kDoseTablesCompared = false;

// Which threshold, in % of it, a column stands for.
inline constexpr std::array<double, 5> kTrainColumnsPercent{90, 100, 110, 120, 130};
struct LongestTrainRow {
    double frequency_hz;
    std::array<double, 5> longest_s;  // by column
    std::array<bool, 5> only_tested;  // ">": the longest that was tried; what is longer is not known
};
std::span<const LongestTrainRow> longest_trains();  // Rossi 2009, 1 to 25 Hz, rising

inline constexpr std::array<double, 4> kReducedColumnsPercent{100, 110, 120, 130};
struct ReducedTrainRow {
    double frequency_hz;
    std::array<double, 4> longest_s;
    std::array<int, 4> most_pulses;
    std::array<bool, 4> only_tested;
};
std::span<const ReducedTrainRow> reduced_trains();  // Chen 1997, the same frequencies

enum class IntervalFinding { safe, not_enough_data, unsafe };
inline constexpr std::array<double, 4> kIntervalColumnsPercent{100, 105, 110, 120};
inline constexpr double kIntervalHighestHz = 20.0;
inline constexpr int kIntervalTrains = 10;
struct TrainIntervalRow {
    double interval_s;
    std::array<IntervalFinding, 4> finding;
};
std::span<const TrainIntervalRow> train_intervals();  // Chen 1997, falling

// Short bursts repeated at Protocol::frequency_hz; pulses_per_train still counts pulses.
struct BurstPattern {
    double burst_hz = 50.0;
    int pulses_per_burst = 3;
};

struct EarlierDose {
    double days_ago = 0.0;  // 0 and up, from the planned start back to that session's
    int pulses = 0;
};

// Bounds that are the site's own. The first two are not published limits: clinical 20 Hz pain protocols give 1 600 to
// 3 000 pulses a session (from memory), five of them a week.
struct SiteLimits {
    int most_pulses_a_day = 3000;        // within 24 h; over it: confirm
    int most_pulses_a_week = 15000;      // within 7 days; over it: confirm
    std::optional<double> coil_max_mso;  // what the coil is rated for, % of stimulator output; over it: refused
};

struct DosePlan {
    Protocol protocol;
    std::optional<BurstPattern> bursts;
    std::optional<double> rmt_mso;  // resting motor threshold, % of stimulator output
    std::vector<EarlierDose> earlier;
    SiteLimits limits;
};

enum class DoseLevel { inside, confirm, refused };
const char* to_word(DoseLevel level);

struct DoseReason {
    DoseLevel level = DoseLevel::inside;
    std::string about;   // "train", "train reduced", "interval", "trains", "output", "day", "week", "plan"
    std::string text;    // a sentence with its source
    std::string source;  // the publication, "" when it is none
    bool from_memory = false;
};

struct DoseVerdict {
    DoseLevel level = DoseLevel::inside;  // the gravest of the reasons
    std::vector<DoseReason> reasons;      // also what is inside, cell by cell; the gravest first
    double train_s = 0.0;                 // pulses of a train / frequency
    double session_s = 0.0;               // all trains with the pauses between
    int pulses = 0;
    std::optional<int> output_mso;             // whole, as a stimulator sets it
    std::optional<double> output_percent_rmt;  // what that really is; the tables are asked for the higher of the two
    bool needs_name = false;                   // to be confirmed, but the protocol has no name
};

DoseVerdict check_dose(const DosePlan& plan);

}  // namespace precentral
