// SPDX-License-Identifier: Apache-2.0
// visor2: targets as JSON (.mrk), stimuli as a table (.csv).
#include <Eigen/Geometry>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/text_fields.h"

namespace precentral::markers {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The chain of keys, or null.
const json& at(const json& object, std::initializer_list<const char*> keys) {
    static const json none;
    const json* here = &object;
    for (const char* key : keys) {
        if (!here->is_object() || !here->contains(key)) return none;
        here = &(*here)[key];
    }
    return *here;
}

MarkerSet read_targets(const std::string& file, std::string_view text, const MarkerReading& how) {
    PoseDoor door(file, CoilAxes::ours, how.nearest_rotation);
    const json parsed = json::parse(text, nullptr, false);
    const json& list = at(parsed, {"TargetMarkers"});
    if (!list.is_array()) door.refuse("", "not a list of visor2 targets, or cut short.");
    MarkerSet out;
    out.format = "visor2";
    out.version = text_at(at(parsed, {"Configuration", "SourceInfo"}), "AppVersion");
    out.space = SpaceKind::scan;
    int number = 0;
    for (const json& entry : list) {
        const std::string where = "target " + std::to_string(++number);
        const json& target = at(entry, {"CoilTarget"});
        if (!target.is_object()) door.refuse(where, "no CoilTarget in it.");
        const std::string system = text_at(target, "CoordinateSystem");
        if (system != "ASSOCIATED_IMAGE") door.refuse(where, "the coordinate system \"" + system + "\" is not known.");
        if (text_at(target, "PositionalUnit") != "mm") door.refuse(where, "its unit is not mm.");
        if (text_at(target, "CoilAxesConvention") != "simnibs") door.refuse(where, "its coil axes are not SimNIBS's.");
        const json& matrix = at(target, {"CoilPose", "RigidTransformMatrix4x4"});
        Eigen::Matrix4d m;
        for (std::size_t i = 0; i < 16; ++i) {
            const json* row = matrix.is_array() && matrix.size() == 4 ? &matrix[i / 4] : nullptr;
            if (row == nullptr || !row->is_array() || row->size() != 4 || !(*row)[i % 4].is_number()) {
                door.refuse(where, "its pose is not 4 rows of 4 numbers.");
            }
            m(static_cast<int>(i / 4), static_cast<int>(i % 4)) = (*row)[i % 4].get<double>();
        }
        if (m.row(3) != Eigen::RowVector4d(0, 0, 0, 1)) door.refuse(where, "its last row is not 0 0 0 1.");
        MarkerTarget made;
        made.name = text_at(target, "Name");
        made.pose = door.pose(m.topLeftCorner<3, 3>(), m.topRightCorner<3, 1>(), where);
        out.targets.push_back(std::move(made));
        out.coordinate_system = system;
    }
    if (!at(parsed, {"Configuration", "AssociatedImageInfo"}).is_null()) {
        out.warnings.emplace_back("The file names the image its targets belong to; check that it is this patient's.");
    }
    door.tell(out.warnings);
    return out;
}

constexpr const char* kColumns[] = {"visor2 software version",
                                    "Subject",
                                    "Session",
                                    "Stimulus ID",
                                    "Stimulation intensity (%)",
                                    "TMS stimulus time (clock time)",
                                    "TMS coil",
                                    "Coordinate system",
                                    "Coil position x (mm)",
                                    "Coil position y (mm)",
                                    "Coil position z (mm)",
                                    "Coil rotation x",
                                    "Coil rotation y",
                                    "Coil rotation z",
                                    "Coil rotation w",
                                    "rTMS stimulus",
                                    "rTMS count",
                                    "rTMS frequency (hz)",
                                    "Errors"};

// "20200604_1211": the day of the session.
std::string day_of(const std::string& session) {
    if (session.size() < 8 || session.find_first_not_of("0123456789") < 8) return "";
    return session.substr(0, 4) + "-" + session.substr(4, 2) + "-" + session.substr(6, 2);
}

MarkerSet read_stimuli(const std::string& file, std::string_view text, const MarkerReading& how) {
    PoseDoor door(file, CoilAxes::ours, how.nearest_rotation);
    const auto lines = lines_of(text);
    const Header header(cells_of(lines.front(), ','));
    MarkerSet out;
    out.format = "visor2";
    out.space = SpaceKind::head;
    int errors = 0;
    int rows = 0;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (trimmed(lines[i]).empty()) continue;
        const std::string where = "line " + std::to_string(i + 1);
        const auto cells = cells_of(lines[i], ',');
        if (cells.size() != header.names().size()) {
            door.refuse(where, std::to_string(cells.size()) + " of " + std::to_string(header.names().size()) +
                                   " columns; the file is cut short or damaged.");
        }
        const auto number_of = [&](const char* name) -> std::optional<double> {
            const std::string& cell = header.at(cells, name);
            if (cell.empty() || cell == "NULL") return std::nullopt;
            return required(door, cell, where, name);
        };
        ++rows;
        out.version = header.at(cells, kColumns[0]);
        MarkerPulse pulse;
        pulse.name = header.at(cells, "Stimulus ID");
        pulse.intensity_mso = number_of("Stimulation intensity (%)");
        const std::string day = day_of(header.at(cells, "Session"));
        const std::string& time = header.at(cells, "TMS stimulus time (clock time)");
        if (!day.empty() && !time.empty()) pulse.time = day + "T" + time;
        std::array<std::optional<double>, 7> pose;
        int there = 0;
        for (std::size_t k = 0; k < pose.size(); ++k) {
            pose[k] = number_of(kColumns[8 + k]);
            there += pose[k] ? 1 : 0;
        }
        if (there == 7) {
            const Eigen::Quaterniond q(*pose[6], *pose[3], *pose[4], *pose[5]);
            if (std::abs(q.norm() - 1.0) > 1e-2) door.refuse(where, "the rotation is not a unit quaternion.");
            pulse.pose = door.pose(q.normalized().toRotationMatrix(), {*pose[0], *pose[1], *pose[2]}, where);
        } else if (there != 0) {
            door.refuse(where, "a pose without all of its numbers.");
        }
        const std::string& system = header.at(cells, "Coordinate system");
        if (!system.empty() && system != "NULL") {
            if (!out.coordinate_system.empty() && out.coordinate_system != system) {
                door.refuse(where, "two coordinate systems in one file.");
            }
            out.coordinate_system = system;
        }
        const std::string& error = header.at(cells, "Errors");
        if (!error.empty() && error != "none") ++errors;
        out.pulses.push_back(std::move(pulse));
    }
    if (out.coordinate_system.empty() && rows > 0) out.coordinate_system = "not named";
    out.warnings.push_back("The positions are in the head's own system (" + out.coordinate_system +
                           "), not in an MRI, and its coil axes are taken as the file has them: no published source "
                           "says how they lie. Do not navigate on them.");
    if (errors > 0) out.warnings.push_back(counted(errors, "stimulus", "stimuli") + " marked with an error by visor2.");
    return out;
}

}  // namespace

