// SPDX-License-Identifier: Apache-2.0
// NIBS-BIDS (BEP037, draft 6.3): positions in *_markers.tsv, pulses in *_nibs.tsv and *_events.tsv, the space in
// *_coordsystem.json.
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/text_fields.h"
#include "data/text_file.h"

namespace precentral::markers {
namespace {

using nlohmann::json;

constexpr const char* kDraft = "BEP037 v6.3";
constexpr const char* kNone = "n/a";

std::filesystem::path sibling(const std::filesystem::path& markers_file, const std::string& ending) {
    std::string name = markers_file.filename().string();
    const std::string own = "_markers.tsv";
    name.resize(name.size() - (name.ends_with(own) ? own.size() : markers_file.extension().string().size()));
    return markers_file.parent_path() / (name + ending);
}

struct Table {
    Header header{{}};
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> where;
};

Table table_in(const PoseDoor& door, std::string_view text) {
    Table out;
    const auto lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (trimmed(lines[i]).empty()) continue;
        auto cells = cells_of(lines[i], '\t');
        const std::string where = "line " + std::to_string(i + 1);
        if (out.header.names().empty()) {
            out.header = Header(std::move(cells));
            continue;
        }
        if (cells.size() != out.header.names().size()) {
            door.refuse(where, std::to_string(cells.size()) + " of " + std::to_string(out.header.names().size()) +
                                   " columns; the file is cut short or damaged.");
        }
        for (std::string& cell : cells) {
            if (cell == kNone) cell.clear();
        }
        out.rows.push_back(std::move(cells));
        out.where.push_back(where);
    }
    return out;
}

std::optional<Table> sibling_table(const std::filesystem::path& file, const std::string& ending) {
    const std::filesystem::path other = sibling(file, ending);
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(other, unknown)) return std::nullopt;
    return table_in(PoseDoor(other.string(), CoilAxes::ours, false), read_text_file(other.string()));
}

const char* kAxes[] = {"x", "y", "z"};

// nothing when no cell is filled.
std::optional<Eigen::Vector3d> vector_in(const PoseDoor& door, const Table& table, std::size_t row,
                                         const std::string& name, const std::string& after = "") {
    Eigen::Vector3d out;
    int there = 0;
    for (int i = 0; i < 3; ++i) {
        const std::string column = name + kAxes[i] + after;
        const std::string& cell = table.header.at(table.rows[row], column);
        if (cell.empty()) continue;
        out[i] = required(door, cell, table.where[row], column);
        ++there;
    }
    if (there != 0 && there != 3) door.refuse(table.where[row], name + " is not complete.");
    return there == 3 ? std::optional(out) : std::nullopt;
}

std::string or_none(const std::string& text) { return text.empty() ? kNone : text; }

std::string space_text(const MarkerSet& markers) {
    switch (markers.space) {
        case SpaceKind::scan: return "individual";
        case SpaceKind::mni: return "MNI152NLin6Asym";
        default: return "Other";
    }
}

}  // namespace

