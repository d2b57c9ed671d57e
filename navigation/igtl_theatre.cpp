// SPDX-License-Identifier: Apache-2.0
#include "navigation/igtl_theatre.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "data/error.h"

namespace precentral {
namespace {

// The whole of `text` must be the number, and finite.
template <class T>
std::optional<T> read_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if constexpr (std::is_floating_point_v<T>) {
        if (!std::isfinite(value)) return std::nullopt;
    }
    return value;
}

// The value of `key=value` among words separated by spaces.
std::optional<std::string_view> find_word(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=') {
            return word.substr(key.size() + 1);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::nullopt;
}

std::string decimal(double value) {
    std::array<char, 64> out{};
    const auto result = std::to_chars(out.data(), out.data() + out.size(), value);
    return {out.data(), result.ptr};
}

template <class T>
std::optional<T> metadata_number(const igtl::Message& message, std::string_view key) {
    const std::string* value = message.find_metadata(key);
    return value == nullptr ? std::nullopt : read_number<T>(*value);
}

}  // namespace

igtl::Message write_trigger(const Trigger& trigger) {
    return {.device = std::string(kTriggerDevice),
            .stamp = igtl::stamp_from_seconds(trigger.device_time_s),
            .content = igtl::TextData{.text = "count=" + std::to_string(trigger.count) +
                                              " intensity=" + decimal(trigger.intensity_mso)}};
}

std::optional<Trigger> read_trigger(const igtl::Message& message, SteadyTime received, std::string& why) {
    const auto* data = std::get_if<igtl::TextData>(&message.content);
    const std::string_view text = data == nullptr ? std::string_view() : std::string_view(data->text);
    const auto count_word = find_word(text, "count");
    const auto intensity_word = find_word(text, "intensity");
    const auto count = count_word ? read_number<std::uint64_t>(*count_word) : std::nullopt;
    const auto intensity = intensity_word ? read_number<double>(*intensity_word) : std::nullopt;
    if (!count || !intensity || *intensity < 0.0) {
        why = "A stimulator trigger was refused: '" + igtl::printable(text) +
              "' is not of the form count=1 intensity=50.";
        return std::nullopt;
    }
    return Trigger{
        .received = received, .device_time_s = message.time_s(), .count = *count, .intensity_mso = *intensity};
}

igtl::Message write_sweep(const EmgSweep& sweep, double device_time_s) {
    if (sweep.microvolts.size() > 65535) {
        throw InputError("An EMG sweep of " + std::to_string(sweep.microvolts.size()) +
                         " samples is too long for OpenIGTLink: at most 65535.");
    }
    return {.device = std::string(kEmgDevice),
            .stamp = igtl::stamp_from_seconds(device_time_s),
            .header_version = 2,
            .metadata = {{"PulseCount", std::to_string(sweep.pulse_count)},
                         {"SampleRateHz", decimal(sweep.sample_rate_hz)},
                         {"StartMs", decimal(sweep.start_ms)}},
            .content = igtl::ArrayData{{static_cast<std::uint16_t>(sweep.microvolts.size())}, sweep.microvolts}};
}

std::optional<EmgSweep> read_sweep(const igtl::Message& message, std::string& why) {
    const auto* data = std::get_if<igtl::ArrayData>(&message.content);
    const auto count = metadata_number<std::uint64_t>(message, "PulseCount");
    const auto rate_hz = metadata_number<double>(message, "SampleRateHz");
    const auto start_ms = metadata_number<double>(message, "StartMs");
    if (!count || !rate_hz || !start_ms || *rate_hz <= 0.0) {
        why = "An EMG sweep was refused: its metadata must give PulseCount, SampleRateHz and StartMs.";
        return std::nullopt;
    }
    if (data == nullptr || data->sizes.size() != 1 ||
        !std::all_of(data->values.begin(), data->values.end(), [](float v) { return std::isfinite(v); })) {
        why =
            "The EMG sweep of pulse " + std::to_string(*count) + " was refused: it must be one row of finite numbers.";
        return std::nullopt;
    }
    return EmgSweep{
        .pulse_count = *count, .sample_rate_hz = *rate_hz, .start_ms = *start_ms, .microvolts = data->values};
}

}  // namespace precentral
