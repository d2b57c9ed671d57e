// SPDX-License-Identifier: Apache-2.0
// Brainsight's tab-separated text: blocks of rows, each under its own line of column names.
#include <cmath>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/text_fields.h"

namespace precentral::markers {
namespace {

struct Row {
    std::vector<std::string> cells;
    std::string where;
};
struct Block {
    std::string kind;  // "Target", "Sample", …
    Header header{{}};
    std::vector<Row> rows;
};

struct Head {
    int version = 0;
    std::string system;
};

const std::string& known(const Header& header, const std::vector<std::string>& cells, const std::string& name) {
    static const std::string none;
    const std::string& text = header.at(cells, name);
    return text == "(null)" ? none : text;
}

std::optional<Eigen::Vector3d> place_in(const PoseDoor& door, const Header& header, const Row& row) {
    Eigen::Vector3d out;
    int there = 0;
    for (int i = 0; i < 3; ++i) {
        const std::string name = std::string("Loc. ") + "XYZ"[i];
        const std::string& text = known(header, row.cells, name);
        if (text.empty()) continue;
        out[i] = required(door, text, row.where, name);
        ++there;
    }
    if (there == 0) return std::nullopt;
    if (there < 3) door.refuse(row.where, "a place without all three coordinates.");
    return out;
}

// Columns of the matrix are the axes: m0n0 m0n1 m0n2 is the x axis.
std::optional<Eigen::Matrix3d> axes_in(const PoseDoor& door, const Header& header, const Row& row) {
    Eigen::Matrix3d out;
    int there = 0;
    for (int axis = 0; axis < 3; ++axis) {
        for (int n = 0; n < 3; ++n) {
            const std::string name = "m" + std::to_string(axis) + "n" + std::to_string(n);
            const std::string& text = known(header, row.cells, name);
            if (text.empty()) continue;
            out(n, axis) = required(door, text, row.where, name);
            ++there;
        }
    }
    if (there == 0) return std::nullopt;
    if (there < 9) door.refuse(row.where, "an orientation without all nine numbers.");
    return out;
}

std::vector<Block> blocks_in(const std::string& file, std::string_view text, Head& head) {
    std::vector<Block> out;
    int number = 0;
    bool has_version = false;
    for (const std::string_view line : lines_of(text)) {
        ++number;
        const std::string where = "line " + std::to_string(number);
        if (trimmed(line).empty()) continue;
        if (line.starts_with("#")) {
            const std::string_view body = trimmed(line.substr(1));
            const auto value_of = [&](std::string_view key) -> std::optional<std::string> {
                if (!body.starts_with(key)) return std::nullopt;
                return std::string(trimmed(body.substr(key.size())));
            };
            if (const auto version = value_of("Version:")) {
                const auto value = number_in(*version);
                if (!value || *value < 1 || *value > 1000 || *value != std::floor(*value)) {
                    throw InputError("\"" + file + "\", " + where + ": the version is \"" + *version + "\".");
                }
                head.version = static_cast<int>(*value);
                has_version = true;
            } else if (const auto system = value_of("Coordinate system:")) {
                head.system = *system;
            } else if (body.find('\t') != std::string_view::npos) {
                Block& block = out.emplace_back();
                auto names = cells_of(body, '\t');
                const auto end = names.front().rfind(" Name");
                block.kind = names.front().substr(0, end);
                block.header = Header(std::move(names));
            }
            continue;
        }
        if (out.empty()) {
            throw InputError("\"" + file + "\", " + where + ": a row before any line of column names.");
        }
        Row row{cells_of(line, '\t'), where};
        if (row.cells.size() < out.back().header.names().size()) {
            throw InputError("\"" + file + "\", " + where + ": only " + std::to_string(row.cells.size()) + " of " +
                             std::to_string(out.back().header.names().size()) + " columns; the file is cut short.");
        }
        out.back().rows.push_back(std::move(row));
    }
    if (!has_version || head.system.empty()) {
        throw InputError("\"" + file +
                         "\": a Brainsight file names its version and coordinate system; this one does "
                         "not, or is cut short.");
    }
    if (out.empty()) throw InputError("\"" + file + "\": no block of targets or samples; the file is cut short.");
    return out;
}

SpaceKind space_of(const std::string& file, const std::string& system, std::vector<std::string>& warnings) {
    if (system == "Brainsight") {
        warnings.push_back(
            "The positions are in Brainsight's own system, from a corner of the image: they fit no other program "
            "without that image. Export them again as NIfTI:Scanner or NIfTI:Aligned.");
        return SpaceKind::image_corner;
    }
    if (system == "World") return SpaceKind::scan;
    if (system.starts_with("NIfTI:")) {
        const std::string kind = system.substr(system.rfind(':') + 1);
        if (kind == "Aligned" || kind == "Scanner") return SpaceKind::scan;
        if (kind == "MNI-152") {
            warnings.push_back("The positions are in MNI space, not in the patient's MRI.");
            return SpaceKind::mni;
        }
        if (kind == "Talairach" || kind == "Other-Template") {
            warnings.push_back("The positions are in a template space (" + kind + "), not in the patient's MRI.");
            return SpaceKind::unknown;
        }
    }
    throw InputError("\"" + file + "\": the coordinate system \"" + system +
                     "\" is not known; export the markers as NIfTI:Scanner or NIfTI:Aligned.");
}

// What the landmarks of the file say about its first two axes.
struct Turned {
    bool told = false;   // ears and nasion are named
    bool sides = false;  // the left ear has the larger x
    bool front = false;  // the nasion lies behind the ears
};
Turned landmarks_say(const PoseDoor& door, const std::vector<Block>& blocks) {
    std::optional<Eigen::Vector3d> left, right, nasion;
    for (const Block& block : blocks) {
        if (block.kind != "Planned Landmark" && block.kind != "Session Landmark") continue;
        for (const Row& row : block.rows) {
            const std::string name = lower(row.cells.front());
            const auto place = place_in(door, block.header, row);
            if (!place) continue;
            if (name == "lpa" && !left) left = place;
            if (name == "rpa" && !right) right = place;
            if ((name == "nasion" || name == "nas") && !nasion) nasion = place;
        }
    }
    Turned out;
    if (!left || !right || !nasion) return out;
    out.told = true;
    out.sides = left->x() > right->x();
    out.front = nasion->y() < 0.5 * (left->y() + right->y());
    return out;
}

const Eigen::Matrix3d kTurned = Eigen::Vector3d(-1.0, -1.0, 1.0).asDiagonal();

Eigen::Matrix3d ras_from(const Head& head, const Turned& turned, const MarkerReading& how,
                         std::vector<std::string>& warnings) {
    if (head.system == "Brainsight") return kTurned;
    const bool both = turned.told && turned.sides && turned.front;
    if (head.system == "World") {
        if (turned.told ? both : true) {
            warnings.push_back(std::string("The World system of this file has x to the left and y to the back, as in "
                                           "DICOM") +
                               (turned.told ? ", as its landmarks show" : " (taken so: no landmarks show it)") +
                               "; the positions were turned to RAS. Confirm the side.");
            return kTurned;
        }
        return Eigen::Matrix3d::Identity();
    }
    if (both && !how.as_stated) {
        warnings.push_back("SIDE: the file calls its system " + head.system +
                           ", which is RAS, but its landmarks have the left ear on the right and the nasion behind, as "
                           "in DICOM axes; the positions were turned by 180 degrees about z to where the landmarks "
                           "are right. Confirm the side; --as-stated takes them unturned.");
        return kTurned;
    }
    if (turned.told && (turned.sides || turned.front)) {
        warnings.push_back(std::string("SIDE: the landmarks contradict the coordinate system ") + head.system + ": " +
                           (turned.sides ? "the left ear lies on the right. " : "") +
                           (turned.front ? "The nasion lies behind the ears. " : "") +
                           "The positions were taken as stated. Do not navigate on them before the side is confirmed.");
    }
    return Eigen::Matrix3d::Identity();
}

// An untracked pulse is a row all the same: no place, or an untouched matrix at a place of three equal numbers.
bool is_untouched(const Eigen::Vector3d& place, const Eigen::Matrix3d& axes) {
    return axes == Eigen::Matrix3d::Identity() && place.x() == place.y() && place.y() == place.z();
}

}  // namespace

MarkerSet read_brainsight(const std::string& file, std::string_view text, const MarkerReading& how) {
    Head head;
    const std::vector<Block> blocks = blocks_in(file, text, head);
    MarkerSet out;
    out.format = "brainsight";
    out.version = std::to_string(head.version);
    out.coordinate_system = head.system;
    out.space = space_of(file, head.system, out.warnings);
    PoseDoor door(file, CoilAxes::z_outwards, how.nearest_rotation);
    door.set_ras_from_file(ras_from(head, landmarks_say(door, blocks), how, out.warnings));
    int by_hand = 0;
    int with_second_power = 0;
    for (const Block& block : blocks) {
        const auto text_of = [&](const Row& row, const char* name) { return known(block.header, row.cells, name); };
        const auto number_of = [&](const Row& row, const char* name) -> std::optional<double> {
            const std::string& cell = known(block.header, row.cells, name);
            if (cell.empty()) return std::nullopt;
            return required(door, cell, row.where, name);
        };
        if (block.kind == "Target") {
            for (const Row& row : block.rows) {
                MarkerTarget target;
                target.name = row.cells.front();
                const auto place = place_in(door, block.header, row);
                const auto axes = axes_in(door, block.header, row);
                if (place && axes) {
                    target.pose = door.pose(*axes, *place, row.where);
                } else if (place) {
                    target.point = door.point(*place, row.where);
                } else {
                    ++out.ignored;  // a folder of targets has a row of its own
                    continue;
                }
                out.targets.push_back(std::move(target));
            }
        } else if (block.kind == "Sample") {
            for (const Row& row : block.rows) {
                MarkerPulse pulse;
                if (row.cells.front() != "(null)") pulse.name = row.cells.front();
                const auto place = place_in(door, block.header, row);
                const auto axes = axes_in(door, block.header, row);
                if (place && axes && !is_untouched(*place, *axes)) {
                    pulse.pose = door.pose(*axes, *place, row.where);
                } else if (place && !axes) {
                    pulse.point = door.point(*place, row.where);
                }
                const std::string date = text_of(row, "Date");
                const std::string time = text_of(row, "Time");
                if (!date.empty() && !time.empty()) pulse.time = date + "T" + time;
                pulse.intensity_mso = number_of(row, "Stim. Power");
                if (!pulse.intensity_mso) pulse.intensity_mso = number_of(row, "Stim. Power A");
                if (number_of(row, "Stim. Power B")) ++with_second_power;
                pulse.mep_uv = number_of(row, "EMG Peak-to-peak 1");
                pulse.mep_latency_ms = number_of(row, "EMG Latency 1");
                pulse.target = text_of(row, "Assoc. Target");
                const std::string cause = text_of(row, "Creation Cause");
                if (cause == "Button") ++by_hand;
                out.pulses.push_back(std::move(pulse));
            }
        } else if (block.kind == "Planned Landmark") {
            for (const Row& row : block.rows) {
                const auto place = place_in(door, block.header, row);
                if (place) {
                    out.landmarks.push_back({row.cells.front(), door.point(*place, row.where)});
                } else {
                    ++out.ignored;
                }
            }
        } else {
            out.ignored += static_cast<int>(block.rows.size());
            if (!block.rows.empty()) {
                out.warnings.push_back(counted(static_cast<int>(block.rows.size()), "row", "rows") +
                                       " of the block \"" + block.kind + "\" not taken.");
            }
        }
    }
    door.tell(out.warnings);
    if (by_hand > 0) {
        out.warnings.push_back(counted(by_hand, "sample was", "samples were") +
                               " taken by hand (Button), not by a stimulus.");
    }
    if (with_second_power > 0) {
        out.warnings.push_back(counted(with_second_power, "sample has", "samples have") +
                               " a second power (B); only the first was taken.");
    }
    if (!text.empty() && text.back() != '\n') {
        out.warnings.emplace_back("The last line has no end; the file may be cut short.");
    }
    if (out.targets.empty() && out.pulses.empty())
        out.warnings.emplace_back("The file holds no targets and no samples.");
    return out;
}

std::vector<FileText> brainsight_text(const MarkerSet& markers, const std::filesystem::path& file) {
    int version = 12;
    std::string system = markers.space == SpaceKind::mni ? "NIfTI:MNI-152" : "NIfTI:Aligned";
    Eigen::Matrix3d file_from_ras = Eigen::Matrix3d::Identity();
    if (markers.space == SpaceKind::image_corner) {
        system = "Brainsight";
        file_from_ras = kTurned;
    }
    if (markers.format == "brainsight" && markers.coordinate_system.starts_with("NIfTI:")) {
        system = markers.coordinate_system;
        const auto old = number_in(markers.version);
        if (old && *old >= 14) version = 14;
    }
    std::string out =
        "# Version: " + std::to_string(version) + "\n# Coordinate system: " + system + "\n# Created by: Precentral\n";
    if (system == "Brainsight") out += "# X=right->left, Y=anterior->posterior, Z=inferior->superior\n";
    out +=
        "# Units: millimetres, degrees, milliseconds, and microvolts\n# Encoding: UTF-8\n"
        "# Notes: Each column is delimited by a tab. Each value within a column is delimited by a semicolon.\n";
    const std::string null = "(null)";
    std::vector<std::string> pose_names = {"Loc. X", "Loc. Y", "Loc. Z"};
    for (int i = 0; i < 9; ++i) pose_names.push_back("m" + std::to_string(i / 3) + "n" + std::to_string(i % 3));
    const auto add_pose = [&](std::vector<std::string>& cells, const std::optional<Transform<MarkerSpace, Coil>>& pose,
                              const std::optional<Point<MarkerSpace>>& point) {
        if (pose || point) {
            const Eigen::Vector3d place = file_from_ras * (pose ? pose->origin().xyz : point->xyz);
            for (int i = 0; i < 3; ++i) cells.push_back(fixed(place[i], 4));
        } else {
            cells.insert(cells.end(), 3, null);
        }
        if (!pose) {
            cells.insert(cells.end(), 9, null);
            return;
        }
        const Eigen::Matrix3d axes = file_from_ras * axes_out(*pose, CoilAxes::z_outwards);
        for (int i = 0; i < 9; ++i) cells.push_back(fixed(axes(i % 3, i / 3), 4));
    };
    std::vector<std::string> names = {"# Target Name"};
    names.insert(names.end(), pose_names.begin(), pose_names.end());
    out += joined(names, '\t');
    for (const MarkerTarget& target : markers.targets) {
        std::vector<std::string> cells = {target.name};
        add_pose(cells, target.pose, target.point);
        out += joined(cells, '\t');
    }
    if (!markers.pulses.empty()) {
        bool with_mep = false;
        for (const MarkerPulse& pulse : markers.pulses) with_mep = with_mep || pulse.mep_uv || pulse.mep_latency_ms;
        names = {"# Sample Name", "Session Name", "Index", "Assoc. Target"};
        names.insert(names.end(), pose_names.begin(), pose_names.end());
        for (const char* name : {"Dist. to Target", "Target Error", "Angular Error", "Twist Error", "Stim. Power A",
                                 "Stim. Pulse Interval", "Stim. Power B", "Date", "Time", "Creation Cause",
                                 "Crosshairs Driver", "Offset", "Comment"}) {
            names.emplace_back(name);
        }
        if (with_mep) names.insert(names.end(), {"EMG Peak-to-peak 1", "EMG Latency 1"});
        out += joined(names, '\t');
        int index = 0;
        for (const MarkerPulse& pulse : markers.pulses) {
            const auto or_null = [&](const std::string& text) { return text.empty() ? null : text; };
            std::vector<std::string> cells = {or_null(pulse.name), "Session 1", std::to_string(++index),
                                              or_null(pulse.target)};
            add_pose(cells, pulse.pose, pulse.point);
            cells.insert(cells.end(), 4, null);
            cells.push_back(or_null(digits(pulse.intensity_mso)));
            cells.insert(cells.end(), 2, null);
            const auto middle = pulse.time.find('T');
            std::string time = middle == std::string::npos ? "" : pulse.time.substr(middle + 1);
            if (time.ends_with('Z')) time.pop_back();
            cells.push_back(middle == std::string::npos ? null : pulse.time.substr(0, middle));
            cells.push_back(or_null(time));
            cells.insert(cells.end(), {"TTL1", "Coil 1", "0.0000", null});
            if (with_mep)
                cells.insert(cells.end(), {or_null(digits(pulse.mep_uv)), or_null(digits(pulse.mep_latency_ms))});
            out += joined(cells, '\t');
        }
    }
    if (!markers.landmarks.empty()) {
        out += "# Planned Landmark Name\tLoc. X\tLoc. Y\tLoc. Z\n";
        for (const MarkerLandmark& landmark : markers.landmarks) {
            const Eigen::Vector3d place = file_from_ras * landmark.point.xyz;
            out += joined({landmark.name, fixed(place.x(), 4), fixed(place.y(), 4), fixed(place.z(), 4)}, '\t');
        }
    }
    return {{file, out}};
}

}  // namespace precentral::markers