MarkerSet read_nibs_bids(const std::string& file, std::string_view text, const MarkerReading& how) {
    PoseDoor door(file, CoilAxes::ours, how.nearest_rotation);
    const Table table = table_in(door, text);
    if (!table.header.has("nibs_position_id")) door.refuse("line 1", "no column nibs_position_id.");
    MarkerSet out;
    out.format = "nibs-bids";
    out.space = SpaceKind::unknown;

    const std::filesystem::path system = sibling(file, "_coordsystem.json");
    std::error_code unknown;
    if (std::filesystem::is_regular_file(system, unknown)) {
        const json parsed = json::parse(read_text_file(system.string()), nullptr, false);
        if (!parsed.is_object()) throw InputError("\"" + system.string() + "\" is not JSON, or cut short.");
        const auto word = [&](const char* key) {
            return parsed.contains(key) && parsed[key].is_string() ? parsed[key].get<std::string>() : std::string();
        };
        out.coordinate_system = word("NIBSCoordinateSystem");
        if (const std::string unit = word("NIBSCoordinateUnits"); !unit.empty() && unit != "mm") {
            throw InputError("\"" + system.string() + "\": the unit is " + unit + "; only mm are read.");
        }
        if (lower(out.coordinate_system).starts_with("mni")) {
            out.space = SpaceKind::mni;
        } else if (out.coordinate_system == "individual" || out.coordinate_system == "ScanRAS") {
            out.space = SpaceKind::scan;
        } else if (word("PrecentralSpace") == to_words(SpaceKind::head)) {
            out.space = SpaceKind::head;
        }
        if (const auto marks = parsed.find("AnatomicalLandmarkCoordinates");
            marks != parsed.end() && marks->is_object()) {
            for (const auto& [name, xyz] : marks->items()) {
                if (!xyz.is_array() || xyz.size() != 3 || !xyz[0].is_number() || !xyz[1].is_number() ||
                    !xyz[2].is_number()) {
                    throw InputError("\"" + system.string() + "\": the landmark " + name + " is not three numbers.");
                }
                out.landmarks.push_back(
                    {name, door.point({xyz[0].get<double>(), xyz[1].get<double>(), xyz[2].get<double>()}, name)});
            }
        }
    }
    if (out.space == SpaceKind::unknown) {
        out.warnings.emplace_back("No *_coordsystem.json says which space the positions are in.");
    }
    out.version = kDraft;

    struct Position {
        std::optional<Transform<MarkerSpace, Coil>> pose;
        std::optional<Point<MarkerSpace>> point;
    };
    std::map<std::string, Position> positions;
    std::map<std::string, std::string> groups;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto cell = [&](const char* name) { return table.header.at(table.rows[i], name); };
        const std::string& where = table.where[i];
        const std::string id = cell("nibs_position_id");
        Position position;
        const auto centre = vector_in(door, table, i, "element_centre_");
        Eigen::Matrix3d axes;
        int directions = 0;
        for (int axis = 0; axis < 3; ++axis) {
            if (const auto way = vector_in(door, table, i, std::string("element_") + kAxes[axis] + "dir_")) {
                axes.col(axis) = *way;
                ++directions;
            }
        }
        if (centre && directions == 3) {
            position.pose = door.pose(axes, *centre, where);
        } else if (centre) {
            position.point = door.point(*centre, where);
        }
        if (!positions.emplace(id, position).second) door.refuse(where, "the position " + id + " is there twice.");
        if (lower(cell("position_group")) == "pulse") continue;
        MarkerTarget target;
        target.name = cell("position_label").empty() ? id : cell("position_label");
        target.pose = position.pose;
        target.point = position.point;
        if (const auto aimed = vector_in(door, table, i, "target_"); aimed && !target.pose) {
            if (target.point) target.entry = target.point;
            target.point = door.point(*aimed, where);
        }
        if (target.pose || target.point) {
            out.targets.push_back(std::move(target));
        } else {
            ++out.ignored;
        }
    }
    if (out.ignored > 0)
        out.warnings.push_back(counted(out.ignored, "position", "positions") + " without coordinates.");

    const auto events = sibling_table(file, "_events.tsv");
    const auto pulses = sibling_table(file, "_nibs.tsv");
    if (events) {
        std::map<std::string, std::size_t> rows;
        if (pulses) {
            for (std::size_t i = 0; i < pulses->rows.size(); ++i) {
                rows[pulses->header.at(pulses->rows[i], "nibs_event_id")] = i;
            }
        }
        PoseDoor events_door(sibling(file, "_events.tsv").string(), CoilAxes::ours, false);
        for (std::size_t i = 0; i < events->rows.size(); ++i) {
            const auto cell = [&](const char* name) { return events->header.at(events->rows[i], name); };
            const std::string event = cell("nibs_event_id");
            if (event.empty()) continue;  // of another kind
            MarkerPulse pulse;
            pulse.name = event;
            if (const std::string onset = cell("onset"); !onset.empty()) {
                pulse.since_start_ms = 1000.0 * required(events_door, onset, events->where[i], "onset");
            }
            const auto position = positions.find(cell("nibs_position_id"));
            if (position != positions.end()) {
                pulse.pose = position->second.pose;
                pulse.point = position->second.point;
            }
            if (const auto row = rows.find(event); pulses && row != rows.end()) {
                const auto more = [&](const char* name) { return pulses->header.at(pulses->rows[row->second], name); };
                pulse.time = more("timestamp");
                const std::string reference = more("intensity_reference");
                if (reference.empty() || reference == "absolute") {
                    pulse.intensity_mso = number_in(more("stimulus_intensity"));
                }
            }
            out.pulses.push_back(std::move(pulse));
        }
    }
    door.tell(out.warnings);
    return out;
}

