// SPDX-License-Identifier: Apache-2.0
// The two clocks: steady, for what is live; UTC in whole milliseconds, for what is kept.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace precentral {

using SteadyTime = std::chrono::steady_clock::time_point;
using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

inline SteadyTime steady_now() { return std::chrono::steady_clock::now(); }
inline UtcTime utc_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
inline double seconds_between(SteadyTime from, SteadyTime to) {
    return std::chrono::duration<double>(to - from).count();
}

// "2026-10-26T09:31:07.123Z"
std::string to_iso8601(UtcTime time);
// The inverse; throws InputError on anything else.
UtcTime from_iso8601(std::string_view text);
// "26 October 2026"
std::string to_day(UtcTime time);

}  // namespace precentral