MarkerSet read_visor2(const std::string& file, std::string_view text, const MarkerReading& how) {
    const std::string_view start = trimmed(text.substr(0, 64));
    return start.starts_with("{") ? read_targets(file, text, how) : read_stimuli(file, text, how);
}

std::vector<FileText> visor2_text(const MarkerSet& markers, const std::filesystem::path& file) {
    std::vector<FileText> out;
    json list = json::array();
    for (const MarkerTarget& target : markers.targets) {
        if (!target.pose) continue;
        json rows = json::array();
        const Eigen::Matrix4d m = target.pose->matrix();
        for (int r = 0; r < 4; ++r) rows.push_back({m(r, 0), m(r, 1), m(r, 2), m(r, 3)});
        list.push_back({{"CoilTarget",
                         {{"Name", target.name},
                          {"CoordinateSystem", "ASSOCIATED_IMAGE"},
                          {"PositionalUnit", "mm"},
                          {"CoilAxesConvention", "simnibs"},
                          {"CoilInfo", {{"Type", ""}, {"Id", ""}}},
                          {"CoilPose", {{"RigidTransformMatrix4x4", rows}}}}}});
    }
    if (markers.space == SpaceKind::scan) {
        const json whole{{"Configuration", {{"SourceInfo", {{"AppName", "Precentral"}, {"AppVersion", ""}}}}},
                         {"TargetMarkers", list}};
        out.push_back({file, whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n"});
        return out;
    }
    std::string table = joined({std::begin(kColumns), std::end(kColumns)}, ',');
    int number = 0;
    for (const MarkerPulse& pulse : markers.pulses) {
        ++number;
        std::string day = pulse.time.substr(0, 10);
        std::erase(day, '-');
        std::string time = pulse.time.size() > 11 ? pulse.time.substr(11) : "";
        if (time.ends_with('Z')) time.pop_back();
        std::vector<std::string> cells = {
            "",   "", day, pulse.name.empty() ? std::to_string(number) : pulse.name, digits(pulse.intensity_mso),
            time, ""};
        if (pulse.pose) {
            const Eigen::Quaterniond q(pulse.pose->rotation());
            const Eigen::Vector3d centre = pulse.pose->origin().xyz;
            cells.push_back(markers.coordinate_system);
            for (const double v : {centre.x(), centre.y(), centre.z(), q.x(), q.y(), q.z(), q.w()}) {
                cells.push_back(digits(v));
            }
            cells.insert(cells.end(), {"no", "NULL", "NULL", "none"});
        } else {
            cells.insert(cells.end(), 12, "");
        }
        table += joined(cells, ',');
    }
    out.push_back({file, table});
    return out;
}

}  // namespace precentral::markers
