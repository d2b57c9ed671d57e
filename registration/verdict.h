// SPDX-License-Identifier: Apache-2.0
// How far a fit can be trusted, in one word; the reasons stand beside it as sentences.
#pragma once

namespace precentral {

enum class Verdict { good, fair, poor };

inline const char* to_word(Verdict verdict) {
    return verdict == Verdict::good ? "good" : verdict == Verdict::fair ? "fair" : "poor";
}
inline Verdict worse(Verdict a, Verdict b) { return a > b ? a : b; }

}  // namespace precentral
