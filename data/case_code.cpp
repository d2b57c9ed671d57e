// SPDX-License-Identifier: Apache-2.0
#include <sodium.h>

#include "data/error.h"
#include "data/store.h"

namespace precentral {

std::string random_case_code() {
    // Crockford's base 32: no I, L, O or U, so that a code read aloud or copied by hand stays the same.
    constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static_assert(kAlphabet.size() == 32);
    if (sodium_init() < 0) throw Error("The system's random source cannot be used; no case code was made.");
    std::string code = "PRC-";
    for (int i = 0; i < 8; ++i) code += kAlphabet[randombytes_uniform(32)];
    return code;
}

}  // namespace precentral
