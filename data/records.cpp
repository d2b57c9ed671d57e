// SPDX-License-Identifier: Apache-2.0
#include "data/records.h"

#include "data/error.h"

namespace precentral {

const char* to_word(PulsePurpose purpose) {
    switch (purpose) {
        case PulsePurpose::map: return "map";
        case PulsePurpose::threshold: return "threshold";
        case PulsePurpose::treat: return "treat";
    }
    return "treat";
}

PulsePurpose purpose_from_word(std::string_view word) {
    if (word == "map") return PulsePurpose::map;
    if (word == "threshold") return PulsePurpose::threshold;
    if (word == "treat") return PulsePurpose::treat;
    throw InputError("\"" + std::string(word) + "\" is not a purpose of a pulse; expected map, threshold or treat.");
}

}  // namespace precentral
