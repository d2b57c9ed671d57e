// SPDX-License-Identifier: Apache-2.0
#include "navigation/emg_recording.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string_view>

#include "data/error.h"
#include "data/text_fields.h"
#include "data/text_file.h"

namespace precentral {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kMostBytes = std::size_t{2} << 30;

// µV in one of the units a header names; 0 for a unit that is no voltage.
double microvolts_in(std::string_view unit) {
    const std::string name = lower(trimmed(unit));
    if (name == "v") return 1e6;
    if (name == "mv") return 1e3;
    if (name == "nv") return 1e-3;
    // The micro sign of UTF-8 (two of them) and of Latin-1, or a u.
    if (name.empty() || name == "uv" || name == "\xC2\xB5v" || name == "\xCE\xBCv" || name == "\xB5v") return 1.0;
    return 0.0;
}

// --- BrainVision ---

using Section = std::vector<std::pair<std::string, std::string>>;  // key in lower case, value; in the file's order

std::map<std::string, Section> read_sections(const std::string& path) {
    const std::string text = read_text_file(path);
    std::map<std::string, Section> sections;
    Section* current = nullptr;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = trimmed(std::string_view(text).substr(at, end - at));
        at = end + 1;
        if (line.empty() || line.front() == ';') continue;
        if (line.front() == '[' && line.back() == ']') {
            current = &sections[lower(line.substr(1, line.size() - 2))];
            continue;
        }
        const std::size_t equals = line.find('=');
        if (current != nullptr && equals != std::string_view::npos) {
            current->emplace_back(lower(trimmed(line.substr(0, equals))), trimmed(line.substr(equals + 1)));
        }
    }
    return sections;
}

std::string value_of(const Section& section, std::string_view key) {
    for (const auto& [name, value] : section) {
        if (name == key) return value;
    }
    return {};
}

std::vector<std::string> fields_of(std::string_view text) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t comma = text.find(',');
        std::string field(trimmed(text.substr(0, comma)));
        for (std::size_t at = field.find("\\1"); at != std::string::npos; at = field.find("\\1", at)) {
            field.replace(at, 2, ",");  // how the format writes a comma within a field
        }
        out.push_back(std::move(field));
        if (comma == std::string_view::npos) return out;
        text.remove_prefix(comma + 1);
    }
}

// A file named in the header: beside it, with $b for the header's own name.
std::string beside(const std::string& header, std::string name) {
    const std::filesystem::path path(header);
    if (const std::size_t at = name.find("$b"); at != std::string::npos) {
        name.replace(at, 2, path.stem().string());
    }
    return (path.parent_path() / std::filesystem::path(name).filename()).string();
}

}  // namespace

