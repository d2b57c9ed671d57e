// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/coil_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "data/error.h"
#include "data/text_fields.h"
#include "data/text_file.h"
#include "navigation/efield/packed_array.h"
#include "navigation/efield/windings.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr std::size_t kMostElements = 200000;
constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr double kFarthestMm = 1000.0;
constexpr double kLargestMoment = 10.0;  // A·m² for 1 A: a wing of 9 turns has 0.04
constexpr double kHighestDidt = 1000.0;  // A/µs
constexpr double kOpenWireMm = 1e-3;     // relative to 1 m of wire
constexpr int kFanPoints = 6;            // dipoles a piece of wire is spread over

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw InputError("\"" + path + "\" " + why);
}

void add_checked(const std::string& path, const Vector3d& position_mm, const Vector3d& moment,
                 std::vector<MagneticDipole>& out) {
    if (!position_mm.allFinite() || !moment.allFinite()) refuse(path, "holds a number that is not finite.");
    if (position_mm.norm() > kFarthestMm) {
        refuse(path, "places a dipole more than a metre from the coil's centre; are the units right?");
    }
    if (moment.norm() > kLargestMoment) refuse(path, "holds a dipole larger than any coil's; are the units right?");
    out.push_back({{position_mm}, moment});
}

CoilModel finished(const std::string& path, CoilModel coil) {
    if (coil.dipoles.empty()) refuse(path, "holds no dipole.");
    const bool any = std::any_of(coil.dipoles.begin(), coil.dipoles.end(),
                                 [](const MagneticDipole& d) { return d.moment.squaredNorm() > 0.0; });
    if (!any) refuse(path, "holds no current: every moment is nought.");
    if (coil.highest_didt_a_per_us &&
        !(*coil.highest_didt_a_per_us > 0.0 && *coil.highest_didt_a_per_us <= kHighestDidt)) {
        refuse(path, "gives a maximum dI/dt that is not within 0 and 1000 A/µs.");
    }
    if (coil.name.empty()) coil.name = std::filesystem::path(path).stem().string();
    coil.source = std::filesystem::path(path).filename().string();
    coil.version = version_of(coil.dipoles);
    return coil;
}

// What `key=` says in a header line; "" without it.
std::string value_of(const std::string& header, const std::string& key) {
    std::stringstream parts(header);
    std::string part;
    while (std::getline(parts, part, ';')) {
        const auto equals = part.find('=');
        if (equals == std::string::npos) continue;
        const auto first = part.find_first_not_of(" #");
        if (first >= equals || part.substr(first, equals - first) != key) continue;
        const auto last = part.find_last_not_of(" \t\r");
        return part.substr(equals + 1, last - equals);
    }
    return "";
}

CoilModel read_ccd(const std::string& path) {
    std::stringstream in(read_text_file(path, kMostBytes));
    CoilModel coil;
    std::string line;
    std::optional<std::size_t> promised;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        const auto where = [&] { return "cannot be read at line " + std::to_string(number) + ": "; };
        const auto first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos) continue;
        if (line[first] == '#') {
            if (const std::string name = value_of(line, "coilname"); !name.empty()) coil.name = name.substr(0, 100);
            if (const std::string highest = value_of(line, "dIdtmax"); !highest.empty()) {
                coil.highest_didt_a_per_us = number_in(highest);
                if (!coil.highest_didt_a_per_us) refuse(path, where() + "dIdtmax is not a number.");
            }
            continue;
        }
        std::stringstream cells(line);
        std::string cell;
        std::vector<double> values;
        while (cells >> cell) {
            const auto value = number_in(cell);
            if (!value || values.size() == 6)
                refuse(path, where() + "six numbers are expected; one is not finite or no number.");
            values.push_back(*value);
        }
        if (!promised) {
            const double count = values.front();
            if (values.size() != 1 || !(count >= 1.0 && count <= static_cast<double>(kMostElements)) ||
                count != std::floor(count)) {
                refuse(path, where() + "the number of dipoles is expected, at most 200000.");
            }
            promised = static_cast<std::size_t>(count);
            continue;
        }
        if (values.size() != 6) refuse(path, where() + "six numbers are expected.");
        if (coil.dipoles.size() == *promised) refuse(path, "holds more dipoles than it says.");
        add_checked(path, 1e3 * Vector3d(values[0], values[1], values[2]), {values[3], values[4], values[5]},
                    coil.dipoles);
    }
    if (!promised) refuse(path, "holds no number of dipoles; is it a .ccd file?");
    if (coil.dipoles.size() != *promised) refuse(path, "is cut short: it holds fewer dipoles than it says.");
    return finished(path, std::move(coil));
}

