// SPDX-License-Identifier: Apache-2.0
#include "data/markers/marker_text.h"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "data/error.h"
#include "data/text_fields.h"

namespace precentral::markers {
namespace {

// Axes rounded to three decimals, as in Brainsight's text, are off a rotation by at most 2 * sqrt(3) * 0.0005.
constexpr double kRounding = 4e-3;
constexpr double kMostShear = 0.1;
constexpr double kFurthestMm = 1000.0;

}  // namespace

void PoseDoor::refuse(const std::string& where, const std::string& why) const {
    throw InputError("\"" + file_ + "\"" + (where.empty() ? "" : ", " + where) + ": " + why);
}

Point<MarkerSpace> PoseDoor::point(const Eigen::Vector3d& xyz_mm, const std::string& where) const {
    if (!xyz_mm.allFinite()) refuse(where, "a coordinate is not a number.");
    if (xyz_mm.cwiseAbs().maxCoeff() > kFurthestMm) {
        refuse(where, "a coordinate is more than 1 m away; the file is not in millimetres, or damaged.");
    }
    return {ras_from_file_ * xyz_mm};
}

Transform<MarkerSpace, Coil> PoseDoor::pose(const Eigen::Matrix3d& axes, const Eigen::Vector3d& centre_mm,
                                            const std::string& where) {
    const Point<MarkerSpace> centre = point(centre_mm, where);
    if (!axes.allFinite()) refuse(where, "an axis of the coil is not a number.");
    const double off = (axes.transpose() * axes - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff();
    const double turn = (ras_from_file_ * axes).determinant();
    if (turn < 0.0) refuse(where, "the coil's axes are left-handed (a mirror image); export the markers again.");
    if (off > kRounding) {
        if (!nearest_rotation_ || !(off <= kMostShear)) {
            refuse(where, "the coil's axes are sheared or scaled by " + fixed(off, 3) +
                              (off <= kMostShear ? "; check where they come from, or take the nearest rotation with "
                                                   "--nearest-rotation."
                                                 : "; this is no pose of a coil."));
        }
        ++made_rotations_;
    }
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(ras_from_file_ * axes, Eigen::ComputeFullU | Eigen::ComputeFullV);
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = svd.matrixU() * svd.matrixV().transpose() * ours(axes_);
    out.translation() = centre.xyz;
    return Transform<MarkerSpace, Coil>(out);
}

void PoseDoor::tell(std::vector<std::string>& warnings) const {
    if (made_rotations_ == 0) return;
    warnings.push_back(counted(made_rotations_, "pose was", "poses were") +
                       " sheared or scaled; the nearest rotation was taken.");
}

Eigen::Matrix3d axes_out(const Transform<MarkerSpace, Coil>& pose, CoilAxes axes) {
    return pose.rotation() * ours(axes).transpose();
}

std::vector<std::string> cells_of(std::string_view line, char between) {
    std::vector<std::string> out(1);
    bool quoted = false;
    bool fresh = true;  // a quote only opens at the start of a cell
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted) {
            if (c != '"') {
                out.back() += c;
            } else if (i + 1 < line.size() && line[i + 1] == '"') {
                out.back() += '"';
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == between) {
            out.emplace_back();
            fresh = true;
            continue;
        } else if (c == '"' && fresh) {
            quoted = true;
        } else if (c != '\r') {
            out.back() += c;
        }
        fresh = false;
    }
    for (std::string& cell : out) cell = std::string(trimmed(cell));
    return out;
}

std::string joined(const std::vector<std::string>& cells, char between) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += between;
        std::string plain = cells[i];
        for (char& c : plain) {
            if (c == '\n' || c == '\r' || (c == '\t' && between == '\t')) c = ' ';
        }
        if (between == ',' && plain.find_first_of(",\"") != std::string::npos) {
            out += '"';
            for (const char c : plain) {
                if (c == '"') out += '"';
                out += c;
            }
            out += '"';
        } else {
            out += plain;
        }
    }
    return out + "\n";
}

std::vector<std::string_view> lines_of(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        out.push_back(line);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return out;
}

Header::Header(std::vector<std::string> names) : names_(std::move(names)) {
    for (std::size_t i = 0; i < names_.size(); ++i) places_.emplace(names_[i], i);
}

const std::string& Header::at(const std::vector<std::string>& cells, const std::string& name) const {
    static const std::string none;
    const auto found = places_.find(name);
    return found == places_.end() || found->second >= cells.size() ? none : cells[found->second];
}

std::string digits(double value) {
    if (!std::isfinite(value)) return "";
    std::array<char, 32> out{};
    return std::string(out.data(), std::to_chars(out.data(), out.data() + out.size(), value).ptr);
}

std::string digits(const std::optional<double>& value) { return value ? digits(*value) : ""; }

std::string fixed(double value, int decimals) {
    std::array<char, 64> out{};
    return std::string(
        out.data(), std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::fixed, decimals).ptr);
}

double required(const PoseDoor& door, const std::string& text, const std::string& where, const std::string& what) {
    const auto value = number_in(text);
    if (!value) door.refuse(where, what + " is \"" + text.substr(0, 40) + "\", not a number.");
    return *value;
}

std::string counted(int n, const char* one, const char* many) {
    return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace precentral::markers
