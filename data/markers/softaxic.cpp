// SPDX-License-Identifier: Apache-2.0
// Softaxic's .stmpx: recorded coil poses as XML.
#include <chrono>
#include <cmath>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/markers/xml_tree.h"
#include "data/time.h"

namespace precentral::markers {

MarkerSet read_softaxic(const std::string& file, std::string_view text, const MarkerReading& how) {
    const XmlElement root = xml_root(file, text);
    PoseDoor door(file, CoilAxes::softaxic, how.nearest_rotation);
    if (root.name != "stmp") door.refuse("", "not a Softaxic file: it holds a <" + root.name + ">.");
    MarkerSet out;
    out.format = "softaxic";
    out.coordinate_system = "RAS";
    out.space = SpaceKind::scan;
    for (const XmlElement& map : root.children) {
        if (map.name != "fmpm") continue;
        for (const XmlElement& point : map.children) {
            if (point.name != "fmp") continue;
            const std::string where = "line " + std::to_string(point.line);
            const XmlElement* found = point.child("fp");
            MarkerPulse pulse;
            pulse.name = point.attribute("id");
            if (found != nullptr) {
                const auto number = [&](const std::string& name) {
                    return required(door, found->attribute(name), where, name);
                };
                Eigen::Matrix3d axes;
                for (int i = 0; i < 9; ++i) {
                    axes(i / 3, i % 3) = number("m" + std::to_string(i / 3) + std::to_string(i % 3));
                }
                pulse.pose = door.pose(axes, {number("x"), number("y"), number("z")}, where);
                if (!found->attribute("ts").empty()) {
                    const double ms = number("ts");
                    if (!(ms >= 0.0 && ms < 4e12)) door.refuse(where, "its time is not in ms since 1970.");
                    pulse.time = to_iso8601(UtcTime(std::chrono::milliseconds(std::llround(ms))));
                }
            }
            out.pulses.push_back(std::move(pulse));
        }
    }
    out.warnings.emplace_back("Softaxic files do not name their coordinate system; it is taken as RAS of the MRI.");
    door.tell(out.warnings);
    return out;
}

std::vector<FileText> softaxic_text(const MarkerSet& markers, const std::filesystem::path& file) {
    std::string out = "<!DOCTYPE stmp>\n<stmp>\n <fmpm dataset=\"Precentral\">\n";
    const auto add = [&](const std::string& name, const Transform<MarkerSpace, Coil>& pose, const std::string& time) {
        out += "  <fmp global=\"0\" id=\"" + xml_escaped(name) + "\">\n   <fp id=\"coil\"";
        if (time.ends_with('Z')) {
            out += " ts=\"" + std::to_string(from_iso8601(time).time_since_epoch().count()) + "\"";
        }
        const Eigen::Matrix3d axes = axes_out(pose, CoilAxes::softaxic);
        for (int i = 0; i < 9; ++i) {
            out += " m" + std::to_string(i / 3) + std::to_string(i % 3) + "=\"" + digits(axes(i / 3, i % 3)) + "\"";
        }
        const Eigen::Vector3d centre = pose.origin().xyz;
        out += " x=\"" + digits(centre.x()) + "\" y=\"" + digits(centre.y()) + "\" z=\"" + digits(centre.z()) +
               "\"/>\n  </fmp>\n";
    };
    for (const MarkerTarget& target : markers.targets) {
        if (target.pose) add(target.name, *target.pose, "");
    }
    for (const MarkerPulse& pulse : markers.pulses) {
        if (pulse.pose) add(pulse.name, *pulse.pose, pulse.time);
    }
    return {{file, out + " </fmpm>\n</stmp>\n"}};
}

}  // namespace precentral::markers
