// SPDX-License-Identifier: Apache-2.0
#include "data/pulse_table.h"

#include <array>
#include <charconv>
#include <cmath>

#include "data/text_file.h"

namespace precentral {
namespace {

class Line {
public:
    void text(std::string_view value) {
        begin();
        if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
            line_ += value;
            return;
        }
        line_ += '"';
        for (const char c : value) {
            if (c == '"') line_ += '"';
            line_ += c;
        }
        line_ += '"';
    }
    void number(double value) {
        begin();
        if (!std::isfinite(value)) return;
        std::array<char, 32> digits{};
        line_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
    }
    void number(std::optional<double> value) { number(value.value_or(std::nan(""))); }
    void whole(int value) {
        begin();
        line_ += std::to_string(value);
    }
    void empty() { begin(); }
    std::string finish() { return std::move(line_) + "\n"; }

private:
    void begin() {
        if (started_) line_ += ',';
        started_ = true;
    }
    std::string line_;
    bool started_ = false;
};

std::string header() {
    Line line;
    for (const char* name : {"time", "train", "index", "intensity_mso"}) line.text(name);
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 4; ++column) {
            line.text("coil_m" + std::to_string(row) + std::to_string(column));
        }
    }
    for (const char* name :
         {"in_plane_mm", "gap_mm", "tilt_deg", "twist_deg", "pose_age_ms", "valid", "reason", "mep_uv", "purpose",
          "sequence", "device_time_s", "device_count", "mep_latency_ms", "mep_verdict"}) {
        line.text(name);
    }
    return line.finish();
}

std::string row_of(const Pulse& pulse) {
    Line line;
    line.text(to_iso8601(pulse.time));
    line.whole(pulse.train);
    line.whole(pulse.index);
    line.number(pulse.intensity_mso);
    const Eigen::Matrix4d pose = pulse.scan_from_coil ? pulse.scan_from_coil->matrix() : Eigen::Matrix4d::Zero();
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 4; ++column) {
            if (pulse.scan_from_coil) {
                line.number(pose(row, column));
            } else {
                line.empty();
            }
        }
    }
    const bool known = pulse.deviation.has_value();
    const Deviation deviation = pulse.deviation.value_or(Deviation{});
    for (const double value : {deviation.in_plane_mm, deviation.gap_mm, deviation.tilt_deg, deviation.twist_deg}) {
        line.number(known ? std::optional(value) : std::nullopt);
    }
    line.number(pulse.scan_from_coil ? std::optional(pulse.pose_age_ms) : std::nullopt);
    line.whole(pulse.valid ? 1 : 0);
    line.text(pulse.reason);
    line.number(pulse.mep_uv);
    line.text(to_word(pulse.purpose));
    line.whole(pulse.sequence);
    line.number(pulse.device_time_s);
    line.text(std::to_string(pulse.device_count));
    line.number(pulse.mep_latency_ms);
    line.text(pulse.mep_verdict);
    return line.finish();
}

}  // namespace

std::string pulse_table(std::span<const Pulse> pulses) {
    std::string out = header();
    for (const Pulse& pulse : pulses) out += row_of(pulse);
    return out;
}

void write_pulse_table(const std::string& path, std::span<const Pulse> pulses) {
    write_text_file(path, pulse_table(pulses));
}

}  // namespace precentral
