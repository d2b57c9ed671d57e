// SPDX-License-Identifier: Apache-2.0
// Markers as a table with commas: our own, the pulses of a case export, plain points, or X,Y,Z,MEP.
#include <set>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/text_fields.h"

namespace precentral::markers {
namespace {

SpaceKind space_from_words(const std::string& words) {
    for (const SpaceKind kind : {SpaceKind::scan, SpaceKind::mni, SpaceKind::head, SpaceKind::image_corner}) {
        if (words == to_words(kind)) return kind;
    }
    return SpaceKind::unknown;
}

}  // namespace

MarkerSet read_table(const std::string& file, std::string_view text, const MarkerReading& how) {
    PoseDoor door(file, CoilAxes::ours, how.nearest_rotation);
    MarkerSet out;
    out.format = "csv";
    out.coordinate_system = "RAS";
    out.space = SpaceKind::scan;
    const auto lines = lines_of(text);
    std::optional<Header> header;
    bool own = false;       // has the column "kind"
    bool exported = false;  // the pulses of a case export
    bool responses = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (trimmed(lines[i]).empty() || lines[i].starts_with("#")) continue;
        const std::string where = "line " + std::to_string(i + 1);
        auto cells = cells_of(lines[i], ',');
        if (!header) {
            std::vector<std::string> names;
            for (const std::string& cell : cells) names.push_back(lower(cell));
            header = Header(std::move(names));
            own = header->has("kind");
            exported = header->has("coil_m00");
            responses = header->has("mep") && !own && !exported;
            if (!exported && !(header->has("x") && header->has("y") && header->has("z"))) {
                door.refuse(where, "no columns x, y and z; this is no table of markers.");
            }
            continue;
        }
        if (cells.size() != header->names().size()) {
            door.refuse(where, std::to_string(cells.size()) + " of " + std::to_string(header->names().size()) +
                                   " columns; the file is cut short or damaged.");
        }
        const auto cell = [&](const char* name) -> const std::string& { return header->at(cells, name); };
        const auto number_of = [&](const std::string& name) -> std::optional<double> {
            const std::string& value = header->at(cells, name);
            if (value.empty()) return std::nullopt;
            return required(door, value, where, name);
        };
        const std::string before = exported ? "coil_m" : "m";
        std::optional<Transform<MarkerSpace, Coil>> pose;
        if (!header->at(cells, before + "00").empty()) {
            Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
            for (int k = 0; k < 12; ++k) {
                const std::string name = before + std::to_string(k / 4) + std::to_string(k % 4);
                m(k / 4, k % 4) = required(door, header->at(cells, name), where, name);
            }
            pose = door.pose(m.topLeftCorner<3, 3>(), m.topRightCorner<3, 1>(), where);
        }
        std::optional<Point<MarkerSpace>> point, entry;
        if (!pose && !exported && !cell("x").empty()) {
            point = door.point({required(door, cell("x"), where, "x"), required(door, cell("y"), where, "y"),
                                required(door, cell("z"), where, "z")},
                               where);
        }
        if (!cell("entry_x").empty()) {
            entry = door.point(
                {required(door, cell("entry_x"), where, "entry_x"), required(door, cell("entry_y"), where, "entry_y"),
                 required(door, cell("entry_z"), where, "entry_z")},
                where);
        }
        if (own && !cell("coordinate_system").empty()) {
            out.coordinate_system = cell("coordinate_system");
            out.space = space_from_words(cell("space"));
        }
        const std::string kind = own ? cell("kind") : exported || responses ? "pulse" : "target";
        if (kind == "target") {
            if (!pose && !point) door.refuse(where, "a target without a place.");
            out.targets.push_back({cell("name"), pose, point, entry});
        } else if (kind == "landmark") {
            if (!point) door.refuse(where, "a landmark without a place.");
            out.landmarks.push_back({cell("name"), *point});
        } else if (kind == "pulse") {
            MarkerPulse pulse;
            pulse.name = exported ? cell("sequence") : cell("name");
            pulse.pose = pose;
            pulse.point = point;
            pulse.time = cell("time");
            pulse.since_start_ms = number_of("since_start_ms");
            pulse.intensity_mso = number_of(responses ? "intensity" : "intensity_mso");
            pulse.di_dt_a_per_us = number_of("di_dt_a_per_us");
            pulse.mep_uv = number_of(responses ? "mep" : "mep_uv");
            pulse.mep_latency_ms = number_of("mep_latency_ms");
            pulse.target = cell("target");
            out.pulses.push_back(std::move(pulse));
        } else {
            door.refuse(where, "\"" + kind.substr(0, 40) + "\" is no kind of marker: target, pulse or landmark.");
        }
    }
    if (!header) door.refuse("", "empty.");
    if (!own && !exported) {
        out.warnings.emplace_back("The table does not name its coordinate system; it is taken as RAS mm of the MRI.");
    }
    door.tell(out.warnings);
    return out;
}

std::vector<FileText> table_text(const MarkerSet& markers, const std::filesystem::path& file) {
    std::vector<std::string> names = {"kind",
                                      "name",
                                      "x",
                                      "y",
                                      "z",
                                      "entry_x",
                                      "entry_y",
                                      "entry_z",
                                      "time",
                                      "since_start_ms",
                                      "intensity_mso",
                                      "di_dt_a_per_us",
                                      "mep_uv",
                                      "mep_latency_ms",
                                      "target"};
    for (int i = 0; i < 16; ++i) names.push_back("m" + std::to_string(i / 4) + std::to_string(i % 4));
    names.insert(names.end(), {"coordinate_system", "space"});
    std::string out = joined(names, ',');
    const auto row = [&](const char* kind, const MarkerPulse& p, const std::optional<Point<MarkerSpace>>& entry) {
        std::vector<std::string> cells = {kind, p.name};
        const auto push = [&](const std::optional<Eigen::Vector3d>& v) {
            for (int i = 0; i < 3; ++i) cells.push_back(v ? digits((*v)[i]) : "");
        };
        push(p.pose ? std::optional(p.pose->origin().xyz) : p.point ? std::optional(p.point->xyz) : std::nullopt);
        push(entry ? std::optional(entry->xyz) : std::nullopt);
        cells.push_back(p.time);
        for (const auto& v : {p.since_start_ms, p.intensity_mso, p.di_dt_a_per_us, p.mep_uv, p.mep_latency_ms}) {
            cells.push_back(digits(v));
        }
        cells.push_back(p.target);
        for (int i = 0; i < 16; ++i) cells.push_back(p.pose ? digits(p.pose->matrix()(i / 4, i % 4)) : "");
        cells.push_back(markers.coordinate_system);
        cells.emplace_back(to_words(markers.space));
        out += joined(cells, ',');
    };
    for (const MarkerTarget& target : markers.targets) {
        MarkerPulse place;
        place.name = target.name;
        place.pose = target.pose;
        place.point = target.point;
        row("target", place, target.entry);
    }
    for (const MarkerPulse& pulse : markers.pulses) row("pulse", pulse, std::nullopt);
    for (const MarkerLandmark& landmark : markers.landmarks) {
        MarkerPulse place;
        place.name = landmark.name;
        place.point = landmark.point;
        row("landmark", place, std::nullopt);
    }
    return {{file, out}};
}

}  // namespace precentral::markers
