// SPDX-License-Identifier: Apache-2.0
#include "navigation/map_table.h"

#include <algorithm>
#include <sstream>

#include "data/error.h"
#include "data/text_fields.h"
#include "data/text_file.h"

namespace precentral {

std::vector<std::string> csv_cells(const std::string& line) {
    std::vector<std::string> out(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted) {
            if (c != '"') {
                out.back() += c;
            } else if (i + 1 < line.size() && line[i + 1] == '"') {
                out.back() += line[++i];
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            out.emplace_back();
        } else {
            out.back() += c;
        }
    }
    for (std::string& cell : out) cell = std::string(trimmed(cell));
    return out;
}

namespace {

class PulseTable {
public:
    explicit PulseTable(const std::string& file) : file_(file), in_(read_text_file(file, std::size_t{64} << 20)) {
        std::string line;
        if (next_line(line)) {
            constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
            if (line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
            names_ = csv_cells(line);
        }
        has_site_ = column("x") && column("y") && column("z");
        has_pose_ = column("coil_m00") && column("coil_m33");
        if (!column("mep_uv") || !(has_site_ || has_pose_)) {
            throw InputError("\"" + file +
                             "\" needs a first line that names x, y, z (or coil_m00 … coil_m33) and "
                             "mep_uv; intensity_mso, yaw_deg and rejected may follow.");
        }
    }

    std::vector<GivenPulse> read() {
        std::vector<GivenPulse> out;
        std::string line;
        while (next_line(line)) {
            cells_ = csv_cells(line);
            if (cells_.size() < names_.size()) throw InputError(where() + ": fewer values than the first line names.");
            if (const auto purpose = column("purpose"); purpose && cells_[*purpose] == "treat") continue;
            if (cells_[*column("mep_uv")].empty()) continue;  // not measured
            GivenPulse pulse;
            pulse.mep_uv = *number("mep_uv");
            if (pulse.mep_uv < 0.0) throw InputError(where() + ": an amplitude cannot be negative.");
            pulse.intensity_mso = number("intensity_mso");
            pulse.yaw_deg = number("yaw_deg");
            const auto verdict = column("mep_verdict");
            pulse.rejected =
                number("rejected").value_or(0.0) != 0.0 || (verdict && cells_[*verdict].starts_with("rejected"));
            if (!read_place(pulse)) continue;  // no pose stands behind it
            out.push_back(pulse);
        }
        if (out.empty()) throw InputError("\"" + file_ + "\" holds no pulse with a place and an amplitude.");
        return out;
    }

private:
    bool next_line(std::string& line) {
        while (std::getline(in_, line)) {
            ++number_;
            if (!trimmed(line).empty() && line.front() != '#') return true;
        }
        return false;
    }
    std::string where() const { return "\"" + file_ + "\", line " + std::to_string(number_); }
    std::optional<std::size_t> column(const std::string& name) const {
        const auto it = std::find(names_.begin(), names_.end(), name);
        return it == names_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(it - names_.begin()));
    }
    std::optional<double> number(const std::string& name) const {
        const auto at = column(name);
        if (!at || cells_[*at].empty()) return std::nullopt;
        const std::optional<double> value = number_in(cells_[*at]);
        if (!value) throw InputError(where() + ": \"" + cells_[*at] + "\" in column " + name + " is not a number.");
        return value;
    }
    bool read_place(GivenPulse& pulse) const {
        return (has_pose_ && read_pose(pulse)) || (has_site_ && read_site(pulse));
    }
    bool read_pose(GivenPulse& pulse) const {
        Eigen::Matrix4d m;
        for (int row = 0; row < 4; ++row) {
            for (int place = 0; place < 4; ++place) {
                const auto value = number("coil_m" + std::to_string(row) + std::to_string(place));
                if (!value) return false;
                m(row, place) = *value;
            }
        }
        pulse.pose = Transform<Scan, Coil>::checked(m, where());
        pulse.site = pulse.pose->origin();
        return true;
    }
    bool read_site(GivenPulse& pulse) const {
        const char* axes[] = {"x", "y", "z"};
        for (int axis = 0; axis < 3; ++axis) {
            const auto value = number(axes[axis]);
            if (!value) return false;
            pulse.site.xyz[axis] = *value;
        }
        return true;
    }

    std::string file_;
    std::istringstream in_;
    std::vector<std::string> names_;
    std::vector<std::string> cells_;
    int number_ = 0;
    bool has_site_ = false;
    bool has_pose_ = false;
};

}  // namespace

std::vector<GivenPulse> read_map_table(const std::string& file) { return PulseTable(file).read(); }

}  // namespace precentral