EmgRecording read_brainvision(const std::string& path) {
    auto sections = read_sections(path);
    const Section& common = sections["common infos"];
    const double channel_count = number_in(value_of(common, "numberofchannels")).value_or(0.0);
    const double interval_us = number_in(value_of(common, "samplinginterval")).value_or(0.0);
    if (channel_count < 1.0 || channel_count > 10000.0 || interval_us <= 0.0 || value_of(common, "datafile").empty()) {
        throw InputError(path + " is no BrainVision header: channels, sampling interval or data file are missing.");
    }
    if (lower(value_of(common, "dataformat")) != "binary") {
        throw InputError(path + " points to BrainVision data as text; export it as binary.");
    }
    const std::string format = lower(value_of(sections["binary infos"], "binaryformat"));
    const std::size_t width = format == "int_16" ? 2 : format == "int_32" || format == "ieee_float_32" ? 4 : 0;
    if (width == 0) {
        throw InputError(path + " has the binary format \"" + format +
                         "\"; INT_16, INT_32 and IEEE_FLOAT_32 are read.");
    }
    EmgRecording out;
    const auto channels = static_cast<std::size_t>(channel_count);
    std::vector<double> scale(channels, 0.0);
    out.channels.resize(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        const auto fields = fields_of(value_of(sections["channel infos"], "ch" + std::to_string(c + 1)));
        const bool stated = fields.size() > 2 && !fields[2].empty();
        const auto resolution = stated ? number_in(fields[2]) : std::optional(1.0);
        if (!resolution) {
            throw InputError(path + ": the resolution of channel " + std::to_string(c + 1) + " is no number.");
        }
        out.channels[c].name = fields[0].empty() ? "channel " + std::to_string(c + 1) : fields[0];
        out.channels[c].sample_rate_hz = 1e6 / interval_us;
        scale[c] = *resolution * microvolts_in(fields.size() > 3 ? fields[3] : "");
    }

    const std::string data_path = beside(path, value_of(common, "datafile"));
    const std::string bytes = read_text_file(data_path, kMostBytes);
    const std::size_t samples = bytes.size() / (width * channels);
    if (samples == 0 || samples * width * channels != bytes.size()) {
        throw InputError(data_path + " is damaged: its length does not fit " + std::to_string(channels) + " channels.");
    }
    const bool vectorised = lower(value_of(common, "dataorientation")) == "vectorized";
    for (std::size_t c = 0; c < channels; ++c) {
        std::vector<float>& values = out.channels[c].microvolts;
        values.resize(samples);
        for (std::size_t i = 0; i < samples; ++i) {
            const char* at = bytes.data() + width * (vectorised ? c * samples + i : i * channels + c);
            double value = 0.0;
            if (width == 2) {
                std::int16_t v = 0;
                std::memcpy(&v, at, sizeof v);
                value = v;
            } else if (format == "int_32") {
                std::int32_t v = 0;
                std::memcpy(&v, at, sizeof v);
                value = v;
            } else {
                float v = 0.0F;
                std::memcpy(&v, at, sizeof v);
                value = static_cast<double>(v);
            }
            values[i] = static_cast<float>(scale[c] * value);
        }
    }
    std::vector<EmgChannel> voltages;
    for (std::size_t c = 0; c < channels; ++c) {
        if (scale[c] != 0.0) voltages.push_back(std::move(out.channels[c]));
    }
    out.channels = std::move(voltages);

    if (const std::string markers = value_of(common, "markerfile"); !markers.empty()) {
        const std::string marker_path = beside(path, markers);
        auto marker_sections = read_sections(marker_path);
        for (const auto& [key, value] : marker_sections["marker infos"]) {
            const auto fields = fields_of(value);  // type, description, position counted from 1, …
            const double position = fields.size() < 3 ? 0.0 : number_in(fields[2]).value_or(0.0);
            if (position < 1.0) {
                throw InputError(marker_path + ": the marker \"" + key + "\" has no position.");
            }
            if (fields[0] != "New Segment" && fields[0] != "Comment") {
                out.markers.push_back({1e-6 * interval_us * (position - 1.0),
                                       fields[1].empty() ? fields[0] : fields[0] + " " + fields[1]});
            }
        }
    }
    return out;
}

// --- EDF and BDF ---

namespace {

// The onsets in one record of EDF+ annotations: +onset[ 21 duration] 20 text 20 [text 20 …] 0.
void add_annotations(std::string_view bytes, std::vector<EmgMarker>& markers) {
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\0'), bytes.size());
        std::string_view list = bytes.substr(0, end);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        const std::size_t head = list.find('\x14');
        if (head == std::string_view::npos) continue;
        const auto seconds = number_in(list.substr(0, std::min(head, list.find('\x15'))));
        if (!seconds) continue;
        list.remove_prefix(head + 1);
        while (!list.empty()) {
            const std::size_t stop = std::min(list.find('\x14'), list.size());
            if (stop > 0) markers.push_back({*seconds, std::string(list.substr(0, stop))});
            list.remove_prefix(std::min(stop + 1, list.size()));
        }
    }
}

struct EdfSignal {
    std::string label;
    std::string unit;
    double physical_low = 0.0;
    double physical_high = 0.0;
    double digital_low = 0.0;
    double digital_high = 0.0;
    std::size_t per_record = 0;
};

}  // namespace

