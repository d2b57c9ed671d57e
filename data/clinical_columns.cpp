// SPDX-License-Identifier: Apache-2.0
#include "data/clinical_columns.h"

#include <charconv>

namespace precentral {

std::vector<std::string> to_texts(const std::vector<ScreeningEntry>& entries) {
    std::vector<std::string> out;
    for (const ScreeningEntry& entry : entries) {
        out.push_back(std::to_string(static_cast<int>(entry.item)) + "=" +
                      std::to_string(static_cast<int>(entry.answer)));
    }
    return out;
}

std::vector<ScreeningEntry> to_entries(const std::vector<std::string>& texts) {
    std::vector<ScreeningEntry> out;
    for (const std::string& text : texts) {
        int item = -1;
        int answer = -1;
        const char* const end = text.data() + text.size();
        const auto first = std::from_chars(text.data(), end, item);
        const bool parted = first.ec == std::errc() && first.ptr != end && *first.ptr == '=';
        const auto second = parted ? std::from_chars(first.ptr + 1, end, answer) : first;
        if (!parted || second.ec != std::errc() || second.ptr != end || item < 0 ||
            item > static_cast<int>(ScreeningItem::earlier_mri_trouble) || answer < 0 ||
            answer > static_cast<int>(ScreeningAnswer::unknown)) {
            throw Error("\"" + text.substr(0, 40) + "\" is not an answer of a screening");
        }
        out.push_back({static_cast<ScreeningItem>(item), static_cast<ScreeningAnswer>(answer)});
    }
    return out;
}

}  // namespace precentral