std::vector<FileText> nibs_bids_text(const MarkerSet& markers, const std::filesystem::path& file) {
    std::vector<std::string> names = {"nibs_position_id", "nibs_element_id", "position_label", "position_description",
                                      "position_group"};
    for (const char* axis : kAxes) names.push_back(std::string("element_centre_") + axis);
    for (const char* way : kAxes) {
        for (const char* axis : kAxes) names.push_back(std::string("element_") + way + "dir_" + axis);
    }
    names.emplace_back("element_distance");
    for (const char* axis : kAxes) names.push_back(std::string("target_") + axis);
    names.emplace_back("target_label");
    std::string table = joined(names, '\t');
    const auto add = [&](const std::string& id, const std::string& label, const std::string& description,
                         const char* group, const std::optional<Transform<MarkerSpace, Coil>>& pose,
                         const std::optional<Point<MarkerSpace>>& centre,
                         const std::optional<Point<MarkerSpace>>& target) {
        std::vector<std::string> cells = {id, "coil", or_none(label), or_none(description), group};
        const auto push = [&](bool there, const Eigen::Vector3d& v) {
            for (int i = 0; i < 3; ++i) cells.push_back(there ? digits(v[i]) : kNone);
        };
        push(pose || centre, pose ? pose->origin().xyz : centre ? centre->xyz : Eigen::Vector3d::Zero().eval());
        for (int axis = 0; axis < 3; ++axis) {
            push(pose.has_value(), pose ? pose->rotation().col(axis).eval() : Eigen::Vector3d::Zero().eval());
        }
        cells.emplace_back(kNone);
        push(target.has_value(), target ? target->xyz : Eigen::Vector3d::Zero().eval());
        cells.emplace_back(kNone);
        table += joined(cells, '\t');
    };
    int number = 0;
    for (const MarkerTarget& target : markers.targets) {
        add("target-" + std::to_string(++number), target.name, "", "target", target.pose, target.entry, target.point);
    }
    std::string nibs = joined({"nibs_event_id", "nibs_type", "nibs_element_id", "stimulus_intensity",
                               "intensity_reference", "stimulus_count", "timestamp"},
                              '\t');
    std::string events = joined({"onset", "duration", "nibs_event_id", "nibs_position_id"}, '\t');
    number = 0;
    for (const MarkerPulse& pulse : markers.pulses) {
        const std::string id = "pulse-" + std::to_string(++number);
        const std::string event = pulse.name.empty() ? id : pulse.name;
        if (pulse.is_tracked()) add(id, event, pulse.target, "pulse", pulse.pose, pulse.point, std::nullopt);
        nibs += joined(
            {event, "TMS", "coil", or_none(digits(pulse.intensity_mso)), "absolute", "1", or_none(pulse.time)}, '\t');
        events += joined({pulse.since_start_ms ? digits(*pulse.since_start_ms / 1000.0) : kNone, "0", event,
                          pulse.is_tracked() ? id : kNone},
                         '\t');
    }
    json system{{"NIBSCoordinateSystem", space_text(markers)},
                {"NIBSCoordinateUnits", "mm"},
                {"NIBSCoordinateSystemDescription", "RAS axes; from \"" + markers.coordinate_system + "\" of a " +
                                                        markers.format + " file: " + to_words(markers.space)},
                {"PrecentralSpace", to_words(markers.space)}};
    if (!markers.landmarks.empty()) {
        json marks = json::object();
        for (const MarkerLandmark& mark : markers.landmarks) {
            marks[mark.name] = {mark.point.xyz.x(), mark.point.xyz.y(), mark.point.xyz.z()};
        }
        system["AnatomicalLandmarkCoordinates"] = marks;
        system["AnatomicalLandmarkCoordinateSystem"] = space_text(markers);
        system["AnatomicalLandmarkCoordinateUnits"] = "mm";
    }
    const json about{{"NIBSDescription",
                      "Positions of the coil; element axes as SimNIBS: z into the head, y away from "
                      "the handle"},
                     {"BEPVersion", kDraft},
                     {"GeneratedBy", "Precentral"}};
    const auto dumped = [](const json& value) {
        return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    };
    std::vector<FileText> out = {{file, table},
                                 {sibling(file, "_markers.json"), dumped(about)},
                                 {sibling(file, "_coordsystem.json"), dumped(system)}};
    if (!markers.pulses.empty()) {
        out.push_back({sibling(file, "_nibs.tsv"), nibs});
        out.push_back({sibling(file, "_events.tsv"), events});
    }
    return out;
}

}  // namespace precentral::markers
