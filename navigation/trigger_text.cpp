// SPDX-License-Identifier: Apache-2.0
#include "navigation/trigger_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "data/text_fields.h"
#include "navigation/trigger_input.h"

namespace precentral {
namespace {

std::optional<std::string_view> find_word(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \t,;"), text.size());
        const std::string_view word = text.substr(0, end);
        if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=') {
            return word.substr(key.size() + 1);
        }
        text.remove_prefix(std::min(text.size(), end + 1));
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> LineSplitter::take(std::string_view bytes) {
    std::vector<std::string> out;
    for (const char c : bytes) {
        if (c == '\n' || c == '\r') {
            if (!dropping_ && !rest_.empty()) out.push_back(std::move(rest_));
            rest_.clear();
            dropping_ = false;
        } else if (!dropping_) {
            rest_ += c;
            if (rest_.size() > kLongest) {
                dropping_ = true;
                ++too_long_;
                rest_.clear();
            }
        }
    }
    return out;
}

std::optional<Trigger> trigger_from_line(std::string_view line, SteadyTime received, std::string& why) {
    why.clear();
    const std::string_view text = trimmed(line);
    if (text.starts_with('#')) return std::nullopt;
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; })) {
        why = "What came as a trigger is not text.";
        return std::nullopt;
    }
    Trigger out{.received = received, .device_time_s = kNoDeviceTime, .count = 0, .intensity_mso = 0.0};
    if (const auto word = find_word(text, "count")) {
        const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), out.count);
        if (error != std::errc() || end != word->data() + word->size()) {
            why = "A trigger was refused: its count \"" + std::string(*word) + "\" is no whole number.";
            return std::nullopt;
        }
    }
    if (const auto word = find_word(text, "intensity")) {
        const auto intensity = number_in(*word);
        if (!intensity || *intensity < 0.0 || *intensity > 100.0) {
            why = "A trigger was refused: its intensity \"" + std::string(*word) + "\" is not within 0 to 100 %.";
            return std::nullopt;
        }
        out.intensity_mso = *intensity;
    }
    return out;
}

}  // namespace precentral
