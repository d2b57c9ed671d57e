// SPDX-License-Identifier: Apache-2.0
// Pulses as lines of text: any line is a pulse; "count=<n> intensity=<% of output>" in it is taken, a line that begins
// with # is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

// Cuts a stream into its lines. One thread at a time.
class LineSplitter {
public:
    static constexpr std::size_t kLongest = 1024;
    // The whole lines so far, without their ends and without empty ones.
    std::vector<std::string> take(std::string_view bytes);
    // Lines that went on for longer and were dropped.
    std::uint64_t too_long() const { return too_long_; }

private:
    std::string rest_;
    bool dropping_ = false;
    std::uint64_t too_long_ = 0;
};

// Nothing when the line is no pulse: `why` is then a sentence, or "" for a remark. Trigger::count is 0 when the line
// has none.
std::optional<Trigger> trigger_from_line(std::string_view line, SteadyTime received, std::string& why);

}  // namespace precentral