std::vector<Vector3d> vectors_in(const std::string& path, const nlohmann::json& array) {
    std::vector<Vector3d> out;
    if (array.is_string()) {
        const std::vector<double> values =
            packed_doubles(array.get_ref<const std::string&>(), 3 * kMostElements, "\"" + path + "\"");
        if (values.size() % 3 != 0) refuse(path, "holds an array whose length is not a multiple of three.");
        for (std::size_t i = 0; i < values.size(); i += 3) out.emplace_back(values[i], values[i + 1], values[i + 2]);
        return out;
    }
    if (!array.is_array() || array.size() > kMostElements) {
        refuse(path, "lacks points or values, or holds more than 200000 of them.");
    }
    for (const auto& row : array) {
        if (!row.is_array() || row.size() != 3 || !row[0].is_number() || !row[1].is_number() || !row[2].is_number()) {
            refuse(path, "holds a vector that is not three numbers.");
        }
        out.emplace_back(row[0].get<double>(), row[1].get<double>(), row[2].get<double>());
    }
    return out;
}

// A closed current as the dipole layer of the fan between the wire and its middle.
void add_wire(const std::string& path, const std::vector<Vector3d>& points, const std::vector<Vector3d>& pieces,
              std::vector<MagneticDipole>& out) {
    Vector3d middle = Vector3d::Zero();
    Vector3d sum = Vector3d::Zero();
    double length = 0.0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        middle += points[i] / static_cast<double>(points.size());
        sum += pieces[i];
        length += pieces[i].norm();
    }
    if (!(sum.norm() <= std::max(kOpenWireMm * length, 1e-6))) {
        refuse(path, "holds a wire that does not close on itself; its field is not defined.");
    }
    // Along each arm by the midpoint rule in the square of the way: equal shares of the area.
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Vector3d arm = points[i] - middle;
        const Vector3d area_mm2 = 0.5 * arm.cross(pieces[i]);
        for (int k = 0; k < kFanPoints; ++k) {
            const double t = std::sqrt((k + 0.5) / kFanPoints);
            add_checked(path, middle + t * arm, 1e-6 / kFanPoints * area_mm2, out);
        }
    }
}

CoilModel read_tcd(const std::string& path) {
    const auto json = nlohmann::json::parse(read_text_file(path, kMostBytes), nullptr, false);
    if (json.is_discarded() || !json.is_object() || !json.contains("coilElementList") ||
        !json["coilElementList"].is_array() || json["coilElementList"].empty()) {
        refuse(path, "is not a coil definition: no JSON with a coilElementList.");
    }
    CoilModel coil;
    if (json.contains("name") && json["name"].is_string()) coil.name = json["name"].get<std::string>().substr(0, 100);
    std::optional<long> stimulator;
    for (const auto& element : json["coilElementList"]) {
        if (!element.is_object() || !element.contains("type") || !element["type"].is_number_integer()) {
            refuse(path, "holds a coil element without a type.");
        }
        const long type = element["type"].get<long>();
        if (type == 3) {
            refuse(path, "holds a field sampled on a grid; a model of dipoles or wires of this coil is needed.");
        }
        if (type != 1 && type != 2) refuse(path, "holds a coil element of unknown type.");
        if (!element.contains("points") || !element.contains("values")) {
            refuse(path, "holds a coil element without points and values.");
        }
        if (element.contains("stimulator") && element["stimulator"].is_number_integer()) {
            const long own = element["stimulator"].get<long>();
            if (stimulator && *stimulator != own) {
                refuse(path, "is driven by several stimulators; give a file with one of them.");
            }
            stimulator = own;
        }
        const auto points = vectors_in(path, element["points"]);
        const auto values = vectors_in(path, element["values"]);
        if (points.size() != values.size()) refuse(path, "holds an element with unequal numbers of points and values.");
        if (coil.dipoles.size() + points.size() > kMostElements) refuse(path, "holds more than 200000 elements.");
        if (type == 2) {
            add_wire(path, points, values, coil.dipoles);
            continue;
        }
        for (std::size_t i = 0; i < points.size(); ++i) add_checked(path, points[i], values[i], coil.dipoles);
    }
    if (stimulator && json.contains("stimulatorList") && json["stimulatorList"].is_array() && *stimulator >= 0 &&
        static_cast<std::size_t>(*stimulator) < json["stimulatorList"].size()) {
        const auto& driven_by = json["stimulatorList"][static_cast<std::size_t>(*stimulator)];
        if (driven_by.is_object() && driven_by.contains("maxdIdt")) {
            if (!driven_by["maxdIdt"].is_number()) refuse(path, "gives a maximum dI/dt that is not a number.");
            coil.highest_didt_a_per_us = 1e-6 * driven_by["maxdIdt"].get<double>();
        }
    }
    return finished(path, std::move(coil));
}

bool ends_with(const std::string& text, const std::string& end) {
    if (text.size() < end.size()) return false;
    return std::equal(end.rbegin(), end.rend(), text.rbegin(),
                      [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

}  // namespace

CoilModel read_coil(const std::string& path) {
    if (ends_with(path, ".ccd")) return read_ccd(path);
    if (ends_with(path, ".tcd")) return read_tcd(path);
    refuse(path, "is no coil file: .ccd or .tcd is expected.");
}

CoilModel coil_from(const std::string& name_or_path) {
    if (ends_with(name_or_path, ".ccd") || ends_with(name_or_path, ".tcd")) return read_coil(name_or_path);
    return coil_within(winding_named(name_or_path));
}

}  // namespace precentral
