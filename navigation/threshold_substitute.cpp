// SPDX-License-Identifier: Apache-2.0
#include "navigation/threshold_substitute.h"

#include <array>
#include <cstdio>

#include "data/error.h"
#include "navigation/efield/dose_transfer.h"

namespace precentral {
namespace {

void check(double rmt_mso) {
    if (!(rmt_mso >= 1.0 && rmt_mso <= 100.0)) {
        throw InputError("A motor threshold lies within 1 to 100 % of stimulator output.");
    }
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

constexpr const char* kNotMeasured = " Not a measured threshold.";

}  // namespace

ThresholdSubstitute threshold_of_other_side(double other_rmt_mso) {
    check(other_rmt_mso);
    return {other_rmt_mso, true, "contralateral",
            "The threshold of the other side, " + number(other_rmt_mso) + " % of output, taken over." + kNotMeasured};
}

ThresholdSubstitute threshold_by_distance(double other_rmt_mso, double other_depth_mm, double this_depth_mm) {
    check(other_rmt_mso);
    const DoseTransfer moved = dose_by_distance(other_rmt_mso, other_depth_mm, this_depth_mm);
    if (!(moved.percent_mso >= 1.0)) {
        throw InputError("At that depth nothing would be left of a threshold of " + number(other_rmt_mso) +
                         " %: check the depths.");
    }
    return {moved.percent_mso, moved.reachable, "distance", moved.reason + kNotMeasured};
}

ThresholdSubstitute threshold_fixed(double rmt_mso, const std::string& who, const std::string& why) {
    check(rmt_mso);
    const auto empty = [](const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; };
    if (empty(who) || empty(why)) throw InputError("A fixed intensity needs the name of who decided it, and why.");
    return {rmt_mso, true, "fixed", number(rmt_mso) + " % of output, set by " + who + ": " + why + "." + kNotMeasured};
}

}  // namespace precentral
