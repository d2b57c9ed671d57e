// SPDX-License-Identifier: Apache-2.0
// Classes of pain relief, told apart by lightness so that a black-and-white print still reads.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace precentral {

enum class ReliefClass { unknown, under10, from10, from30, from50 };

// Relief in percent as the patient says it; negative = worse, and so under 10.
inline ReliefClass relief_class(const std::optional<double>& relief_percent) {
    if (!relief_percent || !std::isfinite(*relief_percent)) return ReliefClass::unknown;
    if (*relief_percent >= 50.0) return ReliefClass::from50;
    if (*relief_percent >= 30.0) return ReliefClass::from30;
    if (*relief_percent >= 10.0) return ReliefClass::from10;
    return ReliefClass::under10;
}

struct ReliefMark {
    const char* words;    // for a legend
    std::uint32_t light;  // 0xRRGGBB on a light ground (L* 47, 62, 78)
    std::uint32_t dark;   // on a dark ground
    bool filled;          // otherwise an open disc
    bool dashed;          // a dashed outline
};

inline const ReliefMark& relief_mark(ReliefClass relief) {
    static constexpr std::array<ReliefMark, 5> kMarks = {{
        {"not known", 0xffffff, 0x1a2027, false, true},
        {"under 10 %", 0xffffff, 0x1a2027, false, false},
        {"10–29 %", 0xa9c9a0, 0xcfe3c8, true, false},
        {"30–49 %", 0x4fa587, 0x7fd0b4, true, false},
        {"50 % or more", 0x0b7f5f, 0x1fbf92, true, false},
    }};
    return kMarks[static_cast<std::size_t>(relief)];
}

}  // namespace precentral