EmgRecording read_edf(const std::string& path) {
    const std::string file = read_text_file(path, kMostBytes);
    const auto damaged = [&](const std::string& what) -> InputError {
        return InputError(path + " is no readable EDF or BDF file: " + what + ".");
    };
    const bool bdf =
        file.size() > 8 && static_cast<unsigned char>(file[0]) == 0xFF && file.compare(1, 7, "BIOSEMI") == 0;
    if (file.size() < 256 || (!bdf && trimmed(std::string_view(file).substr(0, 8)) != "0")) {
        throw damaged("the header is missing");
    }
    const auto number = [&](std::size_t at, std::size_t width, const char* what) {
        const auto value =
            at + width > file.size() ? std::nullopt : number_in(std::string_view(file).substr(at, width));
        if (!value) throw damaged(std::string(what) + " is no number");
        return *value;
    };
    if (std::string_view(file).substr(192, 5) == "EDF+D") {
        throw damaged("the recording has gaps (EDF+D); export it without");
    }
    const double header_bytes = number(184, 8, "the length of the header");
    const double record_s = number(244, 8, "the length of a record");
    const double count = number(252, 4, "the number of signals");
    if (count < 1.0 || count > 10000.0 || record_s <= 0.0 || header_bytes != 256.0 * (count + 1.0) ||
        header_bytes > static_cast<double>(file.size())) {
        throw damaged("its header contradicts itself");
    }
    const auto signals_count = static_cast<std::size_t>(count);
    std::vector<EdfSignal> signals(signals_count);
    std::size_t record_samples = 0;
    for (std::size_t s = 0; s < signals_count; ++s) {
        // The fields of all signals one after the other; offsets are the widths of the fields before.
        const auto at = [&](std::size_t offset, std::size_t width) { return 256 + offset * signals_count + width * s; };
        EdfSignal& signal = signals[s];
        signal.label = std::string(trimmed(std::string_view(file).substr(at(0, 16), 16)));
        signal.unit = std::string(trimmed(std::string_view(file).substr(at(96, 8), 8)));
        signal.physical_low = number(at(104, 8), 8, "a physical minimum");
        signal.physical_high = number(at(112, 8), 8, "a physical maximum");
        signal.digital_low = number(at(120, 8), 8, "a digital minimum");
        signal.digital_high = number(at(128, 8), 8, "a digital maximum");
        const double per_record = number(at(216, 8), 8, "the samples of a record");
        if (per_record < 0.0 || per_record > 1e8 || signal.digital_high <= signal.digital_low) {
            throw damaged("the signal " + signal.label + " contradicts itself");
        }
        signal.per_record = static_cast<std::size_t>(per_record);
        record_samples += signal.per_record;
    }
    const std::size_t width = bdf ? 3 : 2;
    const std::size_t first = static_cast<std::size_t>(header_bytes);
    const std::size_t records = record_samples == 0 ? 0 : (file.size() - first) / (width * record_samples);
    if (records == 0) throw damaged("it holds no samples");

    const auto digital = [&](std::size_t at) {
        const auto byte = [&](std::size_t i) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(file[at + i]));
        };
        const std::uint32_t high = byte(width - 1);
        std::uint32_t word =
            byte(0) | (bdf ? byte(1) << 8U : 0U) | high << (8U * (static_cast<std::uint32_t>(width) - 1U));
        if (high >= 0x80U) word |= bdf ? 0xFF000000U : 0xFFFF0000U;
        return static_cast<std::int32_t>(word);
    };

    EmgRecording out;
    std::size_t offset = 0;
    for (const EdfSignal& signal : signals) {
        const auto sample_at = [&](std::size_t i) {
            return first + width * ((i / signal.per_record) * record_samples + offset + i % signal.per_record);
        };
        const std::size_t samples = records * signal.per_record;
        const double rate_hz = static_cast<double>(signal.per_record) / record_s;
        if (signal.label == "EDF Annotations" || signal.label == "BDF Annotations") {
            for (std::size_t record = 0; record < records; ++record) {
                add_annotations(std::string_view(file).substr(first + width * (record * record_samples + offset),
                                                              width * signal.per_record),
                                out.markers);
            }
        } else if (bdf && signal.label == "Status") {
            std::uint32_t before = 0xFFFFU;  // a line that is high from the start is no pulse
            for (std::size_t i = 0; i < samples; ++i) {
                const std::uint32_t now = static_cast<std::uint32_t>(digital(sample_at(i))) & 0xFFFFU;
                if (now != before && (now & ~before) != 0) {
                    out.markers.push_back({static_cast<double>(i) / rate_hz, std::to_string(now)});
                }
                before = now;
            }
        } else if (lower(signal.label).find("trig") != std::string::npos) {
            std::int32_t lowest = INT32_MAX;
            std::int32_t highest = INT32_MIN;
            for (std::size_t i = 0; i < samples; ++i) {
                lowest = std::min(lowest, digital(sample_at(i)));
                highest = std::max(highest, digital(sample_at(i)));
            }
            const double half = 0.5 * (static_cast<double>(lowest) + highest);
            for (std::size_t i = 1; highest > lowest && i < samples; ++i) {
                if (digital(sample_at(i)) > half && digital(sample_at(i - 1)) <= half) {
                    out.markers.push_back({static_cast<double>(i) / rate_hz, signal.label});
                }
            }
        } else if (const double unit = signal.unit.empty() ? 0.0 : microvolts_in(signal.unit);
                   unit > 0.0 && signal.per_record > 0) {
            EmgChannel channel{signal.label, rate_hz, std::vector<float>(samples)};
            const double gain =
                (signal.physical_high - signal.physical_low) / (signal.digital_high - signal.digital_low);
            for (std::size_t i = 0; i < samples; ++i) {
                channel.microvolts[i] = static_cast<float>(
                    unit * (signal.physical_low + gain * (digital(sample_at(i)) - signal.digital_low)));
            }
            out.channels.push_back(std::move(channel));
        }
        offset += signal.per_record;
    }
    std::stable_sort(out.markers.begin(), out.markers.end(),
                     [](const EmgMarker& a, const EmgMarker& b) { return a.seconds < b.seconds; });
    return out;
}

}  // namespace precentral
